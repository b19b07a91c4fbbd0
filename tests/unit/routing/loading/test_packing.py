"""Bookings are divided into as few units as can be, and what geometry or cold refuses of a plan is named."""

import itertools
import random
from pathlib import Path

import pytest
from routing_samples.tiny import consignment, instance, node, offer, service

from coldport.errors import RefusedError
from coldport.settings import SiteFileError
from routing.loading.booking import Riders, riders, stow
from routing.loading.check import check
from routing.loading.interiors import read_interiors, unit_of
from routing.loading.packing import Lot, least_units, pack
from routing.model import Band
from routing.network_folder import load_network
from routing.pricing import units_needed
from routing.result import Booking, Cost, Leg, Plan, Route

NETWORK = Path(__file__).parents[4] / "config/networks/xiangtan"
ROOMY = {"litres": 10**9, "positions": 1_000}


def ticks():
    """A time that goes on by one whenever it is asked."""
    return itertools.count().__next__


def units_by_trying(sizes: tuple[int, ...], room: int) -> int:
    """Return the least number of bins by trying every bin for every item."""

    def least(at: int, bins: tuple[int, ...]) -> int:
        if at == len(sizes):
            return len(bins)
        tries = [least(at + 1, (*bins, sizes[at]))]
        for number, held in enumerate(bins):
            if held + sizes[at] <= room and held not in bins[:number]:
                tries.append(least(at + 1, (*bins[:number], held + sizes[at], *bins[number + 1 :])))
        return min(tries)

    return least(0, ())


@pytest.mark.parametrize("seed", range(6))
def test_the_units_are_as_few_as_trying_everything_finds(seed):
    dice = random.Random(seed)
    sizes = tuple(dice.randint(20, 100) for _ in range(8))
    lots = [Lot(f"lot-{number}", 1, size, 1) for number, size in enumerate(sizes)]

    packing = pack(lots, offer(mass_g=150, **ROOMY), 10)

    assert packing.fewest
    assert len(packing.units) == units_by_trying(sizes, 150)


@pytest.mark.parametrize("seed", range(4))
def test_every_pallet_is_in_one_unit_and_no_unit_holds_too_much(seed):
    dice = random.Random(seed)
    lots = [
        Lot(f"lot-{n}", p := dice.randint(1, 5), dice.randint(1, 90) * 1_000 * p + 7, p * 900 + 1, load_class=cls)
        for n, cls in enumerate(dice.choices([None, "tea", "fish"], k=7))
    ]
    box = offer(mass_g=200_000, litres=4_000, positions=4)

    packing = pack(lots, box, 2)

    for number, lot in enumerate(lots):
        assert sum(unit.get(number, 0) for unit in packing.units) == lot.pallets
    for unit in packing.units:
        held = [(lots[number], pallets) for number, pallets in unit.items()]
        assert sum(lot.mass_g / lot.pallets * pallets for lot, pallets in held) <= box.mass_g
        assert sum(lot.litres / lot.pallets * pallets for lot, pallets in held) <= box.litres
        assert sum(unit.values()) <= box.positions
        assert len({lot.load_class for lot, _ in held}) == 1
    needed = units_needed(box, _sums(lots))
    assert len(packing.units) >= needed


def _sums(lots):
    classes = {lot.load_class for lot in lots}
    for one in classes:
        of = [lot for lot in lots if lot.load_class == one]
        yield sum(lot.mass_g for lot in of), sum(lot.litres for lot in of), sum(lot.pallets for lot in of)


def test_whole_pallets_can_need_one_unit_more_than_the_plan_counts():
    lots = [Lot(f"lot-{number}", 1, 60, 1) for number in range(3)]
    box = offer(mass_g=100, **ROOMY)

    assert least_units(lots, box) == 2
    assert len(pack(lots, box, 2).units) == 3


def test_chilled_and_frozen_goods_share_no_unit_though_a_reefer_takes_both():
    lots = [Lot("peas", 1, 1, 1, Band.FROZEN), Lot("apples", 1, 1, 1, Band.CHILLED)]

    assert len(pack(lots, offer(bands=(Band.CHILLED, Band.FROZEN)), 2).units) == 2


def test_goods_of_one_consignment_stay_together_and_masses_are_even():
    lots = [Lot("a", 2, 40_000, 2), Lot("b", 2, 40_000, 2), Lot("c", 2, 40_000, 2), Lot("d", 2, 40_000, 2)]

    units = pack(lots, offer(mass_g=100_000, litres=8, positions=5), 5).units

    assert sorted(sorted(unit.values()) for unit in units) == [[2, 2], [2, 2]]


def test_a_pallet_too_heavy_for_a_unit_is_named():
    packing = pack([Lot("lead", 1, 101, 1), Lot("down", 1, 1, 1)], offer(mass_g=100, **ROOMY), 2)

    assert (packing.units, packing.too_large) == ([{1: 1}], [0])


