"""What happens on a lane beside what its gate and scale observe, as the journal keeps it."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Epc, Moment
from control.inspection.clearance import Clearance
from control.inspection.lane.verdict import Verdict, VerdictReason

LogisticsNo = Annotated[str, Meta(min_length=1, max_length=80, description="运单号")]
Said = Annotated[str, Meta(min_length=1, max_length=500)]
Stratum = Annotated[str, Meta(pattern="^[a-z0-9-]{1,40}$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Share = Annotated[float, Meta(ge=0, le=1)]
ScanId = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{8,40}$")]


class Scanned(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="scanned"):
    """A scanner of a lane read a label; `code` is its text as it came.

    `id` is made where it was scanned: a scan that is told twice, because its answer was lost, is one scan.
    """

    lane: Id
    code: Annotated[str, Meta(min_length=1, max_length=256)]
    at: Moment
    by: Person
    id: ScanId | None = None


class Imaged(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="imaged"):
    """Somebody or something looked at the image of what passed at `at`, and found it suspicious or not."""

    lane: Id
    suspicious: bool
    at: Moment
    by: Person
    text: Said | None = None
    image: Annotated[str, Meta(max_length=200)] | None = None


class TagBound(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="tag-bound"):
    """A tag was stuck to a parcel. `again`: it was on another one before, and is no more."""

    epc: Epc
    logistics_no: LogisticsNo
    at: Moment
    by: Person
    again: bool = False


class Drawn(Struct, frozen=True, kw_only=True):
    """How a parcel fared in the draw of a day."""

    day: date
    stratum: Stratum
    rate: Share
    selected: bool


class Judged(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="judged"):
    """What a lane decided of what stood on its scale, or of a tag that came to no scale.

    `presentation` is one passing of one thing; of one presentation one verdict stands, and `supersedes` names the one
    that stood before it. The first of the `reasons` decided; the others were true as well. The rest is what it was
    judged by. `rules` is the version of the table of rules.
    """

    id: str
    presentation: str
    lane: Id
    at: Moment
    verdict: Verdict
    reasons: tuple[VerdictReason, ...]
    rules: int
    supersedes: str | None = None
    logistics_no: LogisticsNo | None = None
    epcs: tuple[Epc, ...] = ()
    codes: tuple[str, ...] = ()
    measured_kg: float | None = None
    error_kg: float | None = None
    declared_kg: float | None = None
    clearance: Clearance = Clearance.NONE
    seen_at: Moment | None = None
    drawn: Drawn | None = None


class Overridden(Struct, frozen=True, kw_only=True, tag_field="entry", tag="overridden"):
    """Two persons overruled the verdict `judged`. Until there are logins they are the names given with the request."""

    judged: str
    logistics_no: LogisticsNo
    verdict: Verdict
    reason: Said
    at: Moment
    by: Person
    approved_by: Person


class DrawCommitted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="draw-committed"):
    """The seed of a day's draw is fixed: `sha256` of it is told before the first parcel.

    With a second share, `second_sha256`, neither of the two who made them could choose the seed.
    """

    day: date
    sha256: Sha256
    at: Moment
    by: Person
    second_sha256: Sha256 | None = None


class DrawRevealed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="draw-revealed"):
    """The day is over: its seed in hex, and the second share. Anybody may draw again: docs/how-to/check-the-draw.md."""

    day: date
    seed: Sha256
    at: Moment
    by: Person
    second_share: Sha256 | None = None


class RateSet(Struct, frozen=True, kw_only=True, tag_field="entry", tag="draw-rate-set"):
    """From `at` on this share of a stratum is drawn; what was judged before stays as it is."""

    stratum: Stratum
    rate: Share
    reason: Said
    at: Moment
    by: Person


LaneAct = Scanned | Imaged | TagBound | Overridden | DrawCommitted | DrawRevealed | RateSet
"""What people and devices tell of lanes. `Judged` follows from these and from observations."""
