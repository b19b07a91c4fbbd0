import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.devices.device import Update
from firmware_sim.world import Wire, World


class Ticker:
    """Counts its updates; wakes every `every_s`."""

    def __init__(self, every_s):
        self.every_s = every_s
        self.moments = []

    def update(self, now_s, inputs):
        del inputs
        self.moments.append(now_s)
        return Update({"count": float(len(self.moments))}, now_s + self.every_s)


class Doubler:
    """Doubles its input; wakes on input only."""

    def __init__(self):
        self.seen = []

    def update(self, now_s, inputs):
        self.seen.append((now_s, inputs["in"]))
        return Update({"out": 2 * inputs["in"]})


def test_devices_wake_when_they_asked_to_and_when_an_input_changes():
    ticker, doubler = Ticker(10.0), Doubler()
    world = World({"t": ticker, "d": doubler}, [Wire("t.count", "d.in")], {})
    world.run_until(25.0)
    assert ticker.moments == [0.0, 10.0, 20.0]
    assert doubler.seen == [(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)]
    assert world.number("d.out") == 6.0
    assert (world.now_s, world.next_call_s()) == (25.0, 30.0)


def test_a_value_that_stays_the_same_wakes_nobody():
    doubler = Doubler()
    world = World({"d": doubler}, [Wire("hand.d", "d.in")], {"hand.d": 1.0})
    world.run_until(1.0)
    world.set("hand.d", 1.0)
    world.run_until(2.0)
    assert doubler.seen == [(0.0, 1.0)]
    world.set("hand.d", 2.0)
    world.run_until(2.0)
    assert doubler.seen[-1] == (2.0, 2.0)


def test_a_device_woken_early_by_an_input_forgets_its_earlier_wish():
    ticker = Ticker(10.0)
    world = World({"t": ticker}, [Wire("hand.t", "t.in")], {"hand.t": 0.0})
    world.run_until(5.0)
    world.set("hand.t", 1.0)
    world.run_until(40.0)
    assert ticker.moments == [0.0, 5.0, 15.0, 25.0, 35.0]


def test_a_wire_that_goes_backward_or_comes_from_nowhere_is_refused():
    with pytest.raises(ValueError, match=r"d\.out to t\.in, which is not forward"):
        World({"t": Ticker(1.0), "d": Doubler()}, [Wire("d.out", "t.in")], {})
    with pytest.raises(ValueError, match="nobody"):
        World({"d": Doubler()}, [Wire("nobody.out", "d.in")], {})


def test_a_device_that_wants_to_be_woken_now_again_is_a_bug_and_says_so():
    with pytest.raises(ValueError, match="t wants to be woken at 0"):
        World({"t": Ticker(0.0)}, [], {}).run_until(1.0)


def test_a_signal_nobody_has_cannot_be_set():
    with pytest.raises(KeyError):
        World({}, [], {}).set("hand.door", 1.0)
    assert World({}, [], {}).next_call_s() == math.inf


def test_watchers_hear_every_change_with_its_moment():
    heard = []
    world = World({"t": Ticker(2.0)}, [], {})
    world.watch("t.count", lambda now_s, value: heard.append((now_s, value)))
    world.run_until(5.0)
    assert heard == [(0.0, 1.0), (2.0, 2.0), (4.0, 3.0)]


@settings(max_examples=40)
@given(cuts=st.lists(st.floats(0, 100), max_size=12))
def test_however_time_is_cut_into_runs_the_history_is_the_same(cuts):
    def history(ends):
        ticker, doubler = Ticker(7.3), Doubler()
        world = World({"t": ticker, "d": doubler}, [Wire("t.count", "d.in")], {})
        for end_s in ends:
            world.run_until(end_s)
        return ticker.moments, doubler.seen

    assert history([*sorted(cuts), 100.0]) == history([100.0])
