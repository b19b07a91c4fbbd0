"""Tiny instances: by hand through keyword defaults, and random ones with everything the model has in them."""

import random
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from coldport.site import Text
from routing.instance_check import problems
from routing.model import (
    Band,
    Connection,
    Consignment,
    Instance,
    Mode,
    Node,
    Offer,
    Prices,
    Regime,
    Service,
    Step,
    Storage,
    Window,
)

HOUR = 3_600
DAY = 24 * HOUR
START = datetime(2026, 6, 1, tzinfo=UTC)
PRICES = Prices(
    source="made up", carbon_fen_per_t=70_000, time_ppm_per_day=2_000, spoilage_ppm_per_h=5_000, exposed_permille=3_000
)


def node(name: str, **given: Any) -> Node:
    usual = {"kind": "hub", "country": "CN", "latitude": 0, "longitude": 0, "handling_fen_per_t": 500}
    return Node(id=name, name=Text(zh=name, en=name), **(usual | given))


def offer(name: str = "box", **given: Any) -> Offer:
    usual = {
        "kind": "truck",
        "bands": (Band.AMBIENT,),
        "mass_g": 1_000_000,
        "litres": 5_000,
        "positions": 4,
        "count": 3,
        "unit_fen": 100_000,
    }
    return Offer(id=name, **(usual | given))


def service(name: str, origin: str, destination: str, departs_h: int, arrives_h: int, **given: Any) -> Service:
    departs_s = departs_h * HOUR
    usual = {"mode": Mode.ROAD, "line": name, "carrier": "made up", "distance_m": 100_000, "offers": (offer(),)}
    cut_offs = dict.fromkeys(("booking_s", "documents_s", "customs_s", "gate_in_s"), departs_s)
    times = {"departs_s": departs_s, "arrives_s": arrives_h * HOUR}
    return Service(id=name, origin=origin, destination=destination, **(usual | cut_offs | times | given))


def consignment(name: str, origin: str, destination: str, **given: Any) -> Consignment:
    usual = {
        "ready_s": 0,
        "due_s": 50 * HOUR,
        "latest_s": 100 * HOUR,
        "mass_g": 700_000,
        "litres": 3_000,
        "pallets": 2,
        "value_fen": 10_000_000,
        "unplanned_fen": 2_000_000,
    }
    return Consignment(id=name, origin=origin, destination=destination, **(usual | given))


def instance(nodes: Any, services: Any, consignments: Any, **given: Any) -> Instance:
    parts = {"nodes": tuple(nodes), "services": tuple(services), "consignments": tuple(consignments)}
    return Instance(**({"id": "tiny", "start": START, "prices": PRICES} | parts | given))


@st.composite
def instances(draw: st.DrawFn, most_consignments: int = 3, most_services: int = 9) -> Instance:
    """Draw a small instance without problems; its sizes shrink, its details come from a seed that is drawn too."""
    sizes = (
        draw(st.integers(2, 4), label="nodes"),
        draw(st.integers(0, most_services), label="services"),
        draw(st.integers(0, most_consignments), label="consignments"),
    )
    made = random_instance(draw(st.integers(0, 2**32), label="seed"), *sizes)
    assert problems(made) == ()
    return made


def random_instance(seed: int, nodes: int, services: int, consignments: int) -> Instance:
    dice = random.Random(seed)
    names = [f"n{number}" for number in range(nodes)]
    return instance(
        [_node(dice, name) for name in names],
        [_service(dice, f"s{number}", *_ends(dice, names)) for number in range(services)],
        [_consignment(dice, f"k{number}", names[0], dice.choice(names[1:])) for number in range(consignments)],
        now_s=dice.choice((0, 0, 0, 2 * HOUR)),
    )


def _ends(dice: random.Random, names: list[str]) -> list[str]:
    """Return two places, mostly onward: else hardly any way would lead anywhere."""
    ends = dice.sample(names, 2)
    return sorted(ends) if dice.random() < 0.8 else ends


def _maybe(dice: random.Random, chance: float, made: Any, otherwise: Any = ()) -> Any:
    return made if dice.random() < chance else otherwise


