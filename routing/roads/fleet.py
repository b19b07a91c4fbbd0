"""The trucks that collect around a hub, as a TOML file beside those of the network, each figure with its source."""

from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.settings import SiteFileError, read
from routing.model import Band, Fen
from routing.network_settings import Clock, Sourced


class Ways(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much longer roads are than the ellipsoid has it, and how fast they are driven, towns and tolls included."""

    detour_permille: Annotated[int, Meta(ge=1_000, le=3_000)]
    km_per_h: Annotated[int, Meta(ge=5, le=130)]


class Work(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a pallet takes, to load as to unload."""

    s_per_pallet: Annotated[int, Meta(ge=0, le=3_600)]


class Shift(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When trucks may be out (local time), for how long in a day, and the drivers' rests."""

    opens: Clock
    closes: Clock
    longest_h: Annotated[float, Meta(gt=0, le=24)]
    rest_after_h: Annotated[float, Meta(gt=0, le=24)]
    rest_min: Annotated[int, Meta(ge=1, le=720)]


class Kind(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trucks of one kind: how many there are on a day, what one holds, what it costs a day, a kilometre, an hour."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,30}$", description="short enough for `-MMDD` after it")]
    count: Annotated[int, Meta(ge=1, le=50)]
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]
    mass_kg: Annotated[int, Meta(ge=1, le=100_000)]
    litres: Annotated[int, Meta(ge=1, le=200_000)]
    positions: Annotated[int, Meta(ge=1, le=100)]
    use_fen: Fen = 0
    fen_per_km: Fen = 0
    fen_per_h: Fen = 0


class Fleet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`trucks.toml`: every truck starts and ends its day at `base`."""

    base: Id
    timezone: str
    ways: Ways
    work: Work
    shift: Shift
    trucks: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=20)]


def read_fleet(path: Path) -> Fleet:
    """Read the trucks.

    Raises:
        SiteFileError: It cannot be read, a value is not what it should be, or a kind is there twice.
    """
    file = read(path)
    fleet = file.convert(Fleet)
    problems = []
    if fleet.shift.closes == "24:00" or time.fromisoformat(fleet.shift.opens) >= time.fromisoformat(fleet.shift.closes):
        problems.append(file.problem("$.shift.closes", "a shift ends on the day it begins, before midnight"))
    try:
        ZoneInfo(fleet.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(file.problem("$.timezone", f"there is no time zone {fleet.timezone!r}"))
    names = [kind.id for kind in fleet.trucks]
    problems += [
        file.problem(f"$.trucks[{number}].id", f"{name!r} is there twice")
        for number, name in enumerate(names)
        if name in names[:number]
    ]
    if problems:
        raise SiteFileError(*problems)
    return fleet
