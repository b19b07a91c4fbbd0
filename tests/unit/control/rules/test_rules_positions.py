"""Several probes as one: votes, disagreement, drift, dew point; rounds that no order of arrival changes."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.site import Quantity
from control.alarms.blend import away, dew_point, spread, vote_high, vote_low
from control.alarms.definition import Kind, Position

MINUTE, HOUR = 60, 3_600


@pytest.fixture(scope="session")
def position(room, point):
    """A position of some probes a, b, c, each read every second."""

    def make(count, *definitions, every_s=1.0):
        names = "abc"[:count]
        judged = [{"positions": ("core",), "points": ()} | one for one in definitions]
        places = [Position(id="core", points=tuple(names))]
        return room([point(name, every_s=every_s) for name in names], *judged, positions=tuple(places))

    return make


def play(place, *rows, start=0, step_s=1):
    for row, values in enumerate(rows):
        for name, value in zip("abc", values, strict=False):
            place.read(name, start + row * step_s, value)


@pytest.mark.parametrize(
    ("values", "high", "low"),
    [
        ([1.0, 9.0, 5.0], 5.0, 5.0),
        ([1.0, None, 9.0], 9.0, 1.0),
        ([None, None, 4.0], 4.0, 4.0),
        ([None, None], None, None),
    ],
)
def test_of_three_the_middle_counts_of_two_the_worse_of_one_the_only(values, high, low):
    assert (vote_high(values), vote_low(values)) == (high, low)


def test_one_of_three_probes_above_the_limit_raises_nothing_and_two_do(position):
    place = position(3, {"id": "hi"})
    play(place, [9.0, 5.0, 5.0], [9.0, 9.0, 5.0], [5.0, 9.0, 5.0])
    assert place.edges == [("raise", "hi", "a", 1), ("clear", "hi", "a", 2)]


def test_of_two_probes_one_is_enough_on_either_side(position):
    place = position(2, {"id": "hi"}, {"id": "lo", "kind": Kind.LO, "limit": 2.0})
    play(place, [9.0, 1.0])
    assert place.edges == [("raise", "hi", "a", 0), ("raise", "lo", "a", 0)]


def test_a_probe_that_fails_leaves_the_vote_to_the_others(position):
    place = position(3, {"id": "hi"})
    play(place, [9.0, 5.0, 5.0], [9.0, None, 5.0], [9.0, None, None], [5.0, None, None])
    assert place.edges == [("raise", "hi", "a", 1), ("clear", "hi", "a", 3)]


def test_a_probe_that_is_silent_is_left_out_when_its_value_has_run_out(position):
    place = position(2, {"id": "hi"})
    play(place, [5.0, 9.0])
    assert place.edges == [("raise", "hi", "a", 0)]
    place.series("a", dict.fromkeys(range(1, 8), 5.0))
    assert place.edges[1:] == [("clear", "hi", "a", 4)]


def test_probes_a_kelvin_apart_agree_and_farther_apart_for_a_quarter_of_an_hour_do_not(position):
    rule = {"id": "apart", "kind": Kind.DISAGREE, "limit": 1.0, "on_delay_s": 15 * MINUTE}
    place = position(2, rule, every_s=MINUTE)
    play(place, *[[5.0, 6.0]] * 30, step_s=MINUTE)
    assert place.edges == []
    play(place, *[[5.0, 6.1]] * 16, start=30 * MINUTE, step_s=MINUTE)
    assert place.edges == [("raise", "apart", "a", 45 * MINUTE)]
    place.restart()
    play(place, [5.0, 5.5], start=46 * MINUTE)
    assert place.edges[1:] == [("clear", "apart", "a", 46 * MINUTE)]


def test_a_single_probe_disagrees_with_nobody():
    assert spread([None, 4.0]) is None
    assert spread([1.0, 4.0, 2.0]) == 3.0


rounds = st.lists(st.tuples(*[st.sampled_from([None, 1.0, 5.0, 9.0])] * 3), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(rows=rounds, orders=st.lists(st.permutations(range(3)), min_size=12, max_size=12))
def test_within_a_round_the_order_in_which_probes_are_heard_changes_nothing(position, rows, orders):
    rules = ({"id": "hi", "on_delay_s": 2}, {"id": "lo", "kind": Kind.LO, "limit": 2.0})
    plain, shaken = position(3, *rules), position(3, *rules)
    play(plain, *rows)
    for second, (row, order) in enumerate(zip(rows, orders, strict=False)):
        for index in order:
            shaken.read("abc"[index], second, row[index])
    assert plain.edges == shaken.edges


def test_a_tick_raises_what_a_vote_is_waiting_for_and_calm_is_told(position):
    place = position(2, {"id": "hi", "on_delay_s": 2})
    assert place.engine.calm
    play(place, [9.0, 9.0], [9.0, 9.0])
    assert not place.engine.calm
    place.tick(2.5)
    assert place.edges == [("raise", "hi", "a", 2)]
    assert place.engine._surroundings.true_conditions() == {("hi", "a"): 9.0}


def test_a_probe_away_from_its_peers_by_the_limit_for_its_time_drifts(room, point):
    rule = {"id": "drift", "kind": Kind.DRIFT, "limit": 0.5, "on_delay_s": 24 * HOUR, "zones": ("z",), "points": ()}
    step = 10 * MINUTE

    def moved(by: float, hours: int):
        place = room([point(name, every_s=step) for name in "abcd"], rule)
        for second in range(0, hours * HOUR, step):
            for name in "abcd":
                place.read(name, second, 5.0 + by * (name == "b"))
        return place.edges

    assert moved(0.2, 72) == []  # less than half the limit adds up to nothing
    (edge,) = moved(0.51, 25)
    assert edge[:3] == ("raise", "drift", "b")
    assert edge[3] == pytest.approx(23 * HOUR, abs=HOUR)
    assert [edge[:3] for edge in moved(-1.0, 25)] == [("raise", "drift", "b")]


def test_without_two_peers_nobody_knows_who_drifts():
    assert away([5.0, 4.0, None]) is None
    assert away([None, 4.0, 4.0]) is None
    assert away([5.0, 4.0, 4.5]) == 0.75


@pytest.mark.parametrize(
    ("humidity", "temperature", "dew"),
    [(100.0, 10.0, 10.0), (50.0, 20.0, 9.27), (80.0, 30.0, 26.17), (60.0, 25.0, 16.7)],
)
def test_dew_points_are_those_of_the_tables(humidity, temperature, dew):
    assert dew_point([humidity, temperature]) == pytest.approx(dew, abs=0.05)


def test_moist_air_above_the_temperature_of_the_goods_raises(room, point):
    probes = [point("h", Quantity.HUMIDITY, label="A"), point("t", label="A"), point("u", label="B")]
    rule = {"id": "dew", "kind": Kind.DEW_POINT, "quantity": Quantity.HUMIDITY, "points": ("h",), "limit": 16.7}
    place = room(probes, rule)
    for second, (humidity, temperature) in enumerate(itertools.product((59.0, 61.0), (25.0, None))):
        place.read("h", second, humidity)
        place.read("t", second, temperature)
    assert place.edges == [("raise", "dew", "h", 2)]
    assert dew_point([0.0, 20.0]) is None


def test_a_round_that_was_made_before_the_last_one_says_nothing(position):
    place = position(2, {"id": "hi"})
    place.read("a", 1, 5.0)
    place.read("b", 3, 5.0)
    place.read("a", 2, 9.0)  # speaks of second 2 when second 3 is judged
    place.read("a", 2.5, 9.0)
    assert place.edges == []
    place.read("a", 4, 9.0)
    place.read("b", 4, 5.0)
    assert place.edges == [("raise", "hi", "a", 4)]
