"""Commands to what a gateway can move: lamps, sirens, diverters, set points. And how each of them went.

A command names an absolute target, never a step, so that a repeat does no harm; it expires, so that a lane is never
opened late; and it is done only when the device, read back, is where it was told to be.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment, Reason

CommandId = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="a UUID (RFC 9562)")]

LONGEST_LIFE_S = 600
"""A command that may be carried out ten minutes later is a wish."""


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put the output `point` to `value`, in the unit of its quantity: 1 is a lamp that is on.

    It is refused from `expires_at` on, by the gateway's clock, and by a gateway whose clock is not trusted.
    """

    id: CommandId
    point: Id
    value: float
    issued_at: Moment
    expires_at: Moment
    issued_by: Annotated[str, Meta(min_length=1, max_length=60)]


class Stage(StrEnum):
    """How far a command has come. The last four end it; a repeat of an ended command is answered with its end."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    EXECUTING = "executing"
    DONE = "done"
    """Read back: the output is where it was told to be."""
    REJECTED = "rejected"
    """Nothing was moved; `reason` says why: `unknown-point`, `not-an-output`, `out-of-range`, `clock-not-trusted` .."""
    FAILED = "failed"
    """It was tried and the device did not follow, or could not be asked whether it did."""
    EXPIRED = "expired"


class CommandReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One stage of one command. `observed` is what was read back."""

    gateway: Id
    id: CommandId
    point: Id
    stage: Stage
    at: Moment
    reason: Reason | None = None
    observed: float | None = None
