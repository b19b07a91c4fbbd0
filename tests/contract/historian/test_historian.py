"""Every historian keeps what `control.ports.Historian` promises: memory, file, and Debian's servers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coldport.errors import RefusedError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian import buckets as historian_buckets
from control.historian.duckdb import DuckDbHistorian
from control.historian.memory import MemoryHistorian
from control.ports import Historian, Sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOOR = PointId("c1-door")
PROBE = PointId("c1-1-temperature")


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def good(second: float, value: float, point: PointId = PROBE) -> Sample:
    return Sample(point, at(second), value, Quality.GOOD)


def bad(second: float, point: PointId = PROBE) -> Sample:
    return Sample(point, at(second), None, Quality.BAD)


KINDS = [
    "memory",
    "duckdb",
    pytest.param("influxd", marks=pytest.mark.server),
    pytest.param("victoria-metrics", marks=pytest.mark.server),
]


@pytest.fixture(params=KINDS)
def historian(request, tmp_path: Path, shared_server, influx):
    if request.param == "memory":
        made = MemoryHistorian()
    elif request.param == "duckdb":
        made = DuckDbHistorian(tmp_path / "historian.duckdb")
    else:
        made = influx(shared_server(request.param))
    yield made
    made.close()


def ask(historian: Historian, start: float, end: float, count: int, hold_s: float = 3.0, point: PointId = PROBE):
    return historian.buckets(point, at(start), at(end), count, hold_s=hold_s)


class TestEveryHistorian:
    def test_a_new_one_has_applied_nothing_and_answers_with_empty_buckets(self, historian: Historian):
        assert historian.applied() == 0
        assert [(b.count, b.bad, b.covered_s, b.mean) for b in ask(historian, 0, 10, 2)] == [(0, 0, 0.0, None)] * 2

    def test_buckets_hold_minimum_mean_and_maximum_of_their_own_samples(self, historian: Historian):
        historian.write(1, [good(0, 2.0), good(1, 4.0), good(9.999, 9.0), good(10, -5.0), good(20, 100.0)])
        first, second = ask(historian, 0, 20, 2)
        assert (first.count, first.minimum, first.mean, first.maximum) == (3, 2.0, 5.0, 9.0)
        assert (second.count, second.minimum, second.mean, second.maximum) == (1, -5.0, -5.0, -5.0)
        assert (first.start, first.end, second.end) == (at(0), at(10), at(20))

    def test_a_repeated_write_changes_nothing(self, historian: Historian):
        historian.write(7, [good(0, 2.0)])
        historian.write(7, [good(0, 3.0), good(1, 3.0)])
        historian.write(6, [good(2, 3.0)])
        assert historian.applied() == 7
        assert [(b.count, b.maximum) for b in ask(historian, 0, 10, 1)] == [(1, 2.0)]

    def test_entries_without_samples_move_the_number_on(self, historian: Historian):
        historian.write(5, [])
        assert historian.applied() == 5

    def test_a_sample_is_known_until_the_next_one_and_no_longer_than_the_hold(self, historian: Historian):
        historian.write(1, [good(0, 2.0), good(1, 2.0), good(10, 2.0)])
        assert [b.covered_s for b in ask(historian, 0, 20, 2)] == [4.0, 3.0]

    def test_a_hold_reaches_over_the_edge_of_its_bucket(self, historian: Historian):
        historian.write(1, [good(4, 2.0)])
        assert [b.covered_s for b in ask(historian, 0, 20, 10, hold_s=7)] == [0, 0, 2, 2, 2, 1, 0, 0, 0, 0]

    def test_a_sample_from_before_the_range_still_covers_its_start(self, historian: Historian):
        historian.write(1, [good(-1, 2.0)])
        assert [(b.count, b.covered_s) for b in ask(historian, 0, 10, 2)] == [(0, 2.0), (0, 0.0)]

    def test_the_hold_ends_with_the_range(self, historian: Historian):
        historian.write(1, [good(9, 2.0)])
        assert [b.covered_s for b in ask(historian, 0, 10, 1)] == [1.0]

    def test_a_bad_sample_is_counted_apart_and_ends_what_was_known(self, historian: Historian):
        historian.write(1, [good(0, 2.0), bad(1), good(5, 4.0)])
        [bucket] = ask(historian, 0, 10, 1)
        assert (bucket.count, bucket.bad, bucket.mean, bucket.covered_s) == (2, 1, 3.0, 4.0)

    def test_a_bad_sample_from_before_the_range_ends_what_was_known(self, historian: Historian):
        historian.write(1, [good(-2, 2.0), bad(-1)])
        assert [b.covered_s for b in ask(historian, 0, 10, 1)] == [0.0]

    def test_an_uncertain_sample_counts_as_a_good_one(self, historian: Historian):
        historian.write(1, [Sample(PROBE, at(0), 2.5, Quality.UNCERTAIN)])
        assert [(b.count, b.mean) for b in ask(historian, 0, 10, 1)] == [(1, 2.5)]

    def test_a_gap_shows_as_buckets_without_samples(self, historian: Historian):
        historian.write(1, [good(second, 2.0) for second in (0, 1, 2, 17, 18, 19)])
        assert [b.count for b in ask(historian, 0, 20, 4)] == [3, 0, 0, 3]

    def test_points_do_not_see_each_other(self, historian: Historian):
        historian.write(1, [good(0, 1.0, DOOR), good(0, 5.0), bad(1, DOOR)])
        assert [(b.count, b.bad, b.mean) for b in ask(historian, 0, 10, 1, point=DOOR)] == [(1, 1, 1.0)]
        assert [(b.count, b.bad, b.mean) for b in ask(historian, 0, 10, 1)] == [(1, 0, 5.0)]

    def test_late_samples_take_their_place_in_time(self, historian: Historian):
        historian.write(1, [good(5, 2.0)])
        historian.write(2, [good(4, 8.0)])
        [bucket] = ask(historian, 0, 10, 1)
        assert (bucket.count, bucket.mean, bucket.covered_s) == (2, 5.0, 4.0)

    @pytest.mark.parametrize("historian", KINDS[:3], indirect=True)  # VictoriaMetrics keeps either one
    def test_of_two_samples_at_one_moment_the_last_written_stands(self, historian: Historian):
        historian.write(1, [good(5, 2.0), good(5, 3.0), bad(6)])
        historian.write(2, [good(5, 8.0), good(6, 9.0)])
        assert [(b.count, b.bad, b.minimum, b.maximum) for b in ask(historian, 0, 10, 1)] == [(2, 0, 8.0, 9.0)]

    def test_at_one_moment_a_point_has_one_sample(self, historian: Historian):
        historian.write(1, [good(5, 2.0)])
        historian.write(2, [good(5, 8.0)])
        assert [b.count for b in ask(historian, 0, 10, 1)] == [1]

    def test_moments_are_kept_to_the_millisecond(self, historian: Historian):
        historian.write(1, [good(5.0009, 2.0)])
        assert [b.count for b in ask(historian, 4.999, 5.001, 2)] == [0, 1]

    def test_a_range_that_does_not_divide_evenly_loses_no_sample(self, historian: Historian):
        historian.write(1, [good(index / 1000, float(index)) for index in range(10)])
        buckets = ask(historian, 0, 0.010, 3)
        assert [b.count for b in buckets] == [3, 3, 4]
        assert [b.end for b in buckets[:-1]] == [b.start for b in buckets[1:]]

    def test_samples_come_back_as_they_were_written_oldest_first(self, historian: Historian):
        uncertain = Sample(PROBE, at(2), 2.5, Quality.UNCERTAIN)
        historian.write(1, [good(3, 3.0), uncertain, bad(1), good(0, 1.0, DOOR)])
        historian.write(2, [good(0, 2.0), good(10, 9.0)])
        assert historian.samples(PROBE, at(0), at(10)) == [good(0, 2.0), bad(1), uncertain, good(3, 3.0)]
        assert historian.samples(PROBE, at(4), at(10)) == []

    @pytest.mark.parametrize("historian", KINDS[:3], indirect=True)  # VictoriaMetrics keeps either one
    def test_samples_have_the_last_written_of_one_moment(self, historian: Historian):
        historian.write(1, [good(5, 2.0), good(5, 3.0)])
        historian.write(2, [good(5, 8.0)])
        assert [sample.value for sample in historian.samples(PROBE, at(0), at(10))] == [8.0]

    def test_an_empty_range_of_samples_is_refused(self, historian: Historian):
        with pytest.raises(RefusedError):
            historian.samples(PROBE, at(1), at(1))

    @pytest.mark.parametrize("historian", KINDS[:2], indirect=True)  # the servers would take minutes
    def test_one_sample_more_than_the_limit_is_refused(self, historian: Historian, monkeypatch):
        monkeypatch.setattr(historian_buckets, "SAMPLE_LIMIT", 3)
        historian.write(1, [good(second, 1.0) for second in range(4)])
        assert len(historian.samples(PROBE, at(0), at(3))) == 3
        with pytest.raises(RefusedError):
            historian.samples(PROBE, at(0), at(4))

    @pytest.mark.parametrize(("start", "end", "count"), [(1, 1, 1), (1, 0, 1), (0, 1, 0), (0, 9, 2001), (0, 0.001, 2)])
    def test_a_range_that_cannot_be_cut_is_refused(self, historian: Historian, start, end, count):
        with pytest.raises(RefusedError):
            ask(historian, start, end, count)

    def test_two_thousand_buckets_are_answered(self, historian: Historian):
        historian.write(1, [good(second, 1.0) for second in range(0, 2000, 2)])
        assert [b.count for b in ask(historian, 0, 2000, 2000)] == [1, 0] * 1000
