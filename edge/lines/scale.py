"""Scales, one a line, and the profiles of what they speak."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from coldport.ids import Id
from edge.lines.base import DeviceType, Seconds, Serial, Tcp

Mass = Annotated[float, Meta(gt=0)]
KeyText = Annotated[str, Meta(min_length=1, max_length=16, pattern="^[\\x20-\\x7e\\r\\n]+$")]


class Dialect(StrEnum):
    """What a scale speaks."""

    SICS = "mt-sics"
    TOLEDO = "toledo-continuous"
    YAOHUA_CONTINUOUS = "yaohua-tf0"
    YAOHUA_COMMANDS = "yaohua-tf1"
    YAOHUA_REVERSED = "yaohua-reversed"
    YAOHUA_FORWARD = "yaohua-forward"
    YAOHUA_A12 = "yaohua-a12"
    ST_GS = "st-gs"
    CAS_LONG = "cas-22"
    CAS_SHORT = "cas-10"

    @property
    def asked(self) -> bool:
        """Whether such a scale is asked; the others speak by themselves."""
        return self in (Dialect.SICS, Dialect.YAOHUA_COMMANDS)


class Key(StrEnum):
    """A key of a scale that can be pressed from afar."""

    ZERO = "zero"
    TARE = "tare"
    CLEAR_TARE = "clear-tare"
    PRESET_TARE = "preset-tare"


class ScaleProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="scale"):
    """A type of scale.

    One that is asked is asked every `every_s`, and answers with `digits` digits where their number is not fixed; one
    that speaks by itself does so at least `rate_hz` times a second. `checksum` is whether its frames end with one,
    where that is a setting of the scale. `unit` is that of frames without one. `characters` is the length of every line
    without its end, where the maker fixes it. `keys` is what to send to press a key; MT-SICS knows all of them.
    """

    dialect: Dialect
    every_s: Seconds = 0.2
    rate_hz: Annotated[float, Meta(gt=0, le=100)] = 7.0
    checksum: bool = True
    unit: Literal["kg", "g", "t", "lb"] = "kg"
    digits: Annotated[int, Meta(ge=6, le=8)] = 6
    characters: Annotated[int, Meta(ge=8, le=32)] | None = None
    keys: dict[Key, KeyText] = field(default_factory=dict)


class LoadKind(StrEnum):
    """What is weighed: how long it must stand still (0.5 s, 1.5 s, 3 s), and what ends a load."""

    PARCEL = "parcel"
    PALLET = "pallet"
    TRUCK = "truck"

    @property
    def hold_s(self) -> float:
        """How long the values must stay within one division when the scale does not tell that it is at rest."""
        return {LoadKind.PARCEL: 0.5, LoadKind.PALLET: 1.5, LoadKind.TRUCK: 3.0}[self]


class Load(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a load is on this scale: each is weighed once. What is left out is counted in divisions d of the scale.

    `empty_kg`: up to this the platform is empty (10 d). `minimum_kg`: the least that is weighed (20 d). `change_kg`:
    how much another mass must differ to be another load, where parcels follow each other on the platform (10 d).
    """

    kind: LoadKind = LoadKind.PARCEL
    empty_kg: Mass | None = None
    minimum_kg: Mass | None = None
    change_kg: Mass | None = None

    def empty(self, division_kg: float) -> float:
        """Return `empty_kg`, counted out where it is left out."""
        return self.empty_kg or 10 * division_kg

    def minimum(self, division_kg: float) -> float:
        """Return `minimum_kg`, counted out where it is left out."""
        return self.minimum_kg or 20 * division_kg

    def change(self, division_kg: float) -> float:
        """Return `change_kg`, counted out where it is left out."""
        return self.change_kg or 10 * division_kg


class ScaleLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="scale"):
    """One scale on a line of its own. `division_kg` is its division d, as the plate on it says.

    With `load`, each load is weighed once. With `serial_number`, no other scale is read on this line (MT-SICS only).
    `address` is the indicator's letter where it has one (Yaohua tF=1).
    """

    id: Id
    profile: str
    point: Id
    division_kg: Mass
    serial: Serial | None = None
    tcp: Tcp | None = None
    load: Load | None = None
    serial_number: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    address: Annotated[str, Meta(pattern="^[A-Z]$")] = "A"
