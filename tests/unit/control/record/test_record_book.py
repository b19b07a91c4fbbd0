"""The record of a point is that of its whole sorted history, however its readings come, and it costs what is late."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.site import Point, Quantity
from control.alarms.definition import Kind
from control.alarms.record import book as books
from control.alarms.record.book import Book, Known
from control.alarms.record.fold import Fold
from control.alarms.record.spans import Ending
from control.alarms.sensors import Sensor

POINT = Point(id="p", quantity=Quantity.TEMPERATURE, every_s=60)


class Kept:
    """A history in memory that counts what is read of it."""

    def __init__(self):
        self.samples = {}
        self.read_count = 0

    def read(self, point, after, through):
        assert point == "p"
        for moment in sorted(m for m in self.samples if after < m <= through):
            self.read_count += 1
            yield Known(moment, self.samples[moment])


@pytest.fixture(scope="session")
def told(at, definition):
    """A book told of (minute, value) in the order given, and settled after every `every`."""

    def tell(readings, *, every=1, definitions=None, **changes):
        changed = {"deadband": 0.5, "on_delay_s": 600, "off_delay_s": 300} | changes
        book, history = Book(POINT, definitions or [definition(**changed)]), Kept()
        for index, (minute, value) in enumerate(readings):
            history.samples[at(60 * minute)] = value
            book.take(at(60 * minute), value)
            if index % every == 0:
                book.settle(history)
        book.settle(history)
        return book, history

    return tell


def every_minute(*spans):
    """Readings from (first minute, last minute, value)."""
    return [(minute, value) for first, last, value in spans for minute in range(first, last + 1)]


def test_an_excursion_has_its_onset_worst_value_and_both_delays(told, at):
    book, _ = told(every_minute((0, 9, 5.0), (10, 19, 8.5), (20, 24, 9.5), (25, 60, 7.0)))

    [excursion] = book.record().excursions

    assert excursion.onset == at(600)
    assert excursion.raised_at == at(1200)
    assert (excursion.worst, excursion.worst_at) == (9.5, at(1200))
    assert excursion.returned_at == at(1500)
    assert excursion.cleared_at == at(1800)
    assert (excursion.known_s, excursion.unknown_s, excursion.gaps) == (900, 0, 0)
    assert excursion.ending is Ending.RETURNED


def test_a_breach_shorter_than_its_delay_is_no_excursion(told):
    book, _ = told(every_minute((0, 9, 5.0), (10, 18, 8.5), (19, 60, 7.0)))

    assert book.record().excursions == ()


def test_a_return_shorter_than_its_delay_ends_no_excursion(told, at):
    book, _ = told(every_minute((0, 20, 9.0), (21, 24, 7.0), (25, 40, 9.0), (41, 60, 7.0)))

    [excursion] = book.record().excursions

    assert (excursion.onset, excursion.returned_at) == (at(0), at(41 * 60))
    assert excursion.known_s == (21 + 16) * 60


def test_a_gap_is_stated_and_counts_neither_as_in_nor_as_out_of_the_limit(told, at):
    book, _ = told([*every_minute((0, 20, 9.0)), *every_minute((60, 80, 9.0))])

    record = book.record()

    [gap] = record.gaps
    assert (gap.start, gap.end) == (at(23 * 60), at(3600))
    assert record.coverage == pytest.approx((80 - 37) / 80)
    [excursion] = record.excursions
    assert (excursion.ending, excursion.unknown_s, excursion.gaps) == (Ending.OPEN, 37 * 60, 1)
    assert excursion.known_s == (23 + 20) * 60


def test_bad_readings_make_one_gap_from_the_first_to_the_next_usable_one(told, at):
    book, _ = told([(0, 5.0), (1, None), (2, None), (3, 5.0), (4, None), (5, None)])

    assert [(gap.start, gap.end) for gap in book.record().gaps] == [(at(60), at(180)), (at(240), at(300))]
    assert book.record().covered_s == 120


def test_without_readings_there_is_an_empty_record(told):
    book, _ = told([])

    assert book.record().coverage is None
    assert book.record().excursions == ()


def test_other_kinds_of_condition_have_no_excursions(told, definition):
    stale = definition(id="stale", kind=Kind.STALE, limit=60, unit="s")
    book, _ = told(every_minute((0, 20, 9.0)), definitions=[stale])

    assert book.record().excursions == ()


def test_an_excursion_that_lies_wholly_in_a_gap_is_found_when_its_readings_come(told, at):
    live = [*every_minute((0, 9, 5.0)), *every_minute((60, 99, 5.0))]
    backlog = every_minute((10, 19, 5.0), (20, 39, 9.0), (40, 59, 5.0))

    book, _ = told([*live, *backlog])

    record = book.record()
    assert record.gaps == ()
    assert [(one.onset, one.returned_at) for one in record.excursions] == [(at(1200), at(2400))]


def test_a_late_reading_in_a_long_history_folds_only_its_surroundings_again(told, at):
    readings = every_minute((0, 19_999, 5.0))
    del readings[15_000]
    book, history = told(readings, every=100_000)

    history.samples[at(15_000 * 60)] = 20.0
    book.take(at(15_000 * 60), 20.0)
    span = book.settle(history)

    assert history.read_count < 4 * books.CHECKPOINT_EVERY
    assert span[0] < at(15_000 * 60) < span[1] < at(16_000 * 60)
    assert book.record() == told(sorted([*readings, (15_000, 20.0)]))[0].record()
    assert len(book.state.checkpoints) <= books.CHECKPOINT_LIMIT


def test_spans_beyond_the_limit_are_counted_and_the_newest_kept(told, monkeypatch):
    monkeypatch.setattr(books, "SPAN_LIMIT", 3)
    readings = [(20 * n + offset, 9.0 if offset < 5 else 5.0) for n in range(6) for offset in range(15)]

    book, _ = told(readings, on_delay_s=0, off_delay_s=0)

    record = book.record()
    assert (len(record.excursions), record.excursion_count) == (3, 6)
    assert (len(record.gaps), record.gap_count) == (3, 5)


values = st.sampled_from([None, 6.0, 7.4, 7.5, 7.8, 8.0, 8.1, 9.0, 12.0])
histories = st.dictionaries(st.integers(0, 400), values, min_size=1, max_size=120)


@settings(max_examples=100, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.integers(1, 30), st.integers(1, 8), st.integers(0, 5))
def test_any_order_delay_or_repetition_gives_the_identical_record(told, history, dice, every, step, delay):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "CHECKPOINT_EVERY", step)
        patch.setattr(books, "CHECKPOINT_LIMIT", 8)
        plain = sorted(history.items())
        shaken = plain + dice.choices(plain, k=len(plain) // 3)
        dice.shuffle(shaken)
        delays = {"on_delay_s": 60 * delay, "off_delay_s": 60 * (delay // 2)}

        book, _ = told(shaken, every=every, **delays)

        assert book.settled
        assert book.record() == told(plain, every=1000, **delays)[0].record()


def test_a_book_goes_on_from_its_state_as_if_it_had_not_stopped(told, definition, at):
    readings = every_minute((0, 20, 9.0), (21, 60, 7.0), (80, 95, 9.0))
    steady, _ = told(readings)
    first, _ = told(readings[:30])

    again = Book(POINT, [definition(deadband=0.5, on_delay_s=600, off_delay_s=300)], first.state)
    for minute, value in readings[30:]:
        again.take(at(60 * minute), value)

    assert again.record() == steady.record()


def test_twenty_orders_of_one_hard_day_give_one_record(told):
    dice = random.Random(4)
    day = [(minute, dice.choice([5.0, 8.2, 9.0, None])) for minute in range(240) if dice.random() < 0.8]
    wanted = told(day, every=1000)[0].record()
    for _ in range(20):
        shaken = list(day)
        dice.shuffle(shaken)
        assert told(shaken, every=dice.randint(1, 50))[0].record() == wanted
    assert wanted.last - wanted.first <= timedelta(hours=4)


def test_a_value_that_its_sensor_cannot_give_is_unknown_and_no_excursion(told, definition, at):
    ranged = definition(id="broken", kind=Kind.RANGE, limit=None, sensor=Sensor.DS18B20)
    book, _ = told(
        [(0, 5.0), (1, 999.0), (2, 999.0), (3, 5.0)], definitions=[definition(on_delay_s=0, off_delay_s=0), ranged]
    )

    record = book.record()

    assert record.excursions == ()
    assert [(gap.start, gap.end) for gap in record.gaps] == [(at(60), at(180))]


def test_more_late_stretches_than_are_told_apart_are_folded_again_as_one(told, at):
    readings = every_minute((0, 999, 5.0))
    book, history = told(readings, every=100_000)
    late = [30 + 7 * n for n in range(books.STRETCH_LIMIT + 1)]
    for minute in late:
        book.take(at(60 * minute + 30), 20.0)
        history.samples[at(60 * minute + 30)] = 20.0

    assert book.state.late == [(at(60 * late[0] + 30), at(60 * late[-1] + 30))]
    book.settle(history)
    everything = sorted([*readings, *((minute + 0.5, 20.0) for minute in late)])
    assert book.record() == told(everything)[0].record()


def test_a_state_in_which_an_alarm_is_raised_and_its_excursion_is_not_is_refused(definition, at):
    fold = Fold(POINT, [definition(on_delay_s=60, off_delay_s=0)])
    fold.take(at(0), 9.0)
    fold.take(at(60), 9.0)
    fold.state.pending["hi"].raised_at = None

    with pytest.raises(ValueError, match="hi has not held for its delay"):
        fold.take(at(120), 5.0)


def test_late_readings_near_each_other_are_one_stretch_and_far_ones_two(told, at):
    book, _ = told(every_minute((0, 99, 5.0)))
    for minute in (50.5, 20.5, 23.5, 26.6, 17.5):
        book.take(at(60 * minute), 5.0)
    assert book.state.late == [(at(60 * a), at(60 * b)) for a, b in ((17.5, 23.5), (26.6, 26.6), (50.5, 50.5))]
    book.take(at(60 * 25), 5.0)
    assert book.state.late == [(at(60 * a), at(60 * b)) for a, b in ((17.5, 26.6), (50.5, 50.5))]


def test_what_was_folded_again_is_said_from_the_checkpoint_before_to_where_all_is_as_it_was(told, at):
    book, history = told(every_minute((0, 1_999, 5.0)), every=100_000)
    before = [checkpoint.at for checkpoint in book.state.checkpoints]
    assert before[:2] == [at(60 * 255), at(60 * 511)]
    assert book.settle(history) is None

    history.samples[at(60 * 300 + 30)] = 5.0
    book.take(at(60 * 300 + 30), 5.0)
    assert book.settle(history) == (at(60 * 255), at(60 * 511))
    moments = [checkpoint.at for checkpoint in book.state.checkpoints]
    assert moments == sorted([*before, at(60 * 510)])  # one more, after 256 readings of which one is new

    history.samples[at(60 * 1_990 + 30)] = 5.0
    book.take(at(60 * 1_990 + 30), 5.0)
    assert book.settle(history) == (before[-1], at(60 * 1_999))
    history.samples[at(30)] = 5.0
    book.take(at(30), 5.0)
    assert book.settle(history)[0] == at(0)


def test_after_late_readings_no_more_spans_are_kept_than_before(told, at, monkeypatch):
    monkeypatch.setattr(books, "SPAN_LIMIT", 3)
    late = [(1, 9.0), (2, 5.0)]
    early = [(minute, 9.0 if minute % 20 == 5 else 5.0) for minute in range(4, 1_000) if minute % 50 < 40]
    book, history = told(early, every=100_000, on_delay_s=0, off_delay_s=0)
    counted = book.state.excursion_count, book.state.gap_count
    for minute, value in late:
        history.samples[at(60 * minute)] = value
        book.take(at(60 * minute), value)
    book.settle(history)

    assert (len(book.state.excursions), len(book.state.gaps)) == (3, 3)
    assert (book.state.excursion_count, book.state.gap_count) == (counted[0] + 1, counted[1])
    assert book.record() == told(sorted([*early, *late]), every=100_000, on_delay_s=0, off_delay_s=0)[0].record()


def test_the_record_of_a_point_with_only_other_alarms_is_that_of_its_gaps(told, definition, at):
    rise = definition(id="rise", kind=Kind.RISE, limit=0.5, unit="°C/min", window_s=300.0)
    book, _ = told([(0, 5.0), (30, 90.0), (31, 90.0)], definitions=[rise])
    assert book.record().excursions == ()
    assert book.record().gap_count == 1
    assert book.begun() == set()


def test_what_holds_for_less_than_its_delay_has_begun_and_what_is_raised_has_not(told, at):
    book, _ = told(every_minute((0, 5, 9.0)))
    assert book.begun() == {("hi", at(0))}
    book, _ = told(every_minute((0, 11, 9.0)))
    assert book.begun() == set()
