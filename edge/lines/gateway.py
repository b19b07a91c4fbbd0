"""A whole gateway as `edge.toml` says it: its spool and its lines."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, LinkId
from edge.lines.modbus import ModbusProfile, ModbusRtuLine, ModbusTcpLine
from edge.lines.reader import ReaderLine, ReaderProfile
from edge.lines.scale import ScaleLine, ScaleProfile
from edge.lines.stand_in import StandIn
from edge.lines.vendor import UplinkLine, UplinkProfile

SPOOL = LinkId("spool")
"""The line, as others see it, whose state is that of the spool; no line of the site may have its name."""

CLOCK = LinkId("clock")
"""The line, as others see it, whose state is that of the gateway's clock."""

STAND_IN = LinkId("stand-in")
"""The line, as others see it, that is down while this gateway stands in for a control that is silent."""


class WhenFull(StrEnum):
    """What a full spool does."""

    STOP_READING = "stop-reading"
    """Nothing new is read until control has confirmed something: the oldest data count most."""
    DROP_OLDEST = "drop-oldest"
    """The oldest unconfirmed observations are given up and counted: the newest data count most."""


class SpoolSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The spool file, below `edge/` of the data folder. A million observations take about 170 MB."""

    path: str = "spool.sqlite"
    limit: Annotated[int, Meta(ge=1_000, le=100_000_000)] = 5_000_000
    when_full: WhenFull = WhenFull.DROP_OLDEST


class GatewayPoints(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points of the site that tell how the gateway itself does: how full its spool is, how far its clock is ahead."""

    spool: Id | None = None
    clock: Id | None = None


Line = ModbusRtuLine | ModbusTcpLine | ScaleLine | ReaderLine | UplinkLine
Profile = ModbusProfile | ScaleProfile | ReaderProfile | UplinkProfile


class EdgeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gateway as `edge.toml` says it."""

    gateway: Id
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    spool: SpoolSettings = SpoolSettings()
    gateway_points: GatewayPoints = GatewayPoints()
    stand_in: StandIn | None = None
