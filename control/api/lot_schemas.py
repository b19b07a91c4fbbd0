"""The shapes of what is said and asked about lots."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from coldport.ids import ID_PATTERN
from control.exposure.budget import Counting
from control.exposure.kinetic import NotEvaluable

Name = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Person = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(min_length=1, max_length=60)
]
Version = Annotated[int, Field(ge=1, le=100_000)]
Celsius = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=3_660, allow_inf_nan=False)]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBody:
    """What lies before a lot: `transit_d` days at `at_c`, then `buffer_d` days in which it is to be sold."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    at_c: Celsius
    transit_d: Days
    buffer_d: Days = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LotBody:
    """A lot that came in. `at` is when, by default now; `earlier` the statement of the site it came from.

    `owner` is the party that sees it besides the site and regulators.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    lot: Name
    product: Name
    product_version: Version
    zone: Name
    by: Person
    at: AwareDatetime | None = None
    made_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    plan: PlanBody | None = None
    earlier: dict[str, Any] | None = None
    owner: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBody:
    """A lot went to `zone`; without one it left the site. `at` is when, by default now."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person
    zone: Name | None = None
    at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementBody:
    """Who signs off what a lot suffered here."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class StayView:
    """Where a lot was, and the points whose temperatures stand for it there; `until` null: it is there."""

    zone: str
    since: datetime
    until: datetime | None
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotView:
    """A lot and where it was."""

    id: str
    product: str
    product_version: int
    received_at: datetime
    shipped_at: datetime | None
    made_at: datetime | None
    expires_at: datetime | None
    plan: PlanBody | None
    stated_by: str | None
    stays: tuple[StayView, ...]
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    """Time out of one range. `spent` is the used share, 1 is all; `counted_s` is of the longest event or of all."""

    id: str
    above_c: float | None
    below_c: float | None
    counting: Counting
    allowed_s: float
    counted_s: float
    spent: float
    events: int
    first_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """For how long, since the first record of the lot, its temperature was known how well, and what share that is."""

    share: float
    good_s: float
    uncertain_s: float
    substituted_s: float
    unknown_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LotExposureView:
    """What a lot has suffered by its record up to `until`. What its product has no rule for is null.

    `mean_c` and all else is by time and of known time. `kinetic_c` is null with `not_evaluable` saying why.
    `life_lost` is measured, `assumed_lost` what unknown time would have taken at the product's reference; both are off
    `remaining_d`, the days it keeps at `at_c`. `margin_d` is what is left of that beyond its plan.
    """

    lot: LotView
    until: datetime
    coverage: CoverageView
    minimum_c: float | None
    minimum_at: datetime | None
    maximum_c: float | None
    maximum_at: datetime | None
    mean_c: float | None
    kinetic_c: float | None
    not_evaluable: NotEvaluable | None
    chilling_degree_h: float | None
    chilling_spent: float | None
    life_lost: float | None
    assumed_lost: float | None
    extrapolated_s: float | None
    accepted: float | None
    at_c: float | None
    remaining_d: float | None
    margin_d: float | None
    budgets: tuple[BudgetView, ...] = field(default_factory=tuple)
