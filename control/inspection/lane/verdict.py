"""What a lane says of a parcel, and why: every reason by its id, its words are in `words/`."""

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """What becomes of a parcel at the end of a lane."""

    RELEASE = "release"
    """放行: it may go on."""
    WAIT = "wait"
    """等待: customs has not answered; it goes round again."""
    RECHECK = "recheck"
    """复检: it goes round again, because a measurement is missing or in doubt."""
    HOLD = "hold"
    """扣留: it is put aside until somebody has found out what it is."""
    INSPECT = "inspect"
    """查验: it is opened."""


class Why(StrEnum):
    """Why a verdict is what it is."""

    LATE = "late"
    MULTI_TAG = "multi-tag"
    UNTAGGED_BESIDE = "untagged-beside"
    WENT_BACK = "went-back"
    TAG_OF_TWO = "tag-of-two"
    SCAN_OF_TWO = "scan-of-two"
    SCANS_DIFFER = "scans-differ"
    TAG_AND_SCAN_DIFFER = "tag-and-scan-differ"
    UNBOUND_TAG = "unbound-tag"
    NO_TAG = "no-tag"
    NO_SCAN = "no-scan"
    UNNAMED = "unnamed"
    UNWEIGHED = "unweighed"
    UNKNOWN_PARCEL = "unknown-parcel"
    NO_INVENTORY = "no-inventory"
    BROKEN_DOCUMENTS = "broken-documents"
    CUSTOMS_HOLDS = "customs-holds"
    CUSTOMS_REFUSES = "customs-refuses"
    WATCHED = "watched"
    IMAGE_FLAGGED = "image-flagged"
    NO_IMAGE = "no-image"
    BAD_WEIGHING = "bad-weighing"
    NO_DECLARED_WEIGHT = "no-declared-weight"
    WEIGHT_OFF = "weight-off"
    WEIGHT_FAR_OFF = "weight-far-off"
    TOO_WARM = "too-warm"
    SEEN_EARLIER = "seen-earlier"
    SEEN_TWICE = "seen-twice"
    NOT_DRAWN_YET = "not-drawn-yet"
    DRAWN = "drawn"
    NOT_RELEASED_YET = "not-released-yet"
    WENT_ROUND = "went-round"
    CAME_LATE = "came-late"
    RECALLED = "recalled"
    OVERRULED = "overruled"
    CLEARED = "cleared"


class VerdictReason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason. `of` are the values its words speak of: masses in kg, moments in RFC 3339."""

    why: Why
    of: dict[str, str | float] = {}


def reason(why: Why, **of: str | float) -> VerdictReason:
    """Return a reason with its values."""
    return VerdictReason(why=why, of=of)
