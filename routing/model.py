"""What is planned: places, dated services, what can be booked on them, and the goods. Whole numbers only.

Units: seconds since `Instance.start`, metres, grams, litres, fen (0.01 CNY), grams of CO2e; rates say theirs in their
names. `routing/DESIGN.md` states the problem in mathematics; `routing/validate.py` checks a plan against every rule.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from coldport.site import Text

Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[int, Meta(ge=0, le=366 * 86_400)]
Grams = Annotated[int, Meta(ge=0, le=10**12)]
Litres = Annotated[int, Meta(ge=0, le=10**9)]
Fen = Annotated[int, Meta(ge=0, le=10**13)]
Microdegrees = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]

PLUG_LITRES = 60_000
"""What one reefer plug keeps cold: a forty-foot box, in practice 58 to 62 m3."""


class Mode(StrEnum):
    """How a service moves."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"
    SEA = "sea"
    RIVER = "river"


class Band(StrEnum):
    """The temperature band goods are kept in. Ambient goods suffer from nothing."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class Regime(StrEnum):
    """The customs regime of goods: 9610 direct mail, 1210 bonded, 9710/9810 B2B export, 0110 general trade."""

    GENERAL = "0110"
    BONDED = "1210"
    DIRECT_MAIL = "9610"
    B2B = "9710"
    OVERSEAS_WAREHOUSE = "9810"


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time in which a place works, its end excluded."""

    from_s: Seconds
    to_s: Seconds


class Connection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least time at a place between arriving by one mode and the gate-in of a service of another."""

    arriving: Mode
    leaving: Mode
    least_s: Seconds


class Storage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Room for goods of one band at a place, and what it costs. No `litres`: as much as wanted."""

    band: Band
    fen_per_m3_day: Fen
    litres: Litres | None = None


