"""How fast goods age at a temperature, as data: which law, with which figures, from which source.

Every law gives a rate relative to its reference temperature, at which the goods keep for `life_d` days. The share of
life lost is the integral of rate over life; it is additive, so the order of cold and warm days does not matter. Below
`valid_from_c` a law is not trusted and the rate there is that at `valid_from_c`: cold beyond it earns no life. Above
`valid_to_c` it is extrapolated, and for how long is said.

Sources: Saltveit in USDA Handbook 66 for piecewise Q10; Seafood Spoilage and Safety Predictor (SSSP, now FSSP) for
relative rates of spoilage, square-root and exponential, and that their effects add up.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import exp, inf, log
from typing import Annotated

from msgspec import Meta, Struct

from control.exposure.kinetic import GAS_J_PER_MOL_K
from control.exposure.timeline import ZERO_K_IN_C, Milliseconds, Stretch

DAY_MS = 86_400_000

Celsius = Annotated[float, Meta(ge=-100, le=100)]


class _Law(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="model"):
    """What every law has: where it refers to, how long the goods keep there, where it is valid, who says so.

    `shape` is that of a Weibull curve of rejection; with it `life_d` is when half of the goods are rejected.
    """

    reference_c: Celsius
    life_d: Annotated[float, Meta(gt=0, le=36_600)]
    valid_from_c: Celsius
    valid_to_c: Celsius
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    shape: Annotated[float, Meta(gt=0, le=20)] | None = None


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to `up_to_c` the rate grows by `q10` in 10 K."""

    up_to_c: Celsius
    q10: Annotated[float, Meta(ge=1, le=20)]


class Q10(_Law, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="q10"):
    """Piecewise Q10: it falls with warmth, so each range has its own; the first goes on below, the last above."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]

    def rate(self, at_c: float) -> float:
        """Return how much faster the goods age at `at_c` than at the reference."""
        lows = (-inf, *(step.up_to_c for step in self.steps[:-1]))
        highs = (*lows[1:], inf)
        return exp(
            sum(
                log(step.q10) / 10 * (min(max(at_c, low), high) - min(max(self.reference_c, low), high))
                for step, low, high in zip(self.steps, lows, highs, strict=True)
            )
        )


class Arrhenius(_Law, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="arrhenius"):
    """One activation energy over the whole range."""

    activation_kj_per_mol: Annotated[float, Meta(gt=0, le=500)]

    def rate(self, at_c: float) -> float:
        """Return how much faster the goods age at `at_c` than at the reference."""
        ratio_k = self.activation_kj_per_mol * 1000 / GAS_J_PER_MOL_K
        return exp(ratio_k * (1 / (self.reference_c - ZERO_K_IN_C) - 1 / (at_c - ZERO_K_IN_C)))


class SquareRoot(_Law, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="square-root"):
    """Growth of bacteria: the root of the rate is linear above `minimum_c`, at and below which nothing grows."""

    minimum_c: Celsius

    def rate(self, at_c: float) -> float:
        """Return how much faster the goods age at `at_c` than at the reference."""
        return (max(0.0, at_c - self.minimum_c) / (self.reference_c - self.minimum_c)) ** 2


class Exponential(_Law, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="exponential"):
    """The logarithm of the rate is linear in temperature, by `per_k` a kelvin."""

    per_k: Annotated[float, Meta(gt=0, le=2)]

    def rate(self, at_c: float) -> float:
        """Return how much faster the goods age at `at_c` than at the reference."""
        return exp(self.per_k * (at_c - self.reference_c))


ShelfLife = Q10 | Arrhenius | SquareRoot | Exponential


class Loss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a span took: `fraction` of the life, 1 is all of it; for `extrapolated_ms` of it the law was stretched."""

    fraction: Annotated[float, Meta(ge=0)] = 0.0
    extrapolated_ms: Milliseconds = 0


def faults(law: ShelfLife) -> list[tuple[str, str]]:
    """Return what is wrong with a law, as (key, message); empty when it can be used."""
    found = []
    if not law.valid_from_c <= law.reference_c <= law.valid_to_c:
        found.append(("reference_c", "must lie between valid_from_c and valid_to_c"))
    if isinstance(law, SquareRoot) and law.minimum_c >= law.valid_from_c:
        found.append(("minimum_c", "must be below valid_from_c: at it nothing ages"))
    if isinstance(law, Q10) and any(a.up_to_c >= b.up_to_c for a, b in pairwise(law.steps)):
        found.append(("steps", "up_to_c must rise from step to step"))
    return found


def rate(law: ShelfLife, at_c: float) -> float:
    """Return how much faster the goods age at `at_c` than at the reference; below the valid range as at its edge."""
    return law.rate(max(at_c, law.valid_from_c))


def measure(stretches: Iterable[Stretch], law: ShelfLife) -> Loss:
    """Return what the known stretches took, by the warm side."""
    aged_ms, extrapolated_ms = 0.0, 0
    for stretch in stretches:
        if stretch.grade is not None:
            aged_ms += rate(law, stretch.warm) * stretch.length_ms
            extrapolated_ms += stretch.length_ms if stretch.warm > law.valid_to_c else 0
    return Loss(fraction=aged_ms / (law.life_d * DAY_MS), extrapolated_ms=extrapolated_ms)


def join(first: Loss, then: Loss) -> Loss:
    """Return what both spans took, in whichever order."""
    return Loss(fraction=first.fraction + then.fraction, extrapolated_ms=first.extrapolated_ms + then.extrapolated_ms)


def remaining_d(law: ShelfLife, fraction: float, at_c: float) -> float:
    """Return for how many days more the goods keep at `at_c` when `fraction` of their life is gone; never below 0."""
    return max(0.0, 1 - fraction) * law.life_d / rate(law, at_c)


def accepted(law: ShelfLife, fraction: float) -> float | None:
    """Return the share of consumers, 0 to 1, who would still accept the goods; None when the law has no `shape`.

    S = exp(-(t / alpha)^shape) with half rejected at the end of life, t being the equivalent age, so that any history
    of temperatures may be put in. Source: the method of Fu and Labuza (1993).

    >>> law = Exponential(
    ...     reference_c=5, life_d=10, valid_from_c=0, valid_to_c=15, per_k=0.1, source="an example", shape=3
    ... )
    >>> accepted(law, 0.0), accepted(law, 1.0), round(accepted(law, 0.5), 3)
    (1.0, 0.5, 0.917)
    """
    return None if law.shape is None else 0.5 ** (fraction**law.shape)
