"""Public instances are read whole, valued as their publishers do, and small ones solved to the best known."""

from pathlib import Path

import pytest

from coldport.clock import SystemClock
from coldport.errors import MalformedError
from routing.roads.check import check
from routing.roads.public import read_pairs, read_windows, value
from routing.roads.pyvrp_solver import PyvrpSolver
from routing.roads.vroom_solver import VroomSolver

DATA = Path(__file__).parents[5] / "shared/data/routing"


def text(name: str) -> str:
    file = DATA / f"{name}.txt"
    if not file.exists():
        pytest.skip("the public instances are not beside the repository (../shared/data/routing)")
    return file.read_text()


def test_a_file_of_time_windows_is_read_whole():
    public = read_windows(text("vrptw/c1_2_1"))

    assert (len(public.roads.jobs), public.roads.trucks[0].count, public.roads.trucks[0].mass_g) == (200, 50, 200)


def test_a_file_of_pairs_is_read_whole_and_its_tours_are_valued():
    public = read_pairs(text("pdptw/lr101"))
    tours = VroomSolver().solve(public.roads, 5, 1)

    vehicles, distance = value(public, tours)

    assert len(public.roads.jobs) == 53
    assert check(public.roads, tours) == ()
    assert vehicles == 19
    assert distance == pytest.approx(1_650.80, abs=0.005)


@pytest.mark.slow
def test_a_search_for_the_fewest_trucks_takes_trucks_away():
    public = read_pairs(text("pdptw/lr101"))
    tours = PyvrpSolver(SystemClock().monotonic_s, most_rounds=300).solve(public.roads, 8, 1)

    assert check(public.roads, tours) == ()
    assert len(tours.tours) <= 21


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("", "no line with number"),
        ("25 200\n0 1 1 0 0 9 0\n2 1 1 0 0 9 0", "numbered from 0"),
        ("25 200\n0 1 1 0 0 9 0\n1 1 x 0 0 9 0", "not a whole number"),
    ],
)
def test_a_broken_file_of_windows_says_what_is_wrong(broken, says):
    with pytest.raises(MalformedError, match=says):
        read_windows(broken)


@pytest.mark.parametrize(
    ("broken", "says"),
    [("what", "first line"), ("1 1 1\n0 0 0 0 0 9 0 0 0\n1 1 1 5 0 9 0 0 7", "delivers to 7")],
)
def test_a_broken_file_of_pairs_says_what_is_wrong(broken, says):
    with pytest.raises(MalformedError, match=says):
        read_pairs(broken)
