"""What is known when: samples held, gaps left open, the worst of several points."""

from hypothesis import given
from hypothesis import strategies as st

from coldport.messages.observation import Quality
from control.exposure.timeline import Grade, Sampled, Stretch, hold, unknown, worst


def good(start_ms: int, end_ms: int, at_c: float, grade: Grade = Grade.GOOD) -> Stretch:
    return Stretch(start_ms, end_ms, at_c, at_c, grade)


def test_a_sample_is_held_until_the_next_and_at_most_for_the_hold() -> None:
    assert hold([Sampled(0, 1.0), Sampled(10, 2.0), Sampled(90, 3.0)], 0, 100, 30) == [
        good(0, 10, 1.0),
        good(10, 40, 2.0),
        unknown(40, 90),
        good(90, 100, 3.0),
    ]


def test_a_bad_sample_ends_knowledge_at_once() -> None:
    assert hold([Sampled(0, 1.0), Sampled(10, None, Quality.BAD)], 0, 20, 30) == [good(0, 10, 1.0), unknown(10, 20)]


def test_a_value_at_absolute_zero_is_no_temperature() -> None:
    assert hold([Sampled(0, -273.15)], 0, 20, 30) == [unknown(0, 20)]


def test_a_sample_from_before_is_held_into_the_span() -> None:
    assert hold([Sampled(-50, 9.0), Sampled(-10, 1.0), Sampled(120, 5.0)], 0, 100, 30) == [
        good(0, 20, 1.0),
        unknown(20, 100),
    ]


def test_without_samples_nothing_is_known() -> None:
    assert hold([], 0, 100, 30) == [unknown(0, 100)]


def test_of_several_samples_at_one_moment_the_last_stands() -> None:
    assert hold([Sampled(0, 1.0), Sampled(0, 2.0)], 0, 10, 30) == [good(0, 10, 2.0)]


def test_equal_neighbours_are_one_and_an_uncertain_one_is_its_own() -> None:
    samples = [Sampled(0, 1.0), Sampled(10, 1.0), Sampled(20, 1.0, Quality.UNCERTAIN)]

    assert hold(samples, 0, 30, 30) == [good(0, 20, 1.0), good(20, 30, 1.0, Grade.UNCERTAIN)]


def test_the_warmest_and_the_coldest_point_stand_for_a_place() -> None:
    one = [good(0, 20, 3.0), good(20, 40, 5.0)]
    other = [good(0, 10, 4.0), good(10, 40, 2.0, Grade.UNCERTAIN)]

    assert worst([one, other]) == [
        Stretch(0, 10, 4.0, 3.0, Grade.GOOD),
        Stretch(10, 20, 3.0, 2.0, Grade.UNCERTAIN),
        Stretch(20, 40, 5.0, 2.0, Grade.UNCERTAIN),
    ]


def test_air_stands_in_only_while_no_product_probe_is_known() -> None:
    product = [good(0, 10, 3.0), unknown(10, 40)]
    air = [good(0, 20, 9.0), unknown(20, 40)]

    assert worst([product], [air]) == [
        good(0, 10, 3.0),
        good(10, 20, 9.0, Grade.SUBSTITUTED),
        unknown(20, 40),
    ]


def test_the_probes_that_are_left_stand_in_for_a_silent_one() -> None:
    assert worst([[good(0, 10, 3.0)], [unknown(0, 10)]]) == [good(0, 10, 3.0, Grade.SUBSTITUTED)]


def test_no_points_say_nothing() -> None:
    assert worst([]) == []


samples = st.lists(
    st.tuples(st.integers(-100, 300), st.one_of(st.none(), st.sampled_from([1.0, 2.0]))),
    max_size=20,
    unique_by=lambda s: s[0],
).map(lambda pairs: [Sampled(*pair) for pair in sorted(pairs, key=lambda pair: pair[0])])


@given(samples, samples, samples)
def test_stretches_leave_no_hole_and_say_what_the_slow_model_says(first, then, air) -> None:
    series = [hold(one, 0, 200, 30) for one in (first, then, air)]

    place = worst(series[:2], series[2:])

    assert [stretch.start_ms for stretch in place] == [0, *(stretch.end_ms for stretch in place[:-1])]
    assert place[-1].end_ms == 200
    for at_ms in range(200):
        stretch = next(s for s in place if s.start_ms <= at_ms < s.end_ms)
        values = [value for one in (first, then) if (value := slow(one, at_ms)) is not None]
        known = values or [value for value in [slow(air, at_ms)] if value is not None]
        assert (stretch.grade is None) is (not known)
        if known:
            assert (stretch.warm, stretch.cold) == (max(known), min(known))
            assert (stretch.grade is Grade.GOOD) is (len(values) == 2)


def slow(one, at_ms):
    before = [sample for sample in one if sample.at_ms <= at_ms]
    return before[-1].value if before and before[-1].at_ms + 30 > at_ms else None


def test_all_that_is_unknown_is_alike() -> None:
    assert unknown(0, 10) == Stretch(0, 10, 0.0, 0.0, None)
