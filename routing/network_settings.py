"""A freight network as a folder of TOML files: frame, places, units and lines, each figure with its source.

`network.toml` has the frame and what many share (terms of places, cut-offs, delays, duties, detours, prices),
`places.toml`, `units.toml`, `lines.toml` and `demand.toml` the rest. `departures` makes dated services of it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from coldport.site import Text
from routing.model import Band, Count, Fen, Litres, Mode, Regime

Hours = Annotated[float, Meta(ge=0, le=2_400)]
Clock = Annotated[str, Meta(pattern="^([01][0-9]:[0-5][0-9]|2[0-3]:[0-5][0-9]|24:00)$")]
Weekday = Annotated[str, Meta(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")]
Pattern = Annotated[str, Meta(pattern="^(daily|mon|tue|wed|thu|fri|sat|sun) ([01][0-9]|2[0-3]):[0-5][0-9]$")]
NodeKind = Annotated[str, Meta(pattern="^(park|hub|airport|rail|port|border|warehouse)$")]
UnitKind = Annotated[str, Meta(pattern="^(charter|uld|feu|reefer|wagon|truck|lcl)$")]
LineId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="short enough for `-MMDDhh` after it")]


class Mark(StrEnum):
    """How far a figure may be trusted."""

    MEASURED = "measured"
    PUBLISHED = "published"
    ASSUMED = "assumed"


class Sourced(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has figures says whence they are."""

    mark: Mark
    source: Annotated[str, Meta(min_length=1, max_length=200)]


