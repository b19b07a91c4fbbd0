"""The judge of tours finds each kind of fault that is planted."""

import pytest
from msgspec.structs import replace

from routing.model import Band
from routing.roads.answer import told
from routing.roads.check import check
from routing.roads.model import Job, Rest, Roads, Stays, Stop, Truck
from routing.roads.timing import Act

TRUCK = Truck(
    id="truck", count=1, start=0, end=0, mass_g=10, pallets=2, closes_s=1_000, rest=Rest(after_s=250, lasts_s=20),
    use_fen=5, fen_per_km=1_000,
)  # fmt: skip
JOBS = (
    Job(id="a", load=Stop(place=1, service_s=10), unload=Stop(place=0), mass_g=6, pallets=1),
    Job(id="b", load=Stop(place=2, opens_s=50, closes_s=600), unload=Stop(place=0), mass_g=4, pallets=1),
)
WAYS = ((0, 100, 150), (100, 0, 100), (150, 100, 0))
ROADS = Roads(metres=WAYS, seconds=WAYS, hub=0, jobs=JOBS, trucks=(TRUCK,))
ACTS = [Act(JOBS[0], "load"), Act(JOBS[1], "load"), Act(JOBS[0], "unload"), Act(JOBS[1], "unload")]
GOOD = told(ROADS, [(TRUCK, ACTS)], "hand")
TOUR = GOOD.tours[0]


def with_visit(number: int, **changes):
    visits = list(TOUR.visits)
    visits[number] = replace(visits[number], **changes)
    return replace(GOOD, tours=(replace(TOUR, visits=tuple(visits)),))


def test_a_good_tour_has_no_fault():
    assert check(ROADS, GOOD) == ()
    assert (GOOD.metres, GOOD.fen, TOUR.ends_s - TOUR.starts_s) == (350, 355, 350 + 10 + 20)


@pytest.mark.parametrize(
    ("rule", "roads", "tours"),
    [
        ("unknown", ROADS, replace(GOOD, tours=(replace(TOUR, truck="other"),))),
        ("once", ROADS, replace(GOOD, tours=(replace(TOUR, visits=TOUR.visits[:3]),))),
        ("once", ROADS, replace(GOOD, stays=(Stays(job="a", reason="too-large"),))),
        ("trucks", ROADS, replace(GOOD, tours=(TOUR, TOUR))),
        ("price", ROADS, replace(GOOD, fen=GOOD.fen - 1)),
        ("way", ROADS, with_visit(1, arrives_s=TOUR.visits[1].arrives_s - 1)),
        ("rest", ROADS, with_visit(2, rested_s=0)),
        ("window", replace(ROADS, jobs=(JOBS[0], replace(JOBS[1], load=Stop(place=2, closes_s=20)))), GOOD),
        ("service", ROADS, with_visit(0, leaves_s=TOUR.visits[0].begins_s)),
        ("shift", replace(ROADS, trucks=(replace(TRUCK, longest_s=300),)), GOOD),
        ("shift", replace(ROADS, trucks=(replace(TRUCK, closes_s=300),)), GOOD),
        ("band", replace(ROADS, jobs=(replace(JOBS[0], band=Band.FROZEN), JOBS[1])), GOOD),
        ("order", ROADS, replace(GOOD, tours=(replace(TOUR, visits=TOUR.visits[2:] + TOUR.visits[:2]),))),
        ("room", replace(ROADS, trucks=(replace(TRUCK, mass_g=9),)), GOOD),
        ("room", replace(ROADS, trucks=(replace(TRUCK, pallets=1),)), GOOD),
        (
            "reload",
            ROADS,
            told(replace(ROADS, reloads=True), [(TRUCK, [ACTS[0], ACTS[2], ACTS[1], ACTS[3]])], "hand"),
        ),
    ],
)
def test_a_planted_fault_is_found(rule, roads, tours):
    assert rule in {fault.rule for fault in check(roads, tours)}
