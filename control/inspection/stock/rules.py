"""What may be done with stock, as one table: a verb moves a quantity from one status to another, or over the border.

So nothing appears or disappears but by a row that says so: `OUTSIDE` is before a lot comes and after it has gone.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """What a quantity of a lot is at a place."""

    OUTSIDE = "outside"
    ARRIVED = "arrived"
    """It is in the house and on no shelf; the account may not have it yet."""
    FREE = "free"
    RESERVED = "reserved"
    PICKED = "picked"
    PACKED = "packed"
    QUARANTINE = "quarantine"
    """It was too warm, is damaged or expired, or somebody wants to look at it."""
    SUSPENDED = "suspended"
    """Customs has stopped movements of its account."""


class Verb(StrEnum):
    """What somebody does."""

    RECEIVE = "receive"
    PUT_AWAY = "put-away"
    MOVE = "move"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    PICK = "pick"
    PUT_BACK = "put-back"
    PACK = "pack"
    UNPACK = "unpack"
    SHIP = "ship"
    QUARANTINE = "quarantine"
    QUARANTINE_ARRIVED = "quarantine-arrived"
    QUARANTINE_RESERVED = "quarantine-reserved"
    QUARANTINE_PICKED = "quarantine-picked"
    MOVE_QUARANTINED = "move-quarantined"
    CLEAR = "clear"
    SUSPEND = "suspend"
    RESUME = "resume"
    DESTROY = "destroy"
    ADJUST_UP = "adjust-up"
    ADJUST_DOWN = "adjust-down"


class Row(Struct, frozen=True):
    """From where to where a verb moves, and what it needs: an order, another bin, a reason, two people."""

    before: Status
    after: Status
    order: bool = False
    other_bin: bool = False
    reason: bool = False
    two: bool = False


S = Status

RULES: Mapping[Verb, Row] = {
    Verb.RECEIVE: Row(S.OUTSIDE, S.ARRIVED),
    Verb.PUT_AWAY: Row(S.ARRIVED, S.FREE, other_bin=True),
    Verb.MOVE: Row(S.FREE, S.FREE, other_bin=True),
    Verb.RESERVE: Row(S.FREE, S.RESERVED, order=True),
    Verb.UNRESERVE: Row(S.RESERVED, S.FREE, order=True),
    Verb.PICK: Row(S.RESERVED, S.PICKED, order=True),
    Verb.PUT_BACK: Row(S.PICKED, S.FREE, order=True, reason=True),
    Verb.PACK: Row(S.PICKED, S.PACKED, order=True),
    Verb.UNPACK: Row(S.PACKED, S.PICKED, order=True, reason=True),
    Verb.SHIP: Row(S.PACKED, S.OUTSIDE, order=True),
    Verb.QUARANTINE: Row(S.FREE, S.QUARANTINE, reason=True),
    Verb.QUARANTINE_ARRIVED: Row(S.ARRIVED, S.QUARANTINE, reason=True),
    Verb.QUARANTINE_RESERVED: Row(S.RESERVED, S.QUARANTINE, order=True, reason=True),
    Verb.QUARANTINE_PICKED: Row(S.PICKED, S.QUARANTINE, order=True, reason=True),
    Verb.MOVE_QUARANTINED: Row(S.QUARANTINE, S.QUARANTINE, other_bin=True),
    Verb.CLEAR: Row(S.QUARANTINE, S.FREE, reason=True, two=True),
    Verb.SUSPEND: Row(S.FREE, S.SUSPENDED, reason=True),
    Verb.RESUME: Row(S.SUSPENDED, S.FREE, reason=True),
    Verb.DESTROY: Row(S.QUARANTINE, S.OUTSIDE, reason=True, two=True),
    Verb.ADJUST_UP: Row(S.OUTSIDE, S.FREE, reason=True, two=True),
    Verb.ADJUST_DOWN: Row(S.FREE, S.OUTSIDE, reason=True, two=True),
}

ADJUSTING = frozenset({Verb.ADJUST_UP, Verb.ADJUST_DOWN})
"""Verbs that put the records right after a count."""
FOR_ORDER = frozenset({S.RESERVED, S.PICKED, S.PACKED})
"""Statuses in which a quantity belongs to an order."""
