"""Whether the parts are there: presence of a process, state of its links to devices, health of each device."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment, Reason

SIMULATOR = "simulator"
"""The process that invents values. While it is online every screen says that what it shows is not real."""


class Presence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A process is on the bus, or was. The offline one is its will, so it carries no moment but that of its birth.

    `session` tells a late will of an old session from the current one: a reader ignores an offline whose session is not
    the one it saw come online.
    """

    process: Id
    session: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    online: bool
    since: Moment


class LinkState(StrEnum):
    """How a device or the line to it does."""

    UP = "up"
    DOWN = "down"


class LinkStatus(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line, or one device on it, changed state. `device` is absent when the status is that of the whole line."""

    gateway: Id
    link: Id
    state: LinkState
    since: Moment
    device: Id | None = None
    reason: Reason | None = None


class Health(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How well one device is heard, said every ten seconds while it changes.

    `frames` and `errors` count since the gateway started: what was read, and what was spoiled, refused or not answered.
    `error_share` is that of the last five minutes, 0 to 1. `rssi_dbm` and `battery_percent` are of devices by radio.
    """

    gateway: Id
    link: Id
    device: Id
    at: Moment
    frames: Annotated[int, Meta(ge=0)]
    errors: Annotated[int, Meta(ge=0)]
    error_share: Annotated[float, Meta(ge=0, le=1)]
    last_frame_at: Moment | None = None
    last_error: Reason | None = None
    rssi_dbm: int | None = None
    battery_percent: float | None = None