class Node(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where goods wait and change: a park, hub, airport, yard, port, border or warehouse.

    `open` are the times in which goods are taken in and given out; none: always. Goods can be handed over to a service
    only while the place is open, between their connection time and the service's cut-offs. Chilled and frozen goods
    that wait where there is neither storage of their band nor a free plug are exposed while they wait; ambient goods
    may wait anywhere, at the price of its ambient storage or of none. `regimes`: customs served here; none: all.
    """

    id: Id
    name: Text
    kind: Annotated[str, Meta(pattern="^(park|hub|airport|rail|port|border|warehouse)$")]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    latitude: Microdegrees
    longitude: Microdegrees
    open: tuple[Window, ...] = ()
    connection_s: Seconds = 0
    connections: tuple[Connection, ...] = ()
    handling_fen_per_t: Fen = 0
    handling_co2e_g_per_t: Count = 0
    storage: tuple[Storage, ...] = ()
    plugs: Count = 0
    regimes: tuple[Regime, ...] = ()
    dwell_limit_s: Seconds | None = None


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `units` booked on, every unit costs `unit_fen`."""

    units: Annotated[int, Meta(ge=2)]
    unit_fen: Fen


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of unit that can be booked on a dated service: a block charter, ULD, box, reefer, wagon, truck, or LCL.

    Each unit holds `mass_g`, `litres` and `positions` at most, of goods of its `bands` only. Booking `n > 0` units
    costs `open_fen` and `max(n, min_take)` times the unit's price (that of the highest step reached); each tonne costs
    `fen_per_t`. A reefer takes a plug of the service. CO2e has two parts, as in ISO 14083: per unit and per tonne.
    """

    id: Id
    kind: Annotated[str, Meta(pattern="^(charter|uld|feu|reefer|wagon|truck|lcl)$")]
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]
    mass_g: Annotated[int, Meta(ge=1)]
    litres: Annotated[int, Meta(ge=1)]
    positions: Annotated[int, Meta(ge=1)]
    count: Annotated[int, Meta(ge=1, le=10_000)]
    unit_fen: Fen
    open_fen: Fen = 0
    fen_per_t: Fen = 0
    min_take: Count = 0
    steps: tuple[Step, ...] = ()
    plugs: Annotated[int, Meta(ge=0, le=1)] = 0
    cancel_until_s: Seconds | None = None
    cancel_fen: Fen = 0
    unit_co2e_g: Count = 0
    co2e_g_per_t: Count = 0


class Status(StrEnum):
    """Whether a service runs."""

    PLANNED = "planned"
    FIRM = "firm"
    CANCELLED = "cancelled"


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated departure. Goods must be in by the earliest of its cut-offs, which is the binding one.

    `booking_s` is held against the moment of planning, `documents_s` against the goods' papers, `customs_s` against
    their arrival and the customs time of the place, `gate_in_s` against their arrival and the connection time.
    `delay_s` are the eleven deciles (0, 10 .. 100 %) of how much later it arrives. `duties_ppm` of the goods' value are
    due on it by regime. `plugs`: reefers it can feed in all; none: as many as its offers have.
    """

    id: Id
    line: Id
    mode: Mode
    carrier: Annotated[str, Meta(max_length=60)]
    origin: Id
    destination: Id
    departs_s: Seconds
    arrives_s: Seconds
    booking_s: Seconds
    documents_s: Seconds
    customs_s: Seconds
    gate_in_s: Seconds
    distance_m: Count
    offers: Annotated[tuple[Offer, ...], Meta(min_length=1)]
    status: Status = Status.PLANNED
    delay_s: Annotated[tuple[Seconds, ...], Meta(max_length=11)] = ()
    duties_ppm: dict[Regime, Count] = {}
    plugs: Count | None = None


class Consignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one shipper sends as one. It travels whole, unless it may be split into parts of at least `least_part_g`.

    It must arrive by `latest_s`, and should by `due_s`: each hour later costs `late_fen_per_h`. `shelf_life_s` is what
    is left when it is ready, `shelf_life_left_s` what must be left on arrival: it passes at `Prices.exposed_permille`
    while exposed, else as time does. It may be exposed for `exposure_s` in all. Goods of a `load_class` share no unit
    with others (tea and fish, apples and kiwis). Not planning it costs `unplanned_fen`.
    """

    id: Id
    origin: Id
    destination: Id
    ready_s: Seconds
    due_s: Seconds
    latest_s: Seconds
    mass_g: Annotated[int, Meta(ge=1)]
    litres: Annotated[int, Meta(ge=1)]
    pallets: Annotated[int, Meta(ge=1)]
    value_fen: Fen
    unplanned_fen: Fen
    band: Band = Band.AMBIENT
    regime: Regime = Regime.GENERAL
    documents_s: Seconds = 0
    late_fen_per_h: Fen = 0
    shelf_life_s: Count | None = None
    shelf_life_left_s: Count = 0
    exposure_s: Count | None = None
    load_class: Id | None = None
    splittable: bool = False
    least_part_g: Count = 0
    forced_modes: tuple[Mode, ...] = ()
    forbidden_modes: tuple[Mode, ...] = ()


class Prices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not in any tariff. `source` says whence, `version` when it changed."""

    source: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[int, Meta(ge=1)] = 1
    carbon_fen_per_t: Fen = 0
    time_ppm_per_day: Count = 0
    """Value of time: this part of a consignment's value for each day from ready to arrival."""
    spoilage_ppm_per_h: Count = 0
    """Spoilage risk: this part of its value for each hour of exposure."""
    exposed_permille: Annotated[int, Meta(ge=1_000)] = 3_000
    """How fast shelf life passes while exposed, in thousandths."""


class Lock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a planner holds fixed. Exactly one of the last four is given.

    `path` (service ids): the consignment goes just so. `use`: it uses this service. `modes`: it uses these modes only.
    `units` of an `offer` of the service `service` are booked, whoever fills them; a lock without `consignment`.
    """

    consignment: Id | None = None
    service: Id | None = None
    offer: Id | None = None
    path: tuple[Id, ...] = ()
    use: Id | None = None
    modes: tuple[Mode, ...] = ()
    units: Count = 0


class Instance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole problem, as a file or a message holds it. `now_s` is the moment of planning."""

    id: Id
    start: Moment
    nodes: Annotated[tuple[Node, ...], Meta(min_length=1)]
    services: tuple[Service, ...]
    consignments: tuple[Consignment, ...]
    prices: Prices
    now_s: Seconds = 0
    locks: tuple[Lock, ...] = ()
