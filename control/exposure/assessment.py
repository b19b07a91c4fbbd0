"""What a lot has suffered and how long it will keep: its custody, measured, and what is before and between it.

Time of which nobody knows the temperature passes for goods as well: for the *remaining life* it counts as if they had
been kept at the reference of their law, and how much was assumed is said. In everything else unknown time is left out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from control.exposure import exposure, shelf_life
from control.exposure.custody import LotAssessed
from control.exposure.exposure import Exposure, Verdict
from control.exposure.lots import Lot
from control.exposure.rules import ExposureRules
from control.exposure.shelf_life import DAY_MS
from control.exposure.statistics import Statistics

_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


class Custody(NamedTuple):
    """A lot was in `zone` from `since` to `until`."""

    zone: str
    since: datetime
    until: datetime


class Assessment(Struct, frozen=True, kw_only=True):
    """A lot by its record up to `until`.

    `assumed_lost` is the share of life that unknown time would have taken at the reference. `remaining_d` days it keeps
    at `at_c`, both kinds of loss taken off and its expiry date kept; `margin_d` is what then is left beyond its plan.
    """

    lot: Lot
    until: datetime
    exposure: Exposure
    verdict: Verdict
    at_c: float | None = None
    assumed_lost: float | None = None
    remaining_d: float | None = None
    margin_d: float | None = None


def custody(lot: Lot, until: datetime) -> Iterator[Custody]:
    """Yield where the lot was, oldest first, up to `until`."""
    for stay in lot.stays:
        end = min(stay.until or until, until)
        if end > stay.since:
            yield Custody(stay.zone, stay.since, end)


def assess(lot: Lot, rules: ExposureRules, until: datetime, measured: Callable[[Custody], Exposure]) -> Assessment:
    """Return how a lot stands at `until`, or when it was shipped.

    Args:
        lot: The lot.
        rules: Those of its product, in the version it was received under.
        until: Up to when; nothing later is looked at.
        measured: What a custody did to such a product.
    """
    until = min(until, lot.shipped_at or until)
    total = Exposure()
    if lot.earlier is not None:
        on_the_way_ms = (lot.received_at - lot.earlier.until) // _MILLISECOND
        total = exposure.join(lot.earlier.exposure, _unknown(on_the_way_ms))
    for stay in custody(lot, until):
        total = exposure.join(total, measured(stay))
    verdict = exposure.judge(total, rules)
    if rules.shelf_life is None:
        return Assessment(lot=lot, until=until, exposure=total, verdict=verdict)
    assumed_lost = (total.statistics.unknown_ms + _before_ms(lot)) / (rules.shelf_life.life_d * DAY_MS)
    at_c = lot.plan.at_c if lot.plan else rules.shelf_life.reference_c
    remaining_d = shelf_life.remaining_d(rules.shelf_life, total.loss.fraction + assumed_lost, at_c)
    if lot.expires_at is not None:
        remaining_d = min(remaining_d, max(0.0, (lot.expires_at - until) / _DAY))
    return Assessment(
        lot=lot,
        until=until,
        exposure=total,
        verdict=verdict,
        at_c=at_c,
        assumed_lost=assumed_lost,
        remaining_d=remaining_d,
        margin_d=remaining_d - lot.plan.transit_d - lot.plan.buffer_d if lot.plan else None,
    )


def summary(assessment: Assessment) -> LotAssessed:
    """Return what alarms of the lot are judged by, where it is now."""
    verdict = assessment.verdict
    spent = verdict.chilling_spent
    return LotAssessed(
        lot=assessment.lot.id,
        zone=assessment.lot.stays[-1].zone,
        at=assessment.until,
        coverage=verdict.coverage,
        budget_percent=100 * max(verdict.spent.values()) if verdict.spent else None,
        chilling_percent=None if spent is None else 100 * spent,
        margin_d=assessment.margin_d,
    )


def _before_ms(lot: Lot) -> int:
    """Return for how long the lot was in the world before anybody kept a record of it."""
    recorded = lot.earlier.since if lot.earlier else lot.received_at
    return max(0, (recorded - lot.made_at) // _MILLISECOND) if lot.made_at else 0


def _unknown(length_ms: int) -> Exposure:
    return Exposure(statistics=Statistics(unknown_ms=length_ms))
