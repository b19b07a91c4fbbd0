"""What the journal holds: one frozen kind for each thing that happened. The alarm engine is a fold over these."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from coldport.ids import Id
from coldport.messages.alarm import Alarm, Disposition
from coldport.messages.command import Command, CommandReply
from coldport.messages.observation import BootId, Moment, Observation, Seq
from control.access.acts import GrantGiven, GrantWithdrawn, KeyIssued, KeyRevoked, PartyAdded
from control.exposure.custody import LotAssessed, LotMoved, LotReceived, LotShipped, LotStated
from control.inspection.floor import Consequence, FloorAct
from control.passport.acts import PassportAct


class Observed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="observed"):
    """Observations of one gateway that were new to the journal; their sequence numbers have no gap."""

    gateway: Id
    boot_id: BootId
    observations: tuple[Observation, ...]


class Started(Struct, frozen=True, kw_only=True, tag_field="entry", tag="started"):
    """Control started. Time before it without data is unknown, not stale."""

    at: Moment


class Ticked(Struct, frozen=True, kw_only=True, tag_field="entry", tag="ticked"):
    """Time went on to `at` and that moved an alarm; ticks that move nothing are not kept."""

    at: Moment


class Acknowledged(Struct, frozen=True, kw_only=True, tag_field="entry", tag="acknowledged"):
    """A person acknowledged an occurrence."""

    alarm: str
    at: Moment
    by: str
    comment: str | None = None


class Action(StrEnum):
    """What a person can do about an alarm, besides acknowledging it."""

    CONFIRM = "confirm"
    UNACKNOWLEDGE = "unacknowledge"
    RESET = "reset"
    SILENCE = "silence"
    ASSIGN = "assign"
    SHELVE = "shelve"
    SHELVE_ONCE = "shelve-once"
    UNSHELVE = "unshelve"
    OUT_OF_SERVICE = "out-of-service"
    RETURN_TO_SERVICE = "return-to-service"


class Acted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="acted"):
    """A person did something about an alarm.

    `alarm` names an occurrence; where an alarm is put aside, taken out of service or back, it may name the alarm itself
    (`definition.point`), whether or not that ever occurred. `text` is the corrective action, or the reason.
    `approved_by` is the second person where two are needed, `until` the end of a shelf, `reference` a ticket.
    """

    action: Action
    alarm: str
    at: Moment
    by: str
    approved_by: str | None = None
    text: str | None = None
    disposition: Disposition | None = None
    assignee: str | None = None
    until: Moment | None = None
    reference: str | None = None


class Transitioned(Struct, frozen=True, kw_only=True, tag_field="entry", tag="transitioned"):
    """An alarm moved. It follows from the entries before it; followers forward it as it stands."""

    alarm: Alarm


class Found(Struct, frozen=True, kw_only=True):
    """The gravest excursion found in one gap of a point, and how many others were found there with it.

    All moments are those of the record (`control.alarms.record`): `onset` the first reading beyond the limit,
    `raised_at` when the on-delay was over.
    """

    definition: str
    version: int
    onset: Moment
    raised_at: Moment
    returned_at: Moment
    worst: float
    worst_at: Moment
    known_s: float
    unknown_s: float
    others: int
    gap_start: Moment
    gap_end: Moment


class Revised(Struct, frozen=True, kw_only=True):
    """An alarm had occurred at `was` by what was known; by what is known now it occurred at `now`."""

    definition: str
    was: Moment
    now: Moment


class Reviewed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="reviewed"):
    """Readings of a point that came too late to be judged live were folded into its record, from `since` to `until`.

    `closed` are gaps, from and to, of which nothing remains.
    """

    point: Id
    at: Moment
    since: Moment
    until: Moment
    found: tuple[Found, ...] = ()
    revised: tuple[Revised, ...] = ()
    closed: tuple[tuple[Moment, Moment], ...] = ()


class Tampered(Struct, frozen=True, kw_only=True, tag_field="entry", tag="tampered"):
    """An observation came again under the same name with another content. The first one stands."""

    gateway: Id
    boot_id: BootId
    seq: Seq
    first: Observation
    again: Observation


class Commanded(Struct, frozen=True, kw_only=True, tag_field="entry", tag="commanded"):
    """Somebody told an output what to do. It is on record whether or not a gateway obeyed."""

    command: Command


class Sealed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="sealed"):
    """Entries `first` to `last` were sealed: `control.records.seal` makes it, docs/reference/record-format.md explains.

    All but `step`, numbers and `sealed_at` is in lower-case hex. `marks` are the first bytes of the chain hash of every
    `step`-th entry; `before` is the SHA-256 of the seal before, empty in the first.
    """

    first: int
    last: int
    root: str
    chain: str
    step: int
    marks: tuple[str, ...]
    before: str
    sealed_at: Moment
    key: str
    signature: str


class Pruned(Struct, frozen=True, kw_only=True, tag_field="entry", tag="pruned"):
    """Samples observed before `before` left the historian, by the rule of the site; the journal keeps them."""

    at: Moment
    by: str
    before: Moment
    samples: int


class Replied(Struct, frozen=True, kw_only=True, tag_field="entry", tag="replied"):
    """A gateway said how far a command has come."""

    reply: CommandReply


Content = (
    Observed
    | Started
    | Ticked
    | Acknowledged
    | Acted
    | Transitioned
    | Reviewed
    | Tampered
    | Commanded
    | Replied
    | Sealed
    | Pruned
    | LotReceived
    | LotMoved
    | LotShipped
    | LotStated
    | LotAssessed
    | PartyAdded
    | KeyIssued
    | KeyRevoked
    | GrantGiven
    | GrantWithdrawn
    | FloorAct
    | Consequence
    | PassportAct
)


class Entry(Struct, frozen=True):
    """One numbered line of the journal."""

    number: int
    recorded_at: datetime
    content: Content


def is_event(content: Content) -> bool:
    """Tell whether something happened that is neither an observation nor time: what people and alarms did."""
    return not isinstance(content, Observed | Ticked)


class Mark(Struct, frozen=True):
    """The sequence numbers that one `Observed` entry holds. By its mark a repeat is known."""

    gateway: str
    boot_id: str
    first_seq: int
    last_seq: int
    entry: int
