"""What an exposure comes to by a product's rules, and which rules are refused."""

from math import exp

import msgspec
import pytest

from control.exposure import budget, kinetic, shelf_life, statistics
from control.exposure import rules as exposure_rules
from control.exposure.budget import Budget, Counting
from control.exposure.chilling import Chilling
from control.exposure.exposure import Exposure, judge, measure
from control.exposure.kinetic import KineticSum, NotEvaluable, temperature_c
from control.exposure.rules import ExposureRules, Kinetic
from control.exposure.shelf_life import Exponential, SquareRoot
from control.exposure.statistics import Statistics
from control.exposure.timeline import Grade, Stretch
from control.exposure.trip import interpolated_s

LAW = Exponential(reference_c=5, life_d=2, valid_from_c=0, valid_to_c=20, source="site rule", per_k=0.1, shape=2.5)
HIGH = Budget(id="over-8", above_c=8, counting=Counting.CUMULATIVE, allowed_s=7_200, source="site rule")
FULL = ExposureRules(
    shelf_life=LAW,
    budgets=(HIGH,),
    chilling=Chilling(lowest_safe_c=3, allowed_degree_h=4, source="site rule"),
    kinetic=Kinetic(limit_c=8, source="site rule"),
)


def test_a_day_at_the_reference_takes_half_of_a_life_of_two_days(history) -> None:
    verdict = judge(measure(history((24, 5.0)), FULL), FULL)

    assert (verdict.coverage, verdict.mean_c, verdict.kinetic_c) == (1.0, 5.0, 5.0)
    assert verdict.life_lost == pytest.approx(0.5)
    assert verdict.accepted == pytest.approx(0.5 ** (0.5**2.5))
    assert verdict.spent == {"over-8": 0.0}
    assert verdict.chilling_spent == 0.0


def test_value_at_the_limit_is_within_and_time_as_long_as_allowed_is_all(history) -> None:
    assert judge(measure(history((2, 8.0)), FULL), FULL).spent["over-8"] == 0.0
    assert judge(measure(history((2, 8.1)), FULL), FULL).spent["over-8"] == 1.0


def test_a_product_without_rules_has_statistics_only(history) -> None:
    none = ExposureRules()
    measured = measure(history((1, 5.0)), none)
    verdict = judge(measured, none)

    assert measured == Exposure(statistics=measured.statistics)

    assert (verdict.mean_c, verdict.coverage) == (5.0, 1.0)
    assert (verdict.kinetic_c, verdict.not_evaluable, verdict.life_lost) == (None, None, None)
    assert (verdict.accepted, verdict.chilling_spent, verdict.spent) == (None, None, {})


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        pytest.param(((95, 5.0), (5, None)), None, id="95 percent known is enough"),
        pytest.param(((94, 5.0), (6, None)), NotEvaluable.COVERAGE, id="94 percent is not"),
        pytest.param(((5, None),), NotEvaluable.COVERAGE, id="nothing known"),
        pytest.param(((5, 5.0), (1, 2.0)), NotEvaluable.CHILLED, id="cold is not made good by a mean"),
    ],
)
def test_when_there_is_no_kinetic_mean(history, parts, reason) -> None:
    verdict = judge(measure(history(*parts), FULL), FULL)

    assert verdict.not_evaluable is reason
    assert (verdict.kinetic_c is None) is (reason is not None)


def test_frozen_goods_have_no_kinetic_mean(history) -> None:
    frozen = ExposureRules(frozen=True)

    assert judge(measure(history((1, -18.0)), frozen), frozen).not_evaluable is NotEvaluable.FROZEN


def test_of_nothing_there_is_no_kinetic_mean_and_no_coverage() -> None:
    assert temperature_c(KineticSum(), Statistics()) is None
    assert kinetic.measure([Stretch(0, 0, 60.0, 60.0, Grade.GOOD)]) == KineticSum()
    assert statistics.measure([]).coverage == 0.0


def test_cold_beyond_the_valid_range_earns_no_life_and_warmth_beyond_it_is_said(history) -> None:
    assert shelf_life.rate(LAW, -10) == shelf_life.rate(LAW, 0)
    assert shelf_life.measure(history((1, 20.0), (2, 21.0), (1, None)), LAW).extrapolated_ms == 2 * 3_600_000


def test_life_that_is_used_up_does_not_become_negative() -> None:
    assert shelf_life.remaining_d(LAW, 1.2, 5) == 0.0


def test_a_law_without_a_shape_says_nothing_of_acceptance() -> None:
    assert shelf_life.accepted(msgspec.structs.replace(LAW, shape=None), 0.5) is None


def test_the_frozen_spinach_rates_of_two_indices() -> None:
    """Derived from J. Food Eng. 148 (2015) 13: sensory 61 kJ/mol, vitamin C 132 kJ/mol, -12 against -18 degC."""
    common = {"reference_c": -18, "life_d": 450, "valid_from_c": -25, "valid_to_c": -5, "source": "J. Food Eng. 148"}

    sensory = shelf_life.Arrhenius(activation_kj_per_mol=61, **common)
    vitamin = shelf_life.Arrhenius(activation_kj_per_mol=132, **common)

    assert shelf_life.rate(sensory, -12) == pytest.approx(1.94, abs=0.01)
    assert shelf_life.rate(vitamin, -12) == pytest.approx(4.18, abs=0.02)


