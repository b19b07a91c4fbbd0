"""What the journal holds: one frozen kind for each thing that happened. The alarm engine is a fold over these."""

from datetime import datetime

from msgspec import Struct

from coldport.ids import Id
from coldport.messages.alarm import Alarm
from coldport.messages.command import Command, CommandReply
from coldport.messages.observation import BootId, Moment, Observation, Seq


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


class Transitioned(Struct, frozen=True, kw_only=True, tag_field="entry", tag="transitioned"):
    """An alarm moved. It follows from the entries before it; followers forward it as it stands."""

    alarm: Alarm


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


class Replied(Struct, frozen=True, kw_only=True, tag_field="entry", tag="replied"):
    """A gateway said how far a command has come."""

    reply: CommandReply


Content = Observed | Started | Ticked | Acknowledged | Transitioned | Tampered | Commanded | Replied


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
