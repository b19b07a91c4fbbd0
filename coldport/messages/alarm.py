"""Alarms as others see them: the retained state of each occurrence, in the words of ISA-18.2 / IEC 62682."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import ID_PATTERN, Id
from coldport.messages.observation import Moment


class AlarmState(StrEnum):
    """Where an alarm stands between the process and the operator."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"


class Priority(StrEnum):
    """Consequence and time to respond in one word; the screens show 1, 2, 3."""

    CRITICAL = "critical"
    HIGH = "high"
    LOW = "low"


class Suppression(StrEnum):
    """Whether and how an alarm is kept from operators. Its condition is judged and recorded all the same."""

    NONE = "none"
    SHELVED = "shelved"
    ONE_SHOT = "one-shot"
    BY_DESIGN = "by-design"
    OUT_OF_SERVICE = "out-of-service"


class Annunciation(StrEnum):
    """What horns and lamps do about an alarm; silencing one answers nothing."""

    SILENT = "silent"
    SOUNDING = "sounding"
    SILENCED = "silenced"


class Suppressed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How, since when, by whom and why an alarm is kept from operators.

    What is shelved ends at `until`. `reference` is the ticket of what is out of service, or the rule that suppresses by
    design.
    """

    kind: Suppression
    since: Moment
    by: str
    reason: str
    until: Moment | None = None
    approved_by: str | None = None
    reference: str | None = None


class Disposition(StrEnum):
    """What becomes of the goods that an alarm at a critical control point was about."""

    RELEASE = "release"
    REWORK = "rework"
    DOWNGRADE = "downgrade"
    DESTROY = "destroy"
    NONE_AFFECTED = "none-affected"


class Unseen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a historical occurrence came to light: the gap in which nobody saw it, and when late readings showed it.

    `onset` is when the limit was passed; `others` counts the graver and lesser limits that were passed in that gap too.
    """

    found_at: Moment
    onset: Moment
    gap_start: Moment
    gap_end: Moment
    others: Annotated[int, Meta(ge=0)] = 0


class Alarm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The state of one occurrence after its latest transition.

    `occurred_at`, `returned_at` and `acknowledged_at` are event time: when the condition became true for long enough,
    not when control heard of it. `value` is the value that raised it. `transition` counts the journal's entries, so a
    reader can tell an older retained message from a newer one. `historical`: late readings showed it when it was over;
    nobody could act on it, somebody must judge the goods; `unseen` says why. `revised_from`: when it was thought to
    have occurred before.

    `worst` is the highest priority since it was last answered, null if that is `priority`. One that `must_confirm`, or
    is `latched`, is not over when it has returned and was acknowledged; its state stays `acknowledged` until it is
    confirmed, or reset. `no_data`: nothing is known of the condition now, so it stands as it was. `first_out`: no
    other had occurred in its zone for ten minutes. `re_alarms` counts how often people were told again.
    `superseded_by`: the occurrence of a graver alarm of the same point that speaks for this one.
    """

    id: Annotated[str, Meta(pattern=f"^{ID_PATTERN[1:-1]}\\.{ID_PATTERN[1:-1]}\\.[1-9][0-9]*$")]
    definition: Id
    point: Id
    occurrence: Annotated[int, Meta(ge=1)]
    state: AlarmState
    priority: Priority
    occurred_at: Moment
    transition: Annotated[int, Meta(ge=1)]
    value: float | None = None
    returned_at: Moment | None = None
    acknowledged_at: Moment | None = None
    acknowledged_by: str | None = None
    comment: str | None = None
    historical: bool = False
    unseen: Unseen | None = None
    revised_from: Moment | None = None
    worst: Priority | None = None
    must_confirm: bool = False
    confirmed_at: Moment | None = None
    confirmed_by: str | None = None
    corrective_action: str | None = None
    disposition: Disposition | None = None
    assigned_to: str | None = None
    latched: bool = False
    no_data: bool = False
    suppressed: Suppressed | None = None
    annunciation: Annunciation = Annunciation.SILENT
    annunciated_at: Moment | None = None
    re_alarms: int = 0
    first_out: bool = False
    superseded_by: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the condition is true. A state alone does not say so: an alarm may be held after it returned."""
        return self.returned_at is None

    @property
    def isa_letter(self) -> str:
        """The state's letter in figure 2 of ISA-18.2-2016; suppression hides the four inner ones."""
        kind = Suppression.NONE if self.suppressed is None else self.suppressed.kind
        return _SUPPRESSED_LETTERS.get(kind) or _LETTERS[self.state]


_LETTERS = dict(zip(AlarmState, "ABCD", strict=True))
_SUPPRESSED_LETTERS = {
    Suppression.SHELVED: "E",
    Suppression.ONE_SHOT: "E",
    Suppression.BY_DESIGN: "F",
    Suppression.OUT_OF_SERVICE: "G",
}