class Figure(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number with its source."""

    value: Count


class Valuation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in no tariff (`routing.model.Prices`)."""

    version: Annotated[int, Meta(ge=1)]
    carbon_fen_per_t: Figure
    time_ppm_per_day: Figure
    spoilage_ppm_per_h: Figure
    exposed_permille: Figure


class Detour(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much longer a mode goes than the ellipsoid has it, and by how many metres on top."""

    mode: Mode
    permille: Annotated[int, Meta(ge=1_000, le=3_000)]
    extra_m: Count = 0


class CutOffs(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours before the departure by which a thing must be done."""

    id: Id
    booking_h: Hours
    documents_h: Hours
    customs_h: Hours
    gate_in_h: Hours


class Delays(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The eleven deciles of how much later services arrive, the least first."""

    id: Id
    deciles_h: Annotated[tuple[Hours, ...], Meta(min_length=11, max_length=11)]


class Duty(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is due of the value of goods that enter a country under a regime."""

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    regime: Regime
    ppm: Count


Union = Annotated[tuple[str, ...], Meta(min_length=2)]


class Room(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Storage of a band; see `routing.model.Storage`."""

    band: Band
    fen_per_m3_day: Fen
    litres: Litres | None = None


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection time that is not the usual one of the place."""

    arriving: Mode
    leaving: Mode
    least_h: Hours


class Terms(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What places of one sort do and ask: hours (local time), handling, storage, plugs. No hours: always open."""

    id: Id
    opens: Clock | None = None
    closes: Clock | None = None
    closed_on: tuple[Weekday, ...] = ()
    connection_h: Hours
    connections: tuple[Change, ...] = ()
    handling_fen_per_t: Fen
    handling_co2e_g_per_t: Count
    storage: tuple[Room, ...] = ()
    plugs: Count = 0
    dwell_limit_h: Hours | None = None


class Place(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place of the network; the mark is that of its coordinates, in degrees. No regimes: it serves all."""

    id: Id
    name: Text
    kind: NodeKind
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    timezone: str
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    terms: Id
    regimes: tuple[Regime, ...] = ()


class Unit(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of unit: what it holds, and its CO2e for each kilometre and each tonne-kilometre (well to wheel)."""

    id: Id
    kind: UnitKind
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]
    mass_kg: Annotated[int, Meta(ge=1)]
    litres: Annotated[int, Meta(ge=1)]
    positions: Annotated[int, Meta(ge=1)]
    plugs: Annotated[int, Meta(ge=0, le=1)] = 0
    unit_co2e_g_per_km: Count = 0
    co2e_g_per_tkm: Count = 0


class Discount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `units` booked on, every unit costs `unit_fen`."""

    units: Annotated[int, Meta(ge=2)]
    unit_fen: Fen


class Tariff(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit costs on a line, and how many of it each departure has."""

    unit: Id
    count: Annotated[int, Meta(ge=1, le=1_000)]
    unit_fen: Fen
    open_fen: Fen = 0
    fen_per_t: Fen = 0
    min_take: Count = 0
    steps: tuple[Discount, ...] = ()
    cancel_before_h: Hours | None = None
    cancel_fen: Fen = 0


class Line(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line by its weekly pattern, in local time of its origin; the mark is that of pattern and transit.

    `via` are places its way goes through, for the distance; a published `distance_m` goes before it. `plugs`: reefers
    it can feed in all. `long_haul`: one of those the planner exists for, and no feeder to them.
    """

    id: LineId
    name: Text
    mode: Mode
    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    origin: Id
    destination: Id
    departs: Annotated[tuple[Pattern, ...], Meta(min_length=1, max_length=21)]
    transit_h: Annotated[float, Meta(gt=0, le=2_400)]
    cut_offs: Id
    delays: Id
    offers: Annotated[tuple[Tariff, ...], Meta(min_length=1)]
    via: tuple[Id, ...] = ()
    distance_m: Count | None = None
    not_on: tuple[date, ...] = ()
    plugs: Count | None = None
    long_haul: bool = False
    runs_on_d: Annotated[int, Meta(ge=0, le=90)] = 0
    """Days after those of the network on which it still departs: it carries on what came late."""


class Frame(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`network.toml`: from `start` on, `days` days of departures, and what places and lines share."""

    id: Id
    name: Text
    start: Moment
    days: Annotated[int, Meta(ge=1, le=120)]
    prices: Valuation
    detours: tuple[Detour, ...]
    cut_offs: tuple[CutOffs, ...]
    delays: tuple[Delays, ...]
    terms: tuple[Terms, ...]
    duties: tuple[Duty, ...] = ()
    unions: tuple[Union, ...] = ()
    """Countries of one customs union: no duty between them."""


class Market(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where goods go: its share of the consignments, and how many days from ready to due, least and most."""

    place: Id
    share: Annotated[int, Meta(ge=1)]
    urgent_d: tuple[int, int]
    usual_d: tuple[int, int]


class Goods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sort of goods: its share among those of its band, what a kilogram is worth, least and most."""

    id: Id
    band: Band
    share: Annotated[int, Meta(ge=1)]
    fen_per_kg: tuple[Fen, Fen]
    regimes: Annotated[tuple[Regime, ...], Meta(min_length=1)]
    load_class: Id | None = None
    keeps: bool = False
    """It has no shelf life that counts here."""


class Demand(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`demand.toml`: what consignments are drawn from. Origins are drawn evenly; one named twice, twice as often."""

    origins: Annotated[tuple[Id, ...], Meta(min_length=1)]
    chilled_permille: Annotated[int, Meta(ge=0, le=1_000)]
    frozen_permille: Annotated[int, Meta(ge=0, le=1_000)]
    urgent_permille: Annotated[int, Meta(ge=0, le=1_000)]
    unplanned_fen: Fen
    unplanned_fen_per_t: Fen
    markets: Annotated[tuple[Market, ...], Meta(min_length=1)]
    goods: Annotated[tuple[Goods, ...], Meta(min_length=1)]


class Places(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`places.toml`."""

    places: Annotated[tuple[Place, ...], Meta(min_length=2)]


class Units(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`units.toml`."""

    units: Annotated[tuple[Unit, ...], Meta(min_length=1)]


class Lines(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lines.toml`."""

    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class Network:
    """A whole network, checked."""

    frame: Frame
    places: tuple[Place, ...]
    units: tuple[Unit, ...]
    lines: tuple[Line, ...]
    demand: Demand