def _node(dice: random.Random, name: str) -> Node:
    opens = dice.randrange(1, 10)
    windows = [Window(from_s=(day * 24 + opens) * HOUR, to_s=(day * 24 + opens + 9) * HOUR) for day in range(4)]
    storage = [
        Storage(band=band, fen_per_m3_day=dice.randrange(5_000), litres=dice.choice((None, 2_000, 6_000)))
        for band in Band
        if dice.random() < 0.4
    ]
    change = Connection(arriving=dice.choice(list(Mode)), leaving=dice.choice(list(Mode)), least_s=HOUR)
    return node(
        name,
        country=dice.choice(("CN", "CN", "HK")),
        open=tuple(_maybe(dice, 0.3, windows)),
        connection_s=dice.choice((0, HOUR, 3 * HOUR)),
        connections=_maybe(dice, 0.4, (change,)),
        handling_co2e_g_per_t=dice.randrange(3_000),
        storage=tuple(storage),
        plugs=dice.choice((0, 0, 1)),
        regimes=_maybe(dice, 0.2, (Regime.GENERAL,)),
        dwell_limit_s=_maybe(dice, 0.2, 20 * HOUR, None),
    )


def _offer(dice: random.Random, name: str) -> Offer:
    unit_fen = dice.randrange(50_000, 300_000)
    return offer(
        name,
        bands=tuple(band for band in Band if dice.random() < 0.8) or (Band.AMBIENT,),
        mass_g=dice.choice((800_000, 2_000_000)),
        litres=dice.choice((3_500, 9_000)),
        positions=dice.choice((2, 6)),
        count=dice.randrange(1, 4),
        unit_fen=unit_fen,
        open_fen=_maybe(dice, 0.3, 20_000, 0),
        fen_per_t=dice.randrange(20_000),
        min_take=_maybe(dice, 0.2, 1, 0),
        steps=_maybe(dice, 0.3, (Step(units=2, unit_fen=unit_fen * 9 // 10),)),
        plugs=dice.randrange(2),
        unit_co2e_g=dice.randrange(100_000),
        co2e_g_per_t=dice.randrange(100_000),
    )


def _service(dice: random.Random, name: str, origin: str, destination: str) -> Service:
    departs_h = dice.randrange(8, 30) if origin == "n0" else dice.randrange(25, 60)
    before = [(departs_h - dice.randrange(6)) * HOUR for _ in range(4)]
    return service(
        name,
        origin,
        destination,
        departs_h,
        departs_h + dice.randrange(1, 20),
        mode=dice.choice(list(Mode)),
        offers=tuple(_offer(dice, f"o{number}") for number in range(dice.randrange(1, 3))),
        booking_s=before[0],
        documents_s=before[1],
        customs_s=before[2],
        gate_in_s=before[3],
        duties_ppm=_maybe(dice, 0.3, {Regime.GENERAL: 20_000}, {}),
        plugs=_maybe(dice, 0.3, 1, None),
    )


def _consignment(dice: random.Random, name: str, origin: str, destination: str) -> Consignment:
    due_h = dice.randrange(30, 70)
    return consignment(
        name,
        origin,
        destination,
        ready_s=dice.randrange(10) * HOUR,
        due_s=due_h * HOUR,
        latest_s=(due_h + dice.randrange(40)) * HOUR,
        mass_g=dice.randrange(1, 1_500_001),
        litres=dice.randrange(1, 6_000),
        pallets=dice.randrange(1, 5),
        value_fen=dice.randrange(10**8),
        unplanned_fen=dice.choice((10**5, 10**6, 10**7)),
        band=dice.choice(list(Band)),
        regime=dice.choice(list(Regime)[:2]),
        documents_s=dice.choice((0, 0, 10 * HOUR)),
        late_fen_per_h=dice.randrange(5_000),
        shelf_life_s=_maybe(dice, 0.3, 90 * HOUR, None),
        shelf_life_left_s=_maybe(dice, 0.5, 10 * HOUR, 0),
        exposure_s=_maybe(dice, 0.4, 15 * HOUR, None),
        load_class=_maybe(dice, 0.3, "tea", None),
        forbidden_modes=_maybe(dice, 0.1, (Mode.AIR,)),
    )
