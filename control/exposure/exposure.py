"""Everything a span did to one product, in one value that can be joined with the next span's.

    stretches -> measure -> Exposure -+-> join -> Exposure of the whole custody -> judge -> Verdict
    another site's statement ---------+

An exposure is a function of the record: when late readings change what was known, it is measured anew.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct, field

from control.exposure import budget, chilling, kinetic, shelf_life, statistics
from control.exposure.budget import Use
from control.exposure.kinetic import LEAST_COVERAGE, KineticSum, NotEvaluable
from control.exposure.rules import BUDGET_LIMIT, ExposureRules
from control.exposure.shelf_life import Loss
from control.exposure.statistics import Statistics
from control.exposure.timeline import Stretch


class Exposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a span did. What the product has no rule for stays empty; `uses` is by the id of the budget."""

    statistics: Statistics = Statistics()
    kinetic: KineticSum = KineticSum()
    loss: Loss = Loss()
    chilling_degree_h: Annotated[float, Meta(ge=0)] = 0.0
    uses: Annotated[dict[str, Use], Meta(max_length=BUDGET_LIMIT)] = field(default_factory=dict)


class Verdict(Struct, frozen=True, kw_only=True):
    """What an exposure comes to by the rules.

    `kinetic_c` is None with its reason beside it, or when the product has no such rule. `spent` is the used share of
    each budget; `chilling_spent` that of the dose of cold.
    """

    coverage: float
    mean_c: float | None
    kinetic_c: float | None = None
    not_evaluable: NotEvaluable | None = None
    spent: dict[str, float] = field(default_factory=dict)
    chilling_spent: float | None = None
    life_lost: float | None = None
    accepted: float | None = None


def measure(stretches: Iterable[Stretch], rules: ExposureRules) -> Exposure:
    """Return what stretches, in the order of time, did to a product."""
    known: Sequence[Stretch] = list(stretches)
    activation = rules.kinetic.activation_kj_per_mol if rules.kinetic else kinetic.ACTIVATION_KJ_PER_MOL
    return Exposure(
        statistics=statistics.measure(known),
        kinetic=kinetic.measure(known, activation) if rules.kinetic else KineticSum(),
        loss=shelf_life.measure(known, rules.shelf_life) if rules.shelf_life else Loss(),
        chilling_degree_h=chilling.measure(known, rules.chilling) if rules.chilling else 0.0,
        uses={each.id: budget.measure(known, each) for each in rules.budgets},
    )


def join(first: Exposure, then: Exposure) -> Exposure:
    """Return what two spans did of which `then` follows `first`. It does not matter what is joined first."""
    return Exposure(
        statistics=statistics.join(first.statistics, then.statistics),
        kinetic=kinetic.join(first.kinetic, then.kinetic),
        loss=shelf_life.join(first.loss, then.loss),
        chilling_degree_h=first.chilling_degree_h + then.chilling_degree_h,
        uses={
            name: budget.join(first.uses.get(name, Use()), then.uses.get(name, Use()))
            for name in first.uses | then.uses
        },
    )


def judge(exposure: Exposure, rules: ExposureRules) -> Verdict:
    """Return what an exposure comes to. It judges what is known; how much that is, `coverage` says."""
    lost = exposure.loss.fraction
    reason = _no_kinetic(exposure, rules)
    return Verdict(
        coverage=exposure.statistics.coverage,
        mean_c=exposure.statistics.mean,
        kinetic_c=kinetic.temperature_c(exposure.kinetic, exposure.statistics, rules.kinetic.activation_kj_per_mol)
        if rules.kinetic and reason is None
        else None,
        not_evaluable=reason,
        spent={each.id: exposure.uses.get(each.id, Use()).share(each) for each in rules.budgets},
        chilling_spent=exposure.chilling_degree_h / rules.chilling.allowed_degree_h if rules.chilling else None,
        life_lost=lost if rules.shelf_life else None,
        accepted=shelf_life.accepted(rules.shelf_life, lost) if rules.shelf_life else None,
    )


def _no_kinetic(exposure: Exposure, rules: ExposureRules) -> NotEvaluable | None:
    if rules.frozen:
        return NotEvaluable.FROZEN
    if rules.kinetic is None:
        return None
    if exposure.statistics.coverage < LEAST_COVERAGE:
        return NotEvaluable.COVERAGE
    if exposure.chilling_degree_h > 0:
        return NotEvaluable.CHILLED
    return None
