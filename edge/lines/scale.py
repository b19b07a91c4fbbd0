"""Scales, one a line, and the profiles of what they speak."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from edge.lines.base import DeviceType, Seconds, Serial, Tcp


class Dialect(StrEnum):
    """What a scale speaks."""

    SICS = "mt-sics"
    TOLEDO = "toledo-continuous"


class ScaleProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="scale"):
    """A type of scale. One that is asked is asked every `every_s`; `checksum` is whether its frames end with one."""

    dialect: Dialect
    every_s: Seconds = 0.2
    checksum: bool = True


class ScaleLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="scale"):
    """One scale on a line of its own. `division_kg` is its division d, as the plate on it says."""

    id: Id
    profile: str
    point: Id
    division_kg: Annotated[float, Meta(gt=0)]
    serial: Serial | None = None
    tcp: Tcp | None = None
