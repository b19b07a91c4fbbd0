"""A back-test moves what the live engine moves; passing over quiet runs and sharing the work out change nothing."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile, Kind
from control.backtest import parallel, replay
from control.backtest.parallel import replay_all
from control.backtest.replay import groups
from control.backtest.series import Series, coverage, series_of

MINUTE_US = 60_000_000


@pytest.fixture(scope="session")
def alarms(definition):
    def make(*points, delay_s=0, stale_s=600):
        common = {"points": points, "deadband": 0.5, "on_delay_s": delay_s, "off_delay_s": delay_s}
        return AlarmFile(
            alarms=(
                definition(id="hi", **common),
                definition(id="lo", kind=Kind.LO, limit=2.0, **common),
                definition(id="stale", kind=Kind.STALE, limit=stale_s, unit="s", points=points),
            )
        )

    return make


@pytest.fixture(scope="session")
def points():
    def make(*names):
        return [Point(id=name, quantity=Quantity.TEMPERATURE, every_s=60) for name in names]

    return make


values = st.sampled_from([None, 1.9, 2.0, 2.5, 5.0, 5.0, 5.0, 7.5, 8.0, 8.1, 9.0])
histories = st.dictionaries(st.integers(0, 200), values, min_size=1, max_size=100)


@settings(max_examples=150, deadline=None)
@given(histories, st.integers(0, 4))
def test_passing_over_quiet_runs_changes_nothing(at, one_room, points, alarms, history, minutes):
    series = {"p": series_of((at(60 * minute), value) for minute, value in history.items())}
    site, file = one_room(*points("p")), alarms("p", delay_s=60 * minutes)

    passed_over = replay_all(groups(site, file, series), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay, "is_simple", lambda _: False)
        plain = replay_all(groups(site, file, series), 1)

    assert passed_over == plain


def test_few_readings_of_a_quiet_series_are_shown_to_the_engine(one_room, points, alarms):
    values = np.full(10_000, 5.0)
    values[5_000:5_003] = 9.0
    series = {"p": Series(np.arange(10_000) * MINUTE_US, values)}
    [group] = groups(one_room(*points("p")), alarms("p", delay_s=300), series)
    run = replay.Run(group)

    assert list(run.events()) == []
    assert run.shown < 10


def test_every_transition_has_its_time_value_and_reason(at, one_room, points, alarms):
    minutes = [5.0] * 5 + [8.1, 9.0, 8.2, 7.9, 7.6] + [7.5] * 8
    series = {"p": series_of((at(60 * minute), value) for minute, value in enumerate(minutes))}

    events = replay_all(groups(one_room(*points("p")), alarms("p", delay_s=240), series), 1)

    told = [(event.t - at(0), event.alarm, event.event, event.value, event.reason) for event in events]
    assert told == [
        (timedelta(minutes=9), "hi.p.1", "occur", 7.9, "above 8 °C for 240 s, last 7.9 °C"),
        (timedelta(minutes=14), "hi.p.1", "return", None, "at or below 7.5 °C for 240 s"),
    ]


def test_each_excursion_of_many_is_told_once_whoever_would_have_to_answer_it(at, definition, one_room, points):
    file = AlarmFile(alarms=(definition(ccp=True, latch=True),))
    series = {"p": series_of((at(60 * minute), 9.0 if minute % 2 else 5.0) for minute in range(80))}

    events = replay_all(groups(one_room(*points("p")), file, series), 1)

    assert [(event.t, event.event) for event in events] == [
        (at(60 * minute), "occur" if minute % 2 else "return") for minute in range(1, 80)
    ]
    assert len({(event.alarm, event.event) for event in events}) == 79


def test_a_silence_is_told_as_stale_and_nothing_else_moves_in_it(at, one_room, points, alarms):
    series = {"p": series_of([(at(0), 9.0), (at(60), 9.0), (at(3_600), 9.0), (at(3_660), 9.0)])}

    events = replay_all(groups(one_room(*points("p")), alarms("p", delay_s=600), series), 1)

    assert [(event.t, event.alarm, event.event, event.reason) for event in events] == [
        (at(660), "stale.p.1", "occur", "no usable value for 600 s"),
        (at(3_600), "stale.p.1", "return", "a usable value came"),
    ]


def test_a_zone_is_judged_as_one_where_a_condition_may_look_around(at, one_room, points, alarms, monkeypatch):
    series = {name: series_of([(at(0), 9.0), (at(60), 5.0)]) for name in ("p", "q")}
    site, file = one_room(*points("p", "q")), alarms("p", "q")
    apart = replay_all(groups(site, file, series), 1)
    monkeypatch.setattr(replay, "is_simple", lambda _: False)

    [group] = groups(site, file, series)

    assert replay.replay(group) == apart


def test_a_point_that_nothing_watches_is_not_judged(at, one_room, points, alarms):
    series = {"q": series_of([(at(0), 9.0)])}

    assert groups(one_room(*points("p", "q")), alarms("p"), series) == []


def test_two_processes_find_what_one_finds(one_room, points, alarms, monkeypatch):
    dice = np.random.default_rng(4)
    names = [f"p{number}" for number in range(6)]
    series = {name: Series(np.arange(400) * MINUTE_US, dice.normal(6, 2, 400)) for name in names}
    parts = groups(one_room(*points(*names)), alarms(*names, delay_s=120), series)
    alone = replay_all(parts, 1)
    monkeypatch.setattr(parallel, "WORTH_READINGS", 1)
    monkeypatch.setattr(parallel, "SHARE", 3)

    assert replay_all(parts, 2) == alone
    assert len(alone) > 20


def slow_coverage(history, hold):
    """Walk every minute: is the value known in the minute that begins here?"""
    known, minutes = 0, sorted(history)
    for minute in range(minutes[0], minutes[-1]):
        newest = max(m for m in minutes if m <= minute)
        known += history[newest] is not None and minute - newest < hold
    return known


@settings(max_examples=100, deadline=None)
@given(histories)
def test_coverage_is_the_time_in_which_the_value_was_known(at, history):
    known = coverage(series_of((at(60 * minute), value) for minute, value in history.items()), 180)

    assert known.covered_s == 60 * slow_coverage(history, 3)
    assert (known.readings, known.bad) == (len(history), sum(value is None for value in history.values()))
    assert 0 <= known.share <= 1


@settings(max_examples=100, deadline=None)
@given(histories)
def test_gaps_are_those_of_the_record(at, definition, points, history):
    from control.alarms.record.book import Book  # noqa: PLC0415

    [point] = points("p")
    book = Book(point, [definition()])
    for minute in sorted(history):
        book.take(at(60 * minute), history[minute])

    known = coverage(series_of((at(60 * minute), value) for minute, value in history.items()), 180)

    assert known.gaps == book.record().gap_count
    assert known.covered_s == book.record().covered_s
