"""What holds for every history; each engine is held against a slow model that walks the history minute by minute."""

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.exposure import budget, chilling, exposure, kinetic, shelf_life, statistics
from control.exposure.budget import Budget, Counting
from control.exposure.chilling import Chilling
from control.exposure.rules import ExposureRules, Kinetic
from control.exposure.shelf_life import Q10, Arrhenius, Exponential, SquareRoot, Step
from control.exposure.timeline import Grade, Stretch, compact, unknown

STEP_MS = 60_000
SITE = "site rule"
LAWS = [
    Exponential(reference_c=5, life_d=10, valid_from_c=-5, valid_to_c=20, source=SITE, per_k=0.1),
    SquareRoot(reference_c=0, life_d=12, valid_from_c=-8, valid_to_c=15, source=SITE, minimum_c=-10),
    Arrhenius(reference_c=-18, life_d=450, valid_from_c=-30, valid_to_c=-5, source=SITE, activation_kj_per_mol=61),
    Q10(
        reference_c=0,
        life_d=60,
        valid_from_c=-1,
        valid_to_c=40,
        source=SITE,
        steps=(Step(up_to_c=10, q10=3), Step(up_to_c=20, q10=2.5), Step(up_to_c=30, q10=2)),
    ),
]
HIGH = Budget(id="high", above_c=8, counting=Counting.SINGLE, allowed_s=1_800, source=SITE)
LOW = Budget(id="low", below_c=2, counting=Counting.CUMULATIVE, allowed_s=3_600, source=SITE)
RULES = ExposureRules(
    shelf_life=LAWS[0],
    budgets=(HIGH, LOW),
    chilling=Chilling(lowest_safe_c=2, allowed_degree_h=10, source=SITE),
    kinetic=Kinetic(limit_c=8, source=SITE),
)

temperatures = st.one_of(st.sampled_from([2.0, 8.0, 8.5]), st.floats(-40, 60))
parts = st.tuples(
    st.integers(1, 30), st.one_of(st.none(), st.tuples(temperatures, st.floats(0, 3))), st.sampled_from(list(Grade))
)


def laid_out(some) -> list[Stretch]:
    stretches = []
    now_ms = 0
    for steps, at_c, grade in some:
        end_ms = now_ms + steps * STEP_MS
        known = at_c and Stretch(now_ms, end_ms, at_c[0], at_c[0] - at_c[1], grade)
        stretches.append(known or unknown(now_ms, end_ms))
        now_ms = end_ms
    return stretches


histories = st.lists(parts, min_size=1, max_size=12).map(laid_out)
single = st.lists(
    st.tuples(st.integers(1, 30), temperatures.map(lambda at_c: (at_c, 0.0)), st.just(Grade.GOOD)), min_size=1
)


def kinetic_c(stretches) -> float:
    return kinetic.temperature_c(kinetic.measure(stretches), statistics.measure(stretches))


@given(single.map(laid_out))
def test_kinetic_mean_lies_between_mean_and_maximum(stretches) -> None:
    found = statistics.measure(stretches)

    assert found.minimum <= found.mean <= kinetic_c(stretches) <= found.maximum


