"""The engine against a slow model that walks every second, and against itself with snapshots and ticks in between."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from control.entries import Transitioned

LIMIT, DEADBAND, HOLD_S = 8.0, 1.0, 3
values = st.sampled_from([None, 6.0, 7.0, 7.5, 8.0, 8.5, 9.0])
histories = st.lists(st.tuples(st.integers(1, 6), values), min_size=1, max_size=40)
delays = st.tuples(st.integers(0, 7), st.integers(0, 7))
indices = st.integers(0, 39)


def edges_second_by_second(samples, end, on_s, off_s):
    """What must move: one step for each second of known time, with nothing remembered but counters."""
    edges = []
    breached = raised = False
    known_to = run = 0
    for second in range(end + 1):
        if breached is not raised and second <= known_to:
            run += 1
            if run >= (on_s if breached else off_s):
                raised = breached
                edges.append(("raise" if raised else "clear", second))
        if second not in samples:
            continue
        value = samples[second]
        known_to = second if value is None else second + HOLD_S
        if value is None:
            continue
        beyond = value > (LIMIT - DEADBAND if breached else LIMIT)
        if beyond is not breached:
            breached, run = beyond, 0
            if breached is not raised and (on_s if breached else off_s) == 0:
                raised = breached
                edges.append(("raise" if raised else "clear", second))
    return edges


def timeline(history):
    second, samples = 0, {}
    for step, value in history:
        second += step
        samples[second] = value
    return samples, second


@settings(max_examples=150, deadline=None)
@given(history=histories, delays=delays, ticking=st.booleans())
def test_the_engine_moves_what_a_walk_through_every_second_moves(judged, definition, history, delays, ticking):
    samples, last = timeline(history)
    end = last + HOLD_S + 2
    judge = judged(definition(deadband=DEADBAND, on_delay_s=delays[0], off_delay_s=delays[1]))
    for second in range(end + 1):
        if second in samples:
            judge.observe(second, samples[second])
        if ticking:
            judge.tick(second + 0.5)
    judge.observe(end, None)  # says nothing but that all before it has been heard
    assert judge.edges == edges_second_by_second(samples, end, *delays)


@settings(max_examples=60, deadline=None)
@given(history=histories, delays=delays, repeats=st.lists(indices, max_size=20))
def test_late_and_repeated_readings_change_nothing(judged, definition, history, delays, repeats):
    samples, last = timeline(history)
    plain, shaken = (
        judged(definition(deadband=DEADBAND, on_delay_s=delays[0], off_delay_s=delays[1])) for _ in range(2)
    )
    seconds = sorted(samples)
    for index, second in enumerate(seconds):
        plain.observe(second, samples[second])
        shaken.observe(second, samples[second])
        for again in repeats:
            if again <= index:
                shaken.observe(seconds[again], samples[seconds[again]], recorded_s=second)
    for judge in (plain, shaken):
        judge.tick(last + HOLD_S + 2)
    assert plain.edges == shaken.edges


@settings(max_examples=60, deadline=None)
@given(history=histories, delays=delays, snapshot=indices, crash=indices)
def test_a_restart_at_any_point_gives_the_same_transitions(
    judged, definition, observed, history, delays, snapshot, crash
):
    samples, _ = timeline(history)
    alarm = definition(deadband=DEADBAND, on_delay_s=delays[0], off_delay_s=delays[1])
    steady, restarted = judged(alarm), judged(alarm)
    kept, journal = msgspec.msgpack.encode(restarted.engine.state), []
    for index, second in enumerate(sorted(samples)):
        steady.observe(second, samples[second])
        known = len(restarted.moved)
        restarted.observe(second, samples[second])
        journal.append((second, observed(second, samples[second])))
        journal += [(second, Transitioned(alarm=alarm)) for alarm in restarted.moved[known:]]
        if index == snapshot:
            kept, journal = msgspec.msgpack.encode(restarted.engine.state), []
        if index == crash:
            before = restarted.engine.state
            restarted.restart(kept, journal)
            assert restarted.engine.state == before
    assert restarted.moved == steady.moved
    assert restarted.engine.occurrences.listed() == steady.engine.occurrences.listed()
