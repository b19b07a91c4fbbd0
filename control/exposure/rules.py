"""What a product may suffer: its budgets, how it ages, what cold does to it, and whether a kinetic mean may be formed.

These are tables of a product profile. A limit that comes from a standard names the clause in `source`; all others say
that they are a rule of the site.
"""

from typing import Annotated

from msgspec import Meta, Struct

from control.exposure import shelf_life
from control.exposure.budget import Budget
from control.exposure.chilling import Chilling
from control.exposure.kinetic import ACTIVATION_KJ_PER_MOL
from control.exposure.shelf_life import Q10, Arrhenius, Exponential, SquareRoot

BUDGET_LIMIT = 16
"""Budgets of one product: four bands on either side, single and cumulative."""


class Kinetic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a mean kinetic temperature is formed, and what it may reach at most."""

    activation_kj_per_mol: Annotated[float, Meta(gt=0, le=500)] = ACTIVATION_KJ_PER_MOL
    limit_c: Annotated[float, Meta(ge=-100, le=100)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]


class ExposureRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tables of a product profile that are about exposure; each may be missing, and is then not judged."""

    frozen: bool = False
    shelf_life: Q10 | Arrhenius | SquareRoot | Exponential | None = None
    budgets: Annotated[tuple[Budget, ...], Meta(max_length=BUDGET_LIMIT)] = ()
    chilling: Chilling | None = None
    kinetic: Kinetic | None = None


def faults(rules: ExposureRules) -> list[tuple[str, str]]:
    """Return what is wrong, as (key below the profile, message); empty when the rules can be used."""
    found = (
        [(f"shelf_life.{key}", message) for key, message in shelf_life.faults(rules.shelf_life)]
        if (rules.shelf_life)
        else []
    )
    if rules.frozen and rules.kinetic:
        found.append(("kinetic", "means nothing for frozen goods: ice does not follow the rate law"))
    names = [budget.id for budget in rules.budgets]
    for index, budget in enumerate(rules.budgets):
        if (budget.above_c is None) is (budget.below_c is None):
            found.append((f"budgets[{index}].id", "give exactly one of above_c and below_c"))
        if budget.id in names[:index]:
            found.append((f"budgets[{index}].id", f"{budget.id!r} is named twice"))
    return found
