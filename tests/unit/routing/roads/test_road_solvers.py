"""Three solvers behind one port: the judge finds no fault in what they say, and what stays has a true reason."""

import random

import pytest

from coldport.clock import SystemClock
from coldport.errors import RefusedError
from routing.model import Band
from routing.roads.check import check
from routing.roads.model import Job, Rest, Roads, Stop, Truck
from routing.roads.ortools_solver import OrtoolsSolver
from routing.roads.pyvrp_solver import PyvrpSolver
from routing.roads.vroom_solver import VroomSolver

HOUR_S = 3_600
SOLVERS = {"pyvrp": PyvrpSolver(SystemClock().monotonic_s), "vroom": VroomSolver(), "ortools": OrtoolsSolver()}
HUB = Stop(place=0)


@pytest.fixture(params=SOLVERS)
def solver(request):
    return SOLVERS[request.param]


def roads_of(jobs, trucks, places=((0, 0), (30, 0), (0, 40), (300, 0)), reloads=False) -> Roads:
    """Places in kilometres, driven at fifty kilometres an hour."""
    metres = tuple(tuple(round(((a - c) ** 2 + (b - d) ** 2) ** 0.5 * 1_000) for c, d in places) for a, b in places)
    seconds = tuple(tuple(way * HOUR_S // 50_000 for way in row) for row in metres)
    return Roads(metres=metres, seconds=seconds, hub=0, jobs=tuple(jobs), trucks=tuple(trucks), reloads=reloads)


def truck(**more) -> Truck:
    usual = {"id": "truck", "count": 1, "start": 0, "end": 0, "mass_g": 10_000_000, "litres": 40_000, "pallets": 14}
    return Truck(**usual | {"fen_per_km": 600, "use_fen": 30_000} | more)


def fetch(number: int, place: int, mass_t: int = 4, hub: Stop = HUB, **more) -> Job:
    return Job(id=f"job-{number}", load=Stop(place=place), unload=hub, mass_g=mass_t * 1_000_000, **more)


def drawn(seed: int, reloads: bool) -> Roads:
    """Everything at once: fetched, brought, from door to door, cut-offs, releases, bands, windows, rests."""
    dice = random.Random(seed)
    places = [(0, 0)] + [(dice.randint(-90, 90), dice.randint(-90, 90)) for _ in range(9)]
    jobs = []
    for number in range(1, 10):
        here = Stop(
            place=number,
            opens_s=dice.randint(0, 6) * HOUR_S,
            closes_s=dice.randint(8, 16) * HOUR_S,
            service_s=dice.randint(5, 40) * 60,
        )
        load, unload = dice.choice(
            [
                (here, HUB),
                (HUB, here),
                (here, Stop(place=0, closes_s=dice.randint(9, 18) * HOUR_S)),
                (Stop(place=0, opens_s=dice.randint(1, 6) * HOUR_S), here),
                (here, Stop(place=dice.randint(1, 9))),
            ]
        )
        jobs.append(
            Job(
                id=f"job-{number}",
                load=load,
                unload=unload,
                mass_g=dice.randint(1, 8) * 10**6 + dice.randint(0, 999),
                litres=dice.randint(1, 30) * 1_000,
                pallets=dice.randint(1, 10),
                band=dice.choice([Band.AMBIENT, Band.AMBIENT, Band.CHILLED]),
                **dice.choice([{}, {"stay_fen": 20_000}]),
            )
        )
    rest = Rest(after_s=4 * HOUR_S, lasts_s=1_200)
    shift = {"closes_s": 20 * HOUR_S, "longest_s": 12 * HOUR_S, "rest": rest, "fen_per_h": 6_000}
    reefer = {"bands": (Band.AMBIENT, Band.CHILLED), "opens_s": HOUR_S, "pallets": 10}
    trucks = [truck(id="dry", count=3, **shift), truck(id="reefer", count=2, **shift | reefer)]
    return roads_of(jobs, trucks, places, reloads)


@pytest.mark.parametrize("reloads", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_judge_finds_no_fault_in_whatever_is_drawn(solver, seed, reloads):
    roads = drawn(seed, reloads)

    assert check(roads, solver.solve(roads, 0.15, 1)) == ()


def test_two_loads_that_fit_go_in_one_tour(solver):
    roads = roads_of([fetch(1, 1), fetch(2, 2)], [truck(count=2)])

    tours = solver.solve(roads, 0.1, 1)

    assert (len(tours.tours), tours.metres, tours.fen) == (1, 120_000, 30_000 + 72_000)


def test_a_truck_that_reloads_does_alone_what_needs_two_that_do_not(solver):
    jobs = [fetch(1, 1, mass_t=8), fetch(2, 2, mass_t=8)]

    once = solver.solve(roads_of(jobs, [truck(count=2)]), 0.1, 1)
    again = solver.solve(roads_of(jobs, [truck(count=2)], reloads=True), 0.1, 1)

    assert (len(once.tours), len(again.tours)) == (2, 1)
    assert check(roads_of(jobs, [truck(count=2)], reloads=True), again) == ()


def test_what_must_be_at_the_hub_by_a_cut_off_is_there_or_stays(solver):
    late = Stop(place=0, closes_s=HOUR_S)  # from place 2 it takes 48 minutes each way
    in_time = Stop(place=0, closes_s=2 * HOUR_S)
    roads = roads_of([fetch(1, 2, hub=late), fetch(2, 2, hub=in_time)], [truck()])

    tours = solver.solve(roads, 0.1, 1)

    assert [(stays.job, stays.reason) for stays in tours.stays] == [("job-1", "out-of-time")]
    assert tours.tours[0].visits[-1].begins_s <= 2 * HOUR_S


def test_what_the_hub_releases_late_is_loaded_no_sooner(solver):
    job = Job(id="job-1", load=Stop(place=0, opens_s=5 * HOUR_S), unload=Stop(place=1), mass_g=1)

    (tour,) = solver.solve(roads_of([job], [truck()]), 0.1, 1).tours

    assert tour.visits[0].begins_s >= 5 * HOUR_S


def test_a_driver_rests_after_four_hours_and_the_tour_is_longer_by_it(solver):
    rest = Rest(after_s=4 * HOUR_S, lasts_s=1_200)
    roads = roads_of([fetch(1, 3)], [truck(rest=rest)])  # six hours there, six hours back

    (tour,) = solver.solve(roads, 0.1, 1).tours

    assert tour.ends_s - tour.starts_s == 12 * HOUR_S + 2 * 1_200
    assert check(roads, solver.solve(roads, 0.1, 1)) == ()


@pytest.mark.parametrize(
    ("reason", "job", "given"),
    [
        ("no-truck-for-its-band", fetch(1, 1, band=Band.FROZEN), {}),
        ("too-large", fetch(1, 1, mass_t=11), {}),
        ("out-of-time", fetch(1, 3), {"longest_s": 11 * HOUR_S}),
        ("dearer-than-staying", fetch(1, 1, stay_fen=10_000), {}),
    ],
)
def test_what_stays_says_why(reason, job, given):
    roads = roads_of([job], [truck(**given)])

    assert [stays.reason for stays in SOLVERS["pyvrp"].solve(roads, 0.1, 1).stays] == [reason]


def test_when_trucks_are_too_few_the_rest_stays_for_want_of_them(solver):
    roads = roads_of([fetch(1, 1, mass_t=8), fetch(2, 2, mass_t=8)], [truck()])

    assert [stays.reason for stays in solver.solve(roads, 0.1, 1).stays] == ["trucks-used-up"]


def test_no_jobs_and_no_trucks_are_answers(solver):
    assert solver.solve(roads_of([], [truck()]), 0.1, 1).fen == 0
    assert [stays.reason for stays in solver.solve(roads_of([fetch(1, 1)], []), 0.1, 1).stays] == [
        "no-truck-for-its-band"
    ]


def test_a_place_that_is_not_there_is_refused(solver):
    with pytest.raises(RefusedError, match="a place is not among the 4"):
        solver.solve(roads_of([fetch(1, 4)], [truck()]), 0.1, 1)


def test_the_same_seed_and_rounds_give_the_same_tours():
    roads = drawn(5, reloads=True)

    first, again = (PyvrpSolver(SystemClock().monotonic_s, most_rounds=200).solve(roads, 60, 7) for _ in range(2))

    assert first == again
