"""What must hold between two runs of the same readings, whatever the rule."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.messages.observation import Quality, Reading
from control.alarms.definition import AlarmFile, Kind
from control.alarms.engine import Engine, EngineState
from control.entries import Observed

values = st.sampled_from([None, 2.0, 5.0, 7.0, 8.0, 8.5, 9.0, 12.0])
histories = st.lists(st.tuples(st.integers(1, 4), values), min_size=1, max_size=50)
RULES = [
    {"kind": Kind.HI, "on_delay_s": 3, "off_delay_s": 2, "deadband": 0.5},
    {"kind": Kind.CUMULATIVE_HI, "window_s": 30.0, "allowed_s": 5.0},
    {"kind": Kind.RISE, "limit": 10.0, "unit": "°C/min", "window_s": 10.0},
    {"kind": Kind.FALL, "limit": 10.0, "unit": "°C/min", "window_s": 10.0},
    {"kind": Kind.PREDICTED_HI, "window_s": 10.0, "within_s": 20.0},
    {"kind": Kind.MKT, "window_s": 20.0},
    {"kind": Kind.SPIKE, "limit": 0.0, "unit": "", "window_s": 30.0},
    {"kind": Kind.STUCK, "limit": 0.4, "on_delay_s": 4},
    {"kind": Kind.JUMP, "limit": 60.0, "unit": "°C/min", "window_s": 3.0},
]
rules = st.sampled_from(RULES)


@pytest.fixture(scope="session")
def runs(room, point, at):
    """Judge a history by rules; `shift_s` later, cut into entries of some length, restarted after some entries."""

    def run(history, *definitions, shift_s=0, cut=1, restarts=()):
        place = room([point("p")], *definitions)
        second, readings = 0, []
        for step, value in history:
            second += step
            bad = {"quality": Quality.BAD, "reason": "no-answer"} if value is None else {}
            moment = at(second + shift_s)
            readings.append(Reading(seq=1, point="p", observed_at=moment, spooled_at=moment, value=value, **bad))
        for index, start in enumerate(range(0, len(readings), cut)):
            part = tuple(readings[start : start + cut])
            place.take(Observed(gateway="g", boot_id="0" * 32, observations=part), second + shift_s)
            if index in restarts:
                place.restart()
        return [(edge, name, at_s - shift_s) for edge, name, _, at_s in place.edges]

    return run


def raised(moves):
    return [at_s for edge, _, at_s in moves if edge == "raise"]


@settings(max_examples=120, deadline=None)
@given(history=histories, rule=rules, cut=st.integers(1, 20), restarts=st.sets(st.integers(0, 49), max_size=4))
def test_neither_the_cut_of_the_batches_nor_a_restart_changes_anything(runs, history, rule, cut, restarts):
    assert runs(history, rule, cut=cut, restarts=restarts) == runs(history, rule)


@settings(max_examples=80, deadline=None)
@given(history=histories, rule=st.sampled_from([r for r in RULES if r["kind"] is not Kind.MKT]), days=st.integers(0, 9))
def test_the_same_readings_at_another_time_give_the_same_alarms(runs, history, rule, days):
    # A window of MKT is cut into slots of the calendar, so there it holds for whole windows only.
    assert runs(history, rule, shift_s=-86_400 * days) == runs(history, rule)


@settings(max_examples=120, deadline=None)
@given(history=histories, low=st.floats(4, 9), more=st.floats(0, 4), rule=st.sampled_from(RULES[:2]))
def test_a_higher_limit_raises_nothing_earlier(runs, history, low, more, rule):
    flat = rule | {"deadband": 0.0, "off_delay_s": 0}
    lower, higher = (raised(runs(history, flat | {"limit": limit})) for limit in (low, low + more))
    assert not higher or (lower and lower[0] <= higher[0])


@settings(max_examples=120, deadline=None)
@given(history=histories, delay=st.integers(0, 5), longer=st.integers(0, 5))
def test_a_longer_delay_raises_within_the_alarms_of_a_shorter_one(runs, history, delay, longer):
    short, long = (runs(history, {"id": "hi", "on_delay_s": one}) for one in (delay, delay + longer))
    spans = list(zip(raised(short), [at for edge, _, at in short if edge == "clear"] + [10**9], strict=False))
    assert all(any(start <= at <= end for start, end in spans) for at in raised(long))


@settings(max_examples=80, deadline=None)
@given(history=histories, delay=st.integers(1, 5), more=st.integers(0, 5))
def test_more_allowed_time_raises_nothing_earlier(runs, history, delay, more):
    rule = RULES[1]
    less, longer = (raised(runs(history, rule | {"allowed_s": float(one)})) for one in (delay, delay + more))
    assert not longer or less[0] <= longer[0]


def test_what_is_remembered_of_rules_no_longer_there_is_forgotten(room, point, definition):
    place = room([point("p")], RULES[1], RULES[2] | {"id": "rise"})
    place.series("p", dict.fromkeys(range(20), 9.0))
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(place.engine.state), type=EngineState)
    engine = Engine(place.site, AlarmFile(alarms=(definition(**RULES[1]),)), state)
    assert set(engine.state.watches["p"].memories) == set(engine.state.watches["p"].detectors) == {"hi"}
