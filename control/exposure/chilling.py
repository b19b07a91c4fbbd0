"""Damage by cold: degree hours below the lowest temperature that goods bear. It is apart from ageing, and not undone.

Fruit of warm countries is harmed long before it freezes: pitting, scald, decay. The law is a convention of this
project (a dose counts depth and time alike), so its limit is a rule of the site.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from control.exposure.timeline import Stretch

HOUR_MS = 3_600_000


class Chilling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where on cold harms, and how much of it is too much. `source` says who says so."""

    lowest_safe_c: Annotated[float, Meta(ge=-100, le=100)]
    allowed_degree_h: Annotated[float, Meta(gt=0, le=10_000)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]


def measure(stretches: Iterable[Stretch], chilling: Chilling) -> float:
    """Return the dose of the known stretches in degree hours, by the cold side. Doses of spans are added."""
    lowest_c = chilling.lowest_safe_c
    doses = (
        max(0.0, lowest_c - stretch.cold) * stretch.length_ms / HOUR_MS
        for stretch in stretches
        if stretch.grade is not None
    )
    return sum(doses, 0.0)
