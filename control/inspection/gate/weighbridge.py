"""What a vehicle should weigh by its pass, what it did weigh, and whether the difference may be.

The arithmetic is that of the gate records of special areas (reference: two receipts SAS223, recomputed): the total is
vehicle, frame, container and goods together; the error is the total less what the weighbridge collected. A collected
mass of 0 is *no reading*, which is not a deviation of everything. How large an error may be no office has published:
the band is the site's own (`inspection.toml`), and the scale's error always widens it.
"""

from enum import StrEnum
from typing import Annotated, Self

from msgspec import Meta, Struct

Kilograms = Annotated[float, Meta(ge=0, le=500_000)]


class Masses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pass declares: vehicle (车自重), frame (车架), container and goods with their packing, in kg."""

    vehicle_kg: Kilograms
    frame_kg: Kilograms = 0.0
    container_kg: Kilograms = 0.0
    goods_gross_kg: Kilograms = 0.0

    @property
    def total_kg(self) -> float:
        """What the weighbridge should show."""
        return self.vehicle_kg + self.frame_kg + self.container_kg + self.goods_gross_kg


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be missing or too much, share or mass, whichever is more: `soft` unasked, `hard` after a look."""

    soft_share: Annotated[float, Meta(ge=0, le=1)] = 0.03
    soft_kg: Kilograms = 60.0
    hard_share: Annotated[float, Meta(ge=0, le=1)] = 0.05
    hard_kg: Kilograms = 150.0

    def widest(self, declared_kg: float, scale_error_kg: float) -> tuple[float, float]:
        """Return both limits for a declared mass, widened by what the scale itself may be wrong."""
        soft = max(self.soft_kg, self.soft_share * declared_kg) + scale_error_kg
        hard = max(self.hard_kg, self.hard_share * declared_kg) + scale_error_kg
        return soft, max(soft, hard)


class Weighbridge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weighbridge: up to so many kg it may be wrong by so much, as its certificate says; and when it was examined."""

    errors_kg: Annotated[tuple[tuple[Kilograms, Kilograms], ...], Meta(min_length=1, max_length=10)]
    calibrated_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None

    def error_kg(self, mass_kg: float) -> float:
        """Return how wrong it may be at a mass; beyond the last step, as there."""
        return next((error for up_to, error in self.errors_kg if mass_kg <= up_to), self.errors_kg[-1][1])


class Outcome(StrEnum):
    """How a weighing compares."""

    NOT_WEIGHED = "not-weighed"
    WITHIN = "within"
    OVER_SOFT = "over-soft"
    OVER_HARD = "over-hard"


class Comparison(Struct, frozen=True, kw_only=True):
    """Both masses, their difference (declared less collected; None: not weighed) and the limits it was held against."""

    declared_kg: float
    collected_kg: float | None
    error_kg: float | None
    soft_kg: float
    hard_kg: float
    outcome: Outcome

    @classmethod
    def of(cls, declared_kg: float, collected_kg: float | None, band: Band, bridge: Weighbridge) -> Self:
        """Compare; a collected mass that is absent or 0 was not weighed. A difference of exactly a limit is within."""
        soft, hard = band.widest(declared_kg, bridge.error_kg(collected_kg or declared_kg))
        if not collected_kg:
            error, outcome = None, Outcome.NOT_WEIGHED
        else:
            error = declared_kg - collected_kg
            outcome = (
                Outcome.WITHIN if abs(error) <= soft else Outcome.OVER_SOFT if abs(error) <= hard else Outcome.OVER_HARD
            )
        return cls(
            declared_kg=declared_kg,
            collected_kg=collected_kg or None,
            error_kg=error,
            soft_kg=soft,
            hard_kg=hard,
            outcome=outcome,
        )
