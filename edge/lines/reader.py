"""RFID readers, one a line, and the profiles of what they speak."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from edge.lines.base import DeviceType, Tcp


class ReaderProtocol(StrEnum):
    """What a reader speaks."""

    LLRP = "llrp"


class ReaderProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="reader"):
    """A type of RFID reader."""

    protocol: ReaderProtocol


class ReaderLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="reader"):
    """One RFID reader; all its antennas belong to one gate.

    A reader that is silent for one and a half `keepalive_s` is given up. Without `power_dbm` it keeps its own power.
    """

    id: Id
    profile: str
    point: Id
    tcp: Tcp
    antennas: Annotated[tuple[Annotated[int, Meta(ge=1, le=65_535)], ...], Meta(min_length=1)]
    keepalive_s: Annotated[float, Meta(ge=0.2, le=60)] = 2.0
    power_dbm: Annotated[float, Meta(ge=0, le=33)] | None = None
