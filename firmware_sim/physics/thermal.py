"""A room as two masses, its air and its goods, solved exactly.

Between two moments at which nothing is switched the room is a linear system, so a step of any length is exact and the
length of the step cannot be seen in the result. The two-mass form follows Newton's law of cooling on either mass.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]


class Shell(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a room is made of.

    Capacities are in kJ/K: `air` counts the air with everything that follows it within a minute (racks, packaging),
    `product` the goods. Conductances are in W/K: through the `wall`, through the `door` when it is wide open (the two
    streams of air that pass each other), and between the air and the `product`.
    """

    air_kj_per_k: Positive
    product_kj_per_k: Positive
    wall_w_per_k: Positive
    door_w_per_k: NotNegative
    product_w_per_k: Positive


@dataclass(frozen=True, slots=True)
class Flow:
    """Something the air exchanges heat with: a conductance in W/K to a temperature that does not change meanwhile."""

    conductance_w_per_k: float
    temperature_c: float


@dataclass(frozen=True, slots=True)
class Masses:
    """The state of a room: the mean temperature of its air and of its goods, in degrees Celsius."""

    air_c: float
    product_c: float


def after(masses: Masses, shell: Shell, flows: Iterable[Flow], duration_s: float) -> Masses:
    """Return the two temperatures `duration_s` later, all `flows` staying as they are.

    Exact for any duration. At least one flow needs a conductance above zero: a room exchanges heat through its walls.
    """
    parts = tuple(flows)
    total = sum(part.conductance_w_per_k for part in parts)
    target_c = sum(part.conductance_w_per_k * part.temperature_c for part in parts) / total
    air_j, product_j = shell.air_kj_per_k * 1e3, shell.product_kj_per_k * 1e3
    # x' = A x, x the two distances from the temperature at which everything would come to rest
    a = -(total + shell.product_w_per_k) / air_j
    b = shell.product_w_per_k / air_j
    c = shell.product_w_per_k / product_j
    middle = (a - c) / 2
    spread = math.sqrt(((a + c) / 2) ** 2 + b * c)
    slow, fast = math.exp((middle + spread) * duration_s), math.exp((middle - spread) * duration_s)
    even, odd = (slow + fast) / 2, (slow - fast) / (2 * spread)
    air, product = masses.air_c - target_c, masses.product_c - target_c
    return Masses(
        air_c=target_c + even * air + odd * ((a - middle) * air + b * product),
        product_c=target_c + even * product + odd * (c * air + (-c - middle) * product),
    )


def lagged(value: float, target: float, duration_s: float, time_constant_s: float) -> float:
    """Return where a first-order lag stands `duration_s` later, its target staying as it is.

    >>> round(lagged(0.0, 1.0, 60.0, 60.0), 3)
    0.632
    """
    return target + (value - target) * math.exp(-duration_s / time_constant_s)
