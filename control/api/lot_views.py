"""A lot and its assessment as the HTTP border shows them."""

from datetime import datetime

import msgspec

from control.api.context import Context
from control.api.lot_schemas import BudgetView, CoverageView, LotExposureView, LotView, PlanBody, StayView
from control.exposure.assessment import Assessment
from control.exposure.budget import Use
from control.exposure.lots import Lot
from control.exposure.rules import ExposureRules
from control.historian.buckets import moment


def lot_view(context: Context, lot: Lot) -> LotView:
    """Return a lot and where it was."""
    return LotView(
        id=lot.id,
        product=lot.product,
        product_version=lot.product_version,
        received_at=lot.received_at,
        shipped_at=lot.shipped_at,
        made_at=lot.made_at,
        expires_at=lot.expires_at,
        plan=PlanBody(**msgspec.structs.asdict(lot.plan)) if lot.plan else None,
        stated_by=lot.earlier.site if lot.earlier else None,
        owner=lot.owner,
        stays=tuple(
            StayView(
                zone=stay.zone,
                since=stay.since,
                until=stay.until,
                points=tuple(point.id for point in context.exposures.points(stay.zone)),
            )
            for stay in lot.stays
        ),
    )


def exposure_view(context: Context, assessment: Assessment, rules: ExposureRules) -> LotExposureView:
    """Return what a lot has suffered, by the rules of its product."""
    verdict, statistics = assessment.verdict, assessment.exposure.statistics
    return LotExposureView(
        lot=lot_view(context, assessment.lot),
        until=assessment.until,
        coverage=CoverageView(
            share=statistics.coverage,
            good_s=statistics.good_ms / 1000,
            uncertain_s=statistics.uncertain_ms / 1000,
            substituted_s=statistics.substituted_ms / 1000,
            unknown_s=statistics.unknown_ms / 1000,
        ),
        minimum_c=statistics.minimum,
        minimum_at=_moment(statistics.minimum_at_ms),
        maximum_c=statistics.maximum,
        maximum_at=_moment(statistics.maximum_at_ms),
        mean_c=verdict.mean_c,
        kinetic_c=verdict.kinetic_c,
        not_evaluable=verdict.not_evaluable,
        chilling_degree_h=assessment.exposure.chilling_degree_h if rules.chilling else None,
        chilling_spent=verdict.chilling_spent,
        life_lost=verdict.life_lost,
        assumed_lost=assessment.assumed_lost,
        extrapolated_s=assessment.exposure.loss.extrapolated_ms / 1000 if rules.shelf_life else None,
        accepted=verdict.accepted,
        at_c=assessment.at_c,
        remaining_d=assessment.remaining_d,
        margin_d=assessment.margin_d,
        budgets=_budgets(assessment, rules),
    )


def _budgets(assessment: Assessment, rules: ExposureRules) -> tuple[BudgetView, ...]:
    uses = [(budget, assessment.exposure.uses.get(budget.id, Use())) for budget in rules.budgets]
    return tuple(
        BudgetView(
            id=budget.id,
            above_c=budget.above_c,
            below_c=budget.below_c,
            counting=budget.counting,
            allowed_s=budget.allowed_s,
            counted_s=use.counted_ms(budget.counting) / 1000,
            spent=use.share(budget),
            events=use.events,
            first_at=_moment(use.first_ms),
            source=budget.source,
        )
        for budget, use in uses
    )


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else moment(at_ms)
