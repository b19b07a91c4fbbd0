"""Mean kinetic temperature: the one temperature that would have done the same damage as the span did.

    T = (dH/R) / -ln( sum(t_i exp(-dH / (R T_i))) / sum(t_i) )        T in kelvin, t_i the time at T_i

Source: USP <1079.2>; weights by time as Tong and Lock (2015). Summed as logarithms, because exp(-dH / (R T)) is 3e-23
at -80 degC. Three pairs of constants are about, which differ from the sixth digit on; here R is 8.314472 J/(mol K) and
dH by default 83.14472 kJ/mol, so that dH/R is 10,000 K. dH is a parameter of the product.
"""

from collections.abc import Iterable
from enum import StrEnum
from math import exp, log
from typing import Annotated

from msgspec import Meta, Struct

from control.exposure.statistics import Statistics
from control.exposure.timeline import ZERO_K_IN_C, Stretch

GAS_J_PER_MOL_K = 8.314472
ACTIVATION_KJ_PER_MOL = 83.14472
LEAST_COVERAGE = 0.95
"""With more than a twentieth of the time unknown the figure would claim what nobody saw."""


class KineticSum(Struct, frozen=True, forbid_unknown_fields=True):
    """The sum over a span: `total * exp(peak)` is the sum of t exp(-dH/RT) in milliseconds; of no time `total` is 0."""

    peak: Annotated[float, Meta(le=0)] = 0.0
    total: Annotated[float, Meta(ge=0)] = 0.0


class NotEvaluable(StrEnum):
    """Why there is no mean kinetic temperature."""

    COVERAGE = "coverage"
    FROZEN = "frozen"
    """For frozen goods it means nothing: ice does not follow the rate law."""
    CHILLED = "chilled"
    """The goods suffer from cold, and there was some: a mean must not make that good."""


def measure(stretches: Iterable[Stretch], activation_kj_per_mol: float = ACTIVATION_KJ_PER_MOL) -> KineticSum:
    """Return the sum over the known stretches, of the warm side."""
    ratio_k = _ratio_k(activation_kj_per_mol)
    terms = [
        (-ratio_k / (stretch.warm - ZERO_K_IN_C), stretch.length_ms)
        for stretch in stretches
        if stretch.grade is not None and stretch.length_ms > 0
    ]
    if not terms:
        return KineticSum()
    peak = max(exponent for exponent, _ in terms)
    return KineticSum(peak, sum(length_ms * exp(exponent - peak) for exponent, length_ms in terms))


def join(first: KineticSum, then: KineticSum) -> KineticSum:
    """Return the sum over both spans."""
    if not first.total or not then.total:
        return first if first.total else then
    low, high = sorted((first, then), key=lambda part: part.peak)
    return KineticSum(high.peak, high.total + low.total * exp(low.peak - high.peak))


def temperature_c(
    part: KineticSum, statistics: Statistics, activation_kj_per_mol: float = ACTIVATION_KJ_PER_MOL
) -> float | None:
    """Return the mean kinetic temperature of a span, None when nothing of it was known.

    It is never below the mean nor above the maximum; rounding is not allowed to say otherwise.
    """
    mean, maximum = statistics.mean, statistics.maximum
    if mean is None or maximum is None:
        return None
    kelvin = _ratio_k(activation_kj_per_mol) / -(part.peak + log(part.total) - log(statistics.known_ms))
    return max(mean, min(maximum, kelvin + ZERO_K_IN_C))


def _ratio_k(activation_kj_per_mol: float) -> float:
    return activation_kj_per_mol * 1000 / GAS_J_PER_MOL_K
