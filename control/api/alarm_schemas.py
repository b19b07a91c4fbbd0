"""The shapes of what is said and asked about alarms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, StringConstraints

from coldport.messages.alarm import AlarmState, Annunciation, Disposition, Priority, Suppression
from control.alarms.pending import Phase

_Line = StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")

Person = Annotated[str, _Line, Field(min_length=1, max_length=60)]
Said = Annotated[str, _Line, Field(min_length=1, max_length=200)]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionView:
    """How an alarm (`definition.point`) is kept from operators; of kind `none` it is not, and the rest is null.

    `isa` is the letter of ISA-18.2: E shelved, F suppressed by design, G out of service. `reference` is the ticket of
    what is out of service, or the rule that suppresses by design.
    """

    alarm: str
    definition: str
    point: str
    zone: str | None
    kind: Suppression
    isa: str | None
    since: datetime | None
    until: datetime | None
    by: str | None
    approved_by: str | None
    reason: str | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenView:
    """How a historical occurrence came to light: the gap in which nobody saw it, and when late readings showed it.

    `onset` is when its limit was passed; `others` counts the other limits that were passed in that gap too.
    """

    found_at: datetime
    onset: datetime
    gap_start: datetime
    gap_end: datetime
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One occurrence of an alarm. `value` raised it; the moments are those of the process, not of the computer.

    `state` is that of the occurrence, `isa` its letter with suppression. `active`: the condition is true; an occurrence
    that is `latched`, or that `must_confirm`, stays after it returned. `worst` is the highest priority since it was
    last answered. `no_data`: nothing is known of it now. `historical`: late readings showed it when it was over;
    `unseen` says of which gap. `superseded_by`: a graver alarm of the point that speaks for it.
    """

    id: str
    definition: str
    point: str
    zone: str | None
    occurrence: int
    state: AlarmState
    isa: str
    active: bool
    priority: Priority
    worst: Priority
    value: float | None
    occurred_at: datetime
    returned_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    comment: str | None
    must_confirm: bool
    confirmed_at: datetime | None
    confirmed_by: str | None
    corrective_action: str | None
    disposition: Disposition | None
    assigned_to: str | None
    latched: bool
    no_data: bool
    suppression: SuppressionView
    annunciation: Annunciation
    re_alarms: int
    first_out: bool
    superseded_by: str | None
    historical: bool
    unseen: UnseenView | None
    revised_from: datetime | None
    transition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingView:
    """A condition whose delay runs since `since`: not an alarm yet, or one that will return."""

    definition: str
    point: str
    zone: str | None
    phase: Phase
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeBody:
    """Who acknowledges, and what there is to say. One line each."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    comment: Annotated[str, _Line, Field(max_length=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBody:
    """Who does it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBody:
    """What was done, and what becomes of the goods; the latter must be said of a critical control point."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    corrective_action: Said
    disposition: Disposition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignBody:
    """Whose task it is from now on; null: nobody's."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    to: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelveBody:
    """For how long an alarm is put aside and why; `once`: only until its condition returns, if that is sooner."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    reason: Said
    minutes: Annotated[float, Field(gt=0, le=1_440, allow_inf_nan=False)]
    once: bool = False
    approved_by: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfServiceBody:
    """Why an alarm is taken out of service, and by which ticket somebody sees to it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    reason: Said
    ticket: Said
    approved_by: Person | None = None