def test_many_lots_are_put_where_they_first_fit():
    lots = [Lot(f"lot-{number}", 1, 50, 1) for number in range(100)]

    packing = pack(lots, offer(mass_g=100, **ROOMY), 1)

    assert len(packing.units) == 50
    assert packing.fewest


def plan_with(*routes: Route, units: int = 1) -> Plan:
    booking = Booking(service="truck", offer="box", units=units)
    return Plan(
        instance="tiny", routes=routes, unplanned=(), bookings=(booking,), cost=Cost(), solver="by-hand", seed=0
    )  # fmt: skip


def part(name: str, mass_g: int = 700_000, **given) -> Route:
    sizes = {"mass_g": mass_g, "litres": 3_000, "pallets": 2} | given
    return Route(consignment=name, legs=(Leg(service="truck", offer="box"),), **sizes)


def given_instance():
    goods = [consignment("tea", "a", "b", load_class="tea"), consignment("silk", "a", "b")]
    return instance([node("a"), node("b")], [service("truck", "a", "b", 5, 9)], goods)


LEG = Leg(service="truck", offer="box")
INSIDE = """
[[interiors]]
id = "box"
x_mm = 2400
y_mm = 2100
z_mm = 1500
mark = "measured"
source = "a tape"
"""


def interiors(folder: Path, text: str = INSIDE):
    (folder / "interiors.toml").write_text(text, "utf-8")
    return read_interiors(folder / "interiors.toml")


def test_what_rides_on_a_booking_is_stowed_and_the_judge_finds_no_fault(tmp_path):
    found = riders(given_instance(), plan_with(part("silk"), part("silk")), LEG)
    unit = unit_of(found.offer, interiors(tmp_path), found.booked)

    stowage = stow(found, unit, 50, ticks())

    assert [(box.id, box.z_mm, box.mass_g) for box in stowage.cargo.boxes] == [
        ("silk", 1_250, 350_000),
        ("silk-2", 1_250, 350_000),
    ]
    assert check(stowage.cargo, stowage.plan) == ()
    assert [len(one.boxes) for one in stowage.plan.loads] == [2]


def test_a_unit_that_is_not_booked_and_a_pallet_too_high_are_named(tmp_path):
    high = INSIDE.replace("z_mm = 1500", "z_mm = 1249")
    found = riders(given_instance(), plan_with(part("silk", 400_000), part("tea", 400_000), units=1), LEG)

    stays = stow(found, unit_of(found.offer, interiors(tmp_path), 1), 50, ticks()).plan.left
    too_high = stow(found, unit_of(found.offer, interiors(tmp_path, high), 1), 50, ticks()).plan.left

    assert [(one.box, one.count, one.reason) for one in stays] == [("tea", 2, "units-full")]
    assert {(one.box, one.reason) for one in too_high} == {("silk", "too-large"), ("tea", "units-full")}


@pytest.mark.parametrize(
    ("leg", "says"),
    [
        (Leg(service="bus", offer="box"), "no service 'bus'"),
        (Leg(service="truck", offer="bag"), "truck has no 'bag'; it has box"),
        (LEG, "the plan has nothing on truck / box"),
    ],
)
def test_a_booking_that_is_not_there_is_refused(leg, says):
    with pytest.raises(RefusedError, match=says):
        riders(given_instance(), plan_with(), leg)


def test_units_that_nobody_stows_as_one_are_refused(tmp_path):
    with pytest.raises(RefusedError, match="interior of 'lcl' \\(lcl\\)"):
        unit_of(offer("lcl", kind="lcl"), interiors(tmp_path), 1)


def test_a_wrong_interior_is_named_with_its_line(tmp_path):
    with pytest.raises(SiteFileError, match=r"interiors.toml:11: .*'box' is there twice"):
        interiors(tmp_path, INSIDE + INSIDE)


def test_every_unit_of_the_example_that_is_stowed_as_one_holds_the_pallets_it_promises():
    inside = read_interiors(NETWORK / "interiors.toml")
    units = {unit.id: unit for unit in load_network(NETWORK).units}
    assert set(inside) == {name for name, unit in units.items() if unit.kind in {"truck", "feu", "reefer", "uld"}}
    for name in inside:
        lot = Lot("lot", units[name].positions, units[name].mass_kg * 1_000, units[name].positions * 1_500)
        held = offer(name, mass_g=units[name].mass_kg * 1_000, litres=10**6, positions=units[name].positions)
        stowage = stow(Riders(held, 1, [lot]), unit_of(held, inside, 1), 60, ticks())
        assert stowage.plan.left == (), name
        assert check(stowage.cargo, stowage.plan) == (), name