@given(temperatures, st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_a_constant_is_its_own_kinetic_mean(at_c, lengths) -> None:
    assert kinetic_c(laid_out([(length, (at_c, 0.0), Grade.GOOD) for length in lengths])) == at_c


@given(single, st.randoms(use_true_random=False))
def test_the_order_does_not_matter_to_means_loss_and_dose(some, dice) -> None:
    shuffled = list(some)
    dice.shuffle(shuffled)
    before, after = exposure.measure(laid_out(some), RULES), exposure.measure(laid_out(shuffled), RULES)

    assert after.statistics.mean == pytest.approx(before.statistics.mean)
    assert kinetic_c(laid_out(shuffled)) == pytest.approx(kinetic_c(laid_out(some)))
    assert after.loss.fraction == pytest.approx(before.loss.fraction)
    assert after.chilling_degree_h == pytest.approx(before.chilling_degree_h)


@given(single.map(laid_out), st.floats(0.01, 20))
def test_warmer_never_lowers(stretches, by_k) -> None:
    hottest = max(stretch.warm for stretch in stretches) + by_k
    end_ms = stretches[-1].end_ms
    longer = [*stretches, Stretch(end_ms, end_ms + STEP_MS, hottest, hottest, Grade.GOOD)]

    assert kinetic_c(longer) >= kinetic_c(stretches) - 1e-9
    for law in LAWS:
        assert shelf_life.rate(law, hottest) >= shelf_life.rate(law, hottest - by_k)
        assert shelf_life.measure(longer, law).fraction > shelf_life.measure(stretches, law).fraction


@given(single, st.integers(2, 9))
def test_longer_weights_in_proportion_change_no_mean(some, factor) -> None:
    longer = laid_out([(steps * factor, at_c, grade) for steps, at_c, grade in some])

    assert kinetic_c(longer) == pytest.approx(kinetic_c(laid_out(some)))
    assert statistics.measure(longer).mean == pytest.approx(statistics.measure(laid_out(some)).mean)


def assert_same(one: exposure.Exposure, other: exposure.Exposure) -> None:
    """Times, counts, extremes and moments exactly; sums of floats as closely as addition allows."""
    assert other.uses == one.uses
    for key in ("good_ms", "uncertain_ms", "substituted_ms", "unknown_ms", "minimum", "maximum"):
        assert getattr(other.statistics, key) == getattr(one.statistics, key)
    assert other.statistics.minimum_at_ms == one.statistics.minimum_at_ms
    assert other.statistics.maximum_at_ms == one.statistics.maximum_at_ms
    assert other.statistics.integral == pytest.approx(one.statistics.integral)
    assert other.kinetic.peak == one.kinetic.peak
    assert other.kinetic.total == pytest.approx(one.kinetic.total)
    assert other.loss.fraction == pytest.approx(one.loss.fraction)
    assert other.loss.extrapolated_ms == one.loss.extrapolated_ms
    assert other.chilling_degree_h == pytest.approx(one.chilling_degree_h)


@given(histories, st.data())
def test_splitting_a_span_anywhere_changes_nothing(stretches, data) -> None:
    cut_ms = data.draw(st.integers(0, stretches[-1].end_ms))
    before = [s._replace(end_ms=min(s.end_ms, cut_ms)) for s in stretches if s.start_ms < cut_ms]
    after = [s._replace(start_ms=max(s.start_ms, cut_ms)) for s in stretches if s.end_ms > cut_ms]

    joined = exposure.join(exposure.measure(before, RULES), exposure.measure(after, RULES))

    assert_same(exposure.measure(stretches, RULES), joined)


@given(histories, histories, histories)
def test_it_does_not_matter_which_spans_are_joined_first(first, then, last) -> None:
    a, b, c = (exposure.measure(one, RULES) for one in (first, then, last))

    assert_same(exposure.join(exposure.join(a, b), c), exposure.join(a, exposure.join(b, c)))
    assert_same(exposure.join(exposure.Exposure(), a), a)
    assert_same(exposure.join(a, exposure.Exposure()), a)


@given(histories)
def test_joining_equal_neighbours_changes_nothing(stretches) -> None:
    assert_same(exposure.measure(stretches, RULES), exposure.measure(compact(stretches), RULES))


def minutes(stretches):
    """Every minute of a history on its own: the slow model's view."""
    return [stretch for stretch in stretches for _ in range(stretch.length_ms // STEP_MS)]


@given(histories)
def test_statistics_agree_with_the_slow_model(stretches) -> None:
    found = statistics.measure(stretches)
    known = [minute for minute in minutes(stretches) if minute.grade is not None]

    assert found.known_ms == len(known) * STEP_MS
    assert found.coverage == pytest.approx(len(known) / len(minutes(stretches)))
    assert found.substituted_ms == sum(minute.grade is Grade.SUBSTITUTED for minute in known) * STEP_MS
    assert (found.mean is None) is (not known)
    if known:
        assert found.mean == pytest.approx(max(sum(m.warm for m in known) / len(known), found.minimum))
        assert (found.minimum, found.maximum) == (min(m.cold for m in known), max(m.warm for m in known))
        assert next(m.start_ms for m in known if m.warm == found.maximum) == found.maximum_at_ms
        assert next(m.start_ms for m in known if m.cold == found.minimum) == found.minimum_at_ms


@given(single.map(laid_out))
def test_kinetic_mean_agrees_with_the_formula_as_it_is_printed(stretches) -> None:
    known = minutes(stretches)
    mean_rate = sum(exp(-10_000 / (minute.warm + 273.15)) for minute in known) / len(known)

    assert kinetic_c(stretches) == pytest.approx(10_000 / -log(mean_rate) - 273.15, abs=1e-7)


@given(histories, st.sampled_from([HIGH, LOW]), st.sampled_from(Counting), st.sampled_from([0.5, 0.8, 1.0]))
def test_budgets_agree_with_the_slow_model(stretches, limit, counting, share) -> None:
    known = [minute for minute in minutes(stretches) if minute.grade is not None]
    runs = [0]
    events = total = 0
    spent = False
    for minute in known:
        out = minute.warm > 8 if limit is HIGH else minute.cold < 2
        events += out and runs[-1] == 0
        runs.append(runs[-1] + 1 if out else 0)
        total += out
        counted = runs[-1] if counting is Counting.SINGLE else total
        spent = spent or counted * 60 >= limit.allowed_s * share
    limit = Budget(
        id="any",
        above_c=limit.above_c,
        below_c=limit.below_c,
        counting=counting,
        allowed_s=limit.allowed_s,
        source=SITE,
    )

    found = budget.measure(stretches, limit)

    assert (found.beyond_ms, found.longest_ms, found.events) == (total * STEP_MS, max(runs) * STEP_MS, events)
    assert found.first_ms == next((s.start_ms for s in stretches if s.grade is not None and limit.beyond(s)), None)
    assert (found.share(limit) >= share) is spent
    assert (budget.spent_at(stretches, limit, share) is not None) is spent


@given(histories, histories, st.sampled_from(Counting))
def test_a_budget_is_spent_at_the_same_moment_however_the_span_is_cut(first, then, counting) -> None:
    limit = Budget(id="any", above_c=8, counting=counting, allowed_s=1_000, source=SITE)
    shift_ms = first[-1].end_ms
    then = [s._replace(start_ms=s.start_ms + shift_ms, end_ms=s.end_ms + shift_ms) for s in then]
    early = budget.spent_at(first, limit)
    late = budget.spent_at(then, limit, before=budget.measure(first, limit))

    assert budget.spent_at([*first, *then], limit) == (late if early is None else early)
    assert early is None or late is None


@given(histories, st.sampled_from(LAWS))
def test_loss_agrees_with_the_slow_model(stretches, law) -> None:
    known = [minute for minute in minutes(stretches) if minute.grade is not None]
    days = sum(shelf_life.remaining_d(law, 0, minute.warm) ** -1 for minute in known) / 1440
    found = shelf_life.measure(stretches, law)

    assert found.fraction == pytest.approx(days)
    assert found.extrapolated_ms == sum(minute.warm > law.valid_to_c for minute in known) * STEP_MS


@given(histories)
def test_the_dose_of_cold_agrees_with_the_slow_model(stretches) -> None:
    dose = sum(max(0, 2 - minute.cold) / 60 for minute in minutes(stretches) if minute.grade is not None)

    assert chilling.measure(stretches, RULES.chilling) == pytest.approx(dose)
