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


class Alarm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The state of one occurrence after its latest transition.

    `occurred_at`, `returned_at` and `acknowledged_at` are event time: when the condition became true for long enough,
    not when control heard of it. `value` is the value that raised it. `transition` counts the journal's entries, so a
    reader can tell an older retained message from a newer one. `historical`: late readings showed it when it was over;
    nobody could act on it, somebody must judge the goods. `revised_from`: when it was thought to have occurred before.
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
    revised_from: Moment | None = None