def test_nothing_grows_at_the_minimum_of_the_square_root() -> None:
    law = SquareRoot(reference_c=0, life_d=10, valid_from_c=-9, valid_to_c=15, source="site rule", minimum_c=-10)

    assert law.rate(-10) == law.rate(-12) == 0.0


def steps(*tops):
    return tuple(shelf_life.Step(up_to_c=top, q10=2) for top in tops)


SQUARE_ROOT = SquareRoot(reference_c=0, life_d=9, valid_from_c=-9, valid_to_c=9, source="x", minimum_c=-10)
Q10 = shelf_life.Q10(reference_c=0, life_d=9, valid_from_c=0, valid_to_c=9, source="x", steps=steps(8, 9))
OUTSIDE = "must lie between valid_from_c and valid_to_c"
ONE_OF = "give exactly one of above_c and below_c"


@pytest.mark.parametrize(
    ("rules", "key", "message"),
    [
        ({"shelf_life": msgspec.structs.replace(LAW, reference_c=20.1)}, "shelf_life.reference_c", OUTSIDE),
        ({"shelf_life": msgspec.structs.replace(LAW, reference_c=-0.1)}, "shelf_life.reference_c", OUTSIDE),
        (
            {"shelf_life": msgspec.structs.replace(SQUARE_ROOT, minimum_c=-9)},
            "shelf_life.minimum_c",
            "must be below valid_from_c: at it nothing ages",
        ),
        (
            {"shelf_life": msgspec.structs.replace(Q10, steps=steps(9, 9))},
            "shelf_life.steps",
            "up_to_c must rise from step to step",
        ),
        (
            {"frozen": True, "kinetic": FULL.kinetic},
            "kinetic",
            "means nothing for frozen goods: ice does not follow the rate law",
        ),
        ({"budgets": (msgspec.structs.replace(HIGH, below_c=2),)}, "budgets[0].id", ONE_OF),
        ({"budgets": (msgspec.structs.replace(HIGH, above_c=None),)}, "budgets[0].id", ONE_OF),
        ({"budgets": (HIGH, HIGH)}, "budgets[1].id", "'over-8' is named twice"),
    ],
)
def test_rules_that_cannot_be_used_are_named(rules, key, message) -> None:
    assert exposure_rules.faults(ExposureRules(**rules)) == [(key, message)]


@pytest.mark.parametrize(
    "law",
    [SQUARE_ROOT, Q10, msgspec.structs.replace(LAW, reference_c=0), msgspec.structs.replace(LAW, reference_c=20)],
)
def test_a_law_may_refer_to_either_end_of_where_it_is_valid(law) -> None:
    assert shelf_life.faults(law) == []


def test_good_rules_have_no_faults() -> None:
    assert exposure_rules.faults(FULL) == []
    assert exposure_rules.faults(ExposureRules()) == []


@pytest.mark.parametrize(
    ("samples", "expected_s"),
    [
        ([(0, 9.0), (10, 8.0)], 10),
        ([(0, 8.0), (10, 8.0)], 0),
        ([(0, 7.0), (10, 5.0)], 0),
        ([(0, 9.0)], 0),
    ],
)
def test_straight_lines_above_a_limit(samples, expected_s) -> None:
    assert interpolated_s(samples, above=8) == expected_s


def test_rules_are_read_from_toml() -> None:
    text = """
[shelf_life]
model = "square-root"
reference_c = 0.0
life_d = 12.0
minimum_c = -10.0
valid_from_c = -2.0
valid_to_c = 15.0
source = "SSSP"

[[budgets]]
id = "over-4"
above_c = 4.0
counting = "single"
allowed_s = 3600.0
source = "site rule"
"""
    read = msgspec.toml.decode(text, type=ExposureRules)

    assert isinstance(read.shelf_life, SquareRoot)
    assert read.budgets[0].counting is Counting.SINGLE


def test_a_budget_that_was_used_up_exactly_is_not_used_up_again(history) -> None:
    before = budget.measure(history((2, 9.0)), HIGH)

    assert budget.spent_at(history((2, 9.0)), HIGH) == 2 * 3_600_000
    assert budget.spent_at(history((1, 9.0)), HIGH, before=before) is None


def test_a_budget_without_a_temperature_is_never_used() -> None:
    nothing = msgspec.structs.replace(HIGH, above_c=None)

    assert not nothing.beyond(Stretch(0, 1, 99.0, -99.0, Grade.GOOD))


def test_unknown_time_is_not_in_the_kinetic_mean(history) -> None:
    known, with_a_gap = history((10, 14.0), (10, 8.0)), history((10, 14.0), (1, None), (10, 8.0))

    assert kinetic.measure(with_a_gap) == kinetic.measure(known)


def test_statistics_with_one_extreme_alone_have_no_mean() -> None:
    for half in (Statistics(good_ms=1, minimum=4.0), Statistics(good_ms=1, maximum=4.0)):
        assert half.mean is None
        assert temperature_c(KineticSum(), half) is None


def test_an_activation_energy_is_in_kilojoules_and_the_gas_constant_that_of_codata() -> None:
    law = shelf_life.Arrhenius(
        reference_c=20, life_d=9, valid_from_c=0, valid_to_c=40, source="x", activation_kj_per_mol=50
    )

    assert law.rate(30) == pytest.approx(exp(50_000 / 8.314472 * (1 / 293.15 - 1 / 303.15)), rel=1e-12)
