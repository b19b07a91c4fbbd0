"""Seeded demand on a network: `generate` makes an instance of any size, the same for the same seed.

The shape is that of the measurements the planner is held against: half of the consignments have 50 to 800 kg, four in
ten 0.3 to 3 t, one in ten 6 to 18 t, at 3.5 to 7.5 m3 a tonne; latest is a fortnight after due; staying costs a lump
and so much a tonne. Above a thousand consignments each has six tenths of that weight, and the network grows by their
number over two thousand: more units on each departure, more room, the same departures.
"""

import random

from routing.departures import nodes, prices, services
from routing.model import Band, Consignment, Instance, Seconds
from routing.network_settings import Demand, Goods, Market, Network

DAY_S = 86_400
HOUR_S = 3_600
LARGE = 1_000
"""Consignments up to which the network is as it stands."""

LIGHTER = 0.6
SCALE_STEP = 2_000
CONSIGNMENT_LIMIT = 100_000
"""Ten times the largest instance the planner is measured on; a file of it has 60 MB."""

READY_BEFORE_END_D = 10
"""Nothing becomes ready in the last days of the timetable, in which it would find nothing to go with."""

WEIGHTS_KG = ((50, 50, 800), (40, 300, 3_000), (10, 6_000, 18_000))
"""Out of a hundred, and from how many kilograms to how many."""

LITRES_PER_KG = (3.5, 7.5)
PALLET_LITRES = 1_500
PALLET_KG = 600
LATEST_AFTER_DUE_D = 14
LATE_FEN_PER_T_H = 300
URGENT_LATE_FEN_PER_T_H = 1_500


def generate(network: Network, consignments: int, seed: int) -> Instance:
    """Return an instance with so many consignments, whole seconds after the network's start, planned at its start.

    Raises:
        ValueError: The number is negative or above `CONSIGNMENT_LIMIT`.
    """
    if not 0 <= consignments <= CONSIGNMENT_LIMIT:
        raise ValueError(f"consignments: {consignments}, expected 0 to {CONSIGNMENT_LIMIT}")
    dice = random.Random(f"{network.frame.id} {consignments} {seed}")  # noqa: S311 - demand, no secret
    is_large = consignments > LARGE
    scale = max(1.0, consignments / SCALE_STEP) if is_large else 1.0
    weight = LIGHTER if is_large else 1.0
    ready_before_s = max(1, network.frame.days - READY_BEFORE_END_D) * DAY_S
    return Instance(
        id=f"{network.frame.id}-{consignments}-{seed}",
        start=network.frame.start,
        nodes=nodes(network, scale),
        services=services(network, scale),
        consignments=tuple(
            _consignment(network.demand, dice, f"c{number:05}", weight, ready_before_s)
            for number in range(1, consignments + 1)
        ),
        prices=prices(network),
    )


def _consignment(demand: Demand, dice: random.Random, name: str, weight: float, ready_before_s: Seconds) -> Consignment:
    market = dice.choices(demand.markets, [one.share for one in demand.markets])[0]
    goods = _goods(demand, dice)
    is_urgent = dice.randrange(1_000) < demand.urgent_permille
    _, least, most = dice.choices(WEIGHTS_KG, [share for share, _, _ in WEIGHTS_KG])[0]
    mass_g = round(dice.uniform(least, most) * weight * 1_000)
    litres = max(1, round(mass_g * dice.uniform(*LITRES_PER_KG) / 1_000))
    ready_s = dice.randrange(ready_before_s // HOUR_S) * HOUR_S
    due_s = ready_s + _due_d(market, dice, is_urgent=is_urgent) * DAY_S
    latest_s = due_s + LATEST_AFTER_DUE_D * DAY_S
    late = URGENT_LATE_FEN_PER_T_H if is_urgent else LATE_FEN_PER_T_H
    is_splittable = mass_g >= 6_000_000 and dice.randrange(4) == 0
    shelf_life_s, left_s, exposure_s = _cold(goods, dice, latest_s - ready_s)
    return Consignment(
        id=name,
        origin=dice.choice(demand.origins),
        destination=market.place,
        ready_s=ready_s,
        due_s=due_s,
        latest_s=latest_s,
        mass_g=mass_g,
        litres=litres,
        pallets=max(1, -(-litres // PALLET_LITRES), -(-mass_g // (PALLET_KG * 1_000))),
        value_fen=dice.randint(*goods.fen_per_kg) * mass_g // 1_000,
        unplanned_fen=demand.unplanned_fen + demand.unplanned_fen_per_t * mass_g // 1_000_000,
        band=goods.band,
        regime=dice.choice(goods.regimes),
        documents_s=max(0, ready_s + dice.randint(-24, 12) * HOUR_S),
        late_fen_per_h=late * mass_g // 1_000_000,
        shelf_life_s=shelf_life_s,
        shelf_life_left_s=left_s,
        exposure_s=exposure_s,
        load_class=goods.load_class,
        splittable=is_splittable,
        least_part_g=mass_g // 4 if is_splittable else 0,
    )


def _goods(demand: Demand, dice: random.Random) -> Goods:
    drawn = dice.randrange(1_000)
    if drawn < demand.frozen_permille:
        band = Band.FROZEN
    elif drawn < demand.frozen_permille + demand.chilled_permille:
        band = Band.CHILLED
    else:
        band = Band.AMBIENT
    sorts = [goods for goods in demand.goods if goods.band is band]
    return dice.choices(sorts, [goods.share for goods in sorts])[0]


def _due_d(market: Market, dice: random.Random, *, is_urgent: bool) -> int:
    return dice.randint(*(market.urgent_d if is_urgent else market.usual_d))


def _cold(goods: Goods, dice: random.Random, longest_s: int) -> tuple[int | None, int, int | None]:
    """Draw shelf life, what must be left of it, and the exposure allowed: one in five has no budget of its own.

    Nobody sends what does not keep for the usual way; one in four keeps just for it.
    """
    if goods.keeps:
        return None, 0, None
    left_s = dice.randint(3, 10) * DAY_S
    spare_s = 0 if dice.randrange(4) == 0 else dice.randint(4, 30) * DAY_S
    shelf_life_s = longest_s - LATEST_AFTER_DUE_D * DAY_S + left_s + spare_s
    exposure_s = None if dice.randrange(5) == 0 else dice.randint(6, 48) * HOUR_S
    return shelf_life_s, left_s, exposure_s
