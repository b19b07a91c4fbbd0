"""What a plan has fetched from the parks becomes jobs in time for what follows, and trucks of the days of work."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from routing_samples.tiny import DAY, HOUR, consignment, instance, node, offer, service

from coldport.errors import RefusedError
from coldport.settings import SiteFileError
from routing.model import Band, Connection, Mode, Window
from routing.result import Booking, Cost, Leg, Plan, Route
from routing.roads.check import check
from routing.roads.collection import collection
from routing.roads.fleet import read_fleet
from routing.roads.pyvrp_solver import PyvrpSolver
from routing.roads.tours_file import Toured, ToursFileError, write_tours
from routing.roads.vroom_solver import VroomSolver

TRUCKS = Path(__file__).parents[4] / "config/networks/xiangtan/trucks.toml"
FLEET = read_fleet(TRUCKS)
OPEN = tuple(Window(from_s=day * DAY, to_s=day * DAY + 12 * HOUR) for day in range(4))  # 08:00 to 20:00 in China
PARK = {"kind": "park", "open": OPEN, "latitude": 27_000_000, "longitude": 112_000_000}
HUB = {"connections": (Connection(arriving=Mode.ROAD, leaving=Mode.RAIL, least_s=3 * HOUR),)}
COLD = {"band": Band.CHILLED, "shelf_life_s": 230 * HOUR, "shelf_life_left_s": 40 * HOUR}


def given(goods: dict | None = None, park: dict | None = None, hub: dict | None = None):
    nodes = [
        node("park", **(PARK | (park or {}))),
        node("xiangtan-hub", **({"latitude": 27_500_000, "longitude": 112_000_000} | HUB | (hub or {}))),
        node("yard", kind="rail"),
    ]
    first = service("truck", "park", "xiangtan-hub", 26, 28, offers=(offer(bands=tuple(Band), fen_per_t=1_000),))
    train = service("train", "xiangtan-hub", "yard", 60, 70, mode=Mode.RAIL, offers=(offer(bands=tuple(Band)),))
    train = replace(train, gate_in_s=50 * HOUR, customs_s=48 * HOUR)
    sizes = {"ready_s": 2 * HOUR, "mass_g": 8_000_000, "litres": 30_000, "pallets": 12}
    return instance(nodes, [first, train], [consignment("goods", "park", "yard", **(sizes | (goods or {})))])


def plan_of(made) -> Plan:
    goods = made.consignments[0]
    legs = (Leg(service="truck", offer="box"), Leg(service="train", offer="box"))
    route = Route(consignment="goods", legs=legs, mass_g=goods.mass_g, litres=goods.litres, pallets=goods.pallets)
    booked = tuple(Booking(service=leg.service, offer="box", units=2) for leg in legs)
    return Plan(
        instance="tiny", routes=(route,), unplanned=(), bookings=booked, cost=Cost(), solver="by-hand", seed=0
    )  # fmt: skip


def jobs_of(made):
    return collection(made, plan_of(made), FLEET).roads.jobs


def test_goods_are_fetched_when_ready_and_unloaded_in_time_for_the_binding_cut_off():
    (job,) = jobs_of(given())

    work_s = 12 * FLEET.work.s_per_pallet
    assert (job.load.opens_s, job.load.service_s) == (2 * HOUR, work_s)
    assert job.unload.closes_s == 48 * HOUR - 3 * HOUR - work_s
    assert job.load.closes_s == job.unload.closes_s
    assert job.stay_fen == 2_000_000


def test_a_hub_that_is_closed_at_the_cut_off_takes_goods_before():
    (job,) = jobs_of(given(hub={"open": (Window(from_s=0, to_s=40 * HOUR),)}))

    assert job.unload.closes_s == 40 * HOUR - 1 - 3 * HOUR - job.unload.service_s


@pytest.mark.parametrize(
    ("goods", "park", "until_s"),
    [
        (COLD | {"exposure_s": 60 * HOUR}, {}, 30 * HOUR),  # as planned it is exposed for 24 h here, 32 h at the hub
        (
            COLD | {"exposure_s": 90 * HOUR},
            {},
            31 * HOUR,
        ),  # 180 h of its life pass as planned, 2 h more for each hour more
        (COLD | {"exposure_s": 10 * HOUR}, {}, 26 * HOUR),
        (COLD | {"exposure_s": 60 * HOUR}, {"plugs": 1}, None),
        ({}, {}, None),
    ],
)
def test_goods_out_of_the_cold_wait_no_longer_than_they_bear(goods, park, until_s):
    (job,) = jobs_of(given(goods, park))

    assert job.load.closes_s == (until_s or job.unload.closes_s)


def test_what_no_truck_holds_is_fetched_in_equal_parts_that_add_up():
    jobs = jobs_of(given({"mass_g": 25_000_001, "litres": 100_000, "pallets": 40}))

    assert [job.id for job in jobs] == ["goods-1", "goods-2", "goods-3"]
    assert sum(job.mass_g for job in jobs) == 25_000_001
    assert [job.pallets for job in jobs] == [13, 13, 14]


def test_trucks_are_out_on_days_with_goods_and_while_the_parks_are_open():
    made = given()
    trucks = collection(made, plan_of(made), FLEET).roads.trucks

    assert [truck.id for truck in trucks] == ["dry-0601", "small-0601", "dry-0602", "small-0602"]
    assert {(truck.opens_s % DAY, truck.closes_s % DAY) for truck in trucks} == {(0, 12 * HOUR - 1)}
    assert {truck.count for truck in trucks} == {1}


def test_on_a_day_without_hours_no_truck_is_out():
    made = given(park={"open": OPEN[1:]})

    assert {truck.id[-4:] for truck in collection(made, plan_of(made), FLEET).roads.trucks} == {"0602"}


def test_the_plan_pays_bookings_and_freight_of_the_trucks_that_are_replaced():
    made = given()

    assert collection(made, plan_of(made), FLEET).timetable_fen == 2 * 100_000 + 8 * 1_000


@pytest.mark.parametrize("solver", [VroomSolver(), PyvrpSolver(iter(range(10**6)).__next__, 50, VroomSolver())])
def test_tours_fetch_all_and_the_judge_finds_no_fault(solver, tmp_path):
    made = given({"mass_g": 25_000_001, "litres": 100_000, "pallets": 40})
    found = collection(made, plan_of(made), FLEET)

    tours = solver.solve(found.roads, 2, 1)

    assert tours.stays == ()
    assert check(found.roads, tours) == ()
    toured = Toured(instance="tiny", start=made.start, places=found.places, roads=found.roads, tours=tours)
    write_tours(tmp_path / "tours.json", toured)
    assert msgspec.json.decode((tmp_path / "tours.json").read_bytes(), type=Toured) == toured
    with pytest.raises(ToursFileError, match="cannot be written"):
        write_tours(tmp_path / "nowhere/tours.json", toured)


def test_a_plan_without_goods_from_parks_has_no_jobs_and_no_trucks():
    made = given(park={"kind": "hub"})

    assert collection(made, plan_of(made), FLEET).roads.trucks == ()
    assert jobs_of(made) == ()


def test_a_base_that_is_not_there_is_refused():
    made = given()

    with pytest.raises(RefusedError, match="no place 'moon'"):
        collection(made, plan_of(made), replace(FLEET, base="moon"))


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('closes = "22:00"', 'closes = "05:00"', "shift.closes: a shift ends on the day it begins"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Nowhere"', "timezone: there is no time zone"),
        ('id = "small"', 'id = "dry"', r"trucks.1..id: 'dry' is there twice"),
        ("km_per_h = 65", "km_per_h = 0", "ways.km_per_h"),
    ],
)
def test_a_wrong_fleet_is_named_with_its_line(tmp_path, was, becomes, says):
    text = TRUCKS.read_text("utf-8")
    assert was in text
    (tmp_path / "trucks.toml").write_text(text.replace(was, becomes), "utf-8")

    with pytest.raises(SiteFileError, match=rf"trucks.toml:[1-9][0-9]*: {says}"):
        read_fleet(tmp_path / "trucks.toml")
