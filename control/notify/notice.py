"""What goes out to one recipient by one channel, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id


class Why(StrEnum):
    """Why a notice goes out."""

    RAISED = "raised"
    ESCALATED = "escalated"
    """Nobody has acknowledged."""
    UNFIXED = "unfixed"
    """Acknowledged, and still true."""
    CHANGED = "changed"
    """The priority is another."""
    RETURNED = "returned"
    DIGEST = "digest"
    TEST = "test"


class Notice(Struct, frozen=True, kw_only=True):
    """A text for one recipient. `key` names it for ever: what was sent under it is never sent on purpose again.

    The key of a notice about one alarm is `alarm/transition/step/recipient/channel`: alarm and transition as in the
    journal, step as `why.round.step.repeat`. `address` is where the channel finds the recipient, or "".
    """

    key: Annotated[str, Meta(max_length=400)]
    why: Why
    channel: Id
    recipient: Id
    address: str
    critical: bool
    at: datetime
    title: str
    text: str
    alarms: tuple[str, ...] = ()


class Sent(Struct, frozen=True):
    """The service took it."""


class Refused(Struct, frozen=True):
    """The service will not take this notice, however often it is asked."""

    reason: str


class Throttled(Struct, frozen=True):
    """The service takes nothing for now."""

    reason: str


Outcome = Sent | Refused | Throttled
