"""What an excursion report says, as data. The JSON is this, and the PDF prints it and adds nothing.

Temperatures and humidities are rounded to 0.01, shares to 0.0001, times are seconds to 0.001 and moments UTC, so that
every figure reads the same on paper and in any program.

Contents: what loggers report (TempSen glossary), what 21 CFR 11.50 wants of a signature, and how sure each figure is.
"""

from msgspec import Struct

from coldport.messages.observation import Moment
from coldport.site import Text

FORM = 1
"""Of the JSON; it rises when a member changes its meaning."""


class Stay(Struct, frozen=True, kw_only=True):
    """Where it was: the zone of the report, or one after the other those of a lot."""

    zone: str
    name: Text
    since: Moment
    until: Moment


class Span(Struct, frozen=True, kw_only=True):
    """From when to when something was so; `reason` in the device's words, `count` readings."""

    start: Moment
    end: Moment
    reason: str | None = None
    count: int | None = None


class PointFigures(Struct, frozen=True, kw_only=True):
    """One point over the time that is reported of it.

    `trip_s` is (n - 1) intervals and `duration_s` n of them, as loggers count; `known_s` and `mean` hold each sample
    until the next, at most three intervals; `uncertain_s` is a part of it. From the day on which the certificate of its
    sensor ended the point is `uncalibrated`, and uncertain. `kinetic_c` is the mean kinetic temperature; without it,
    `no_kinetic` says why.
    """

    point: str
    label: str | None
    zone: str
    quantity: str
    unit: str
    interval_s: float
    samples: int
    bad: int
    trip_s: float
    duration_s: float
    first: Moment | None
    last: Moment | None
    minimum: float | None
    minimum_at: Moment | None
    maximum: float | None
    maximum_at: Moment | None
    mean: float | None
    kinetic_c: float | None
    no_kinetic: str | None
    coverage: float
    known_s: float
    uncertain_s: float
    unknown_s: float
    gap_count: int
    gaps: tuple[Span, ...]
    bad_spans: tuple[Span, ...]
    uncalibrated: Span | None = None


class LimitFigures(Struct, frozen=True, kw_only=True):
    """What of a point's, or a lot's, known time was beyond a limit.

    `counting` single holds the longest event against `allowed_s`, cumulative all of them together. `violated` when it
    is as long or longer.
    """

    limit_id: str
    name: Text | None
    subject: str
    above: float | None
    below: float | None
    unit: str
    source: str
    counting: str
    allowed_s: float
    events: int
    beyond_s: float
    longest_s: float
    first_at: Moment | None
    violated: bool


class ExcursionLine(Struct, frozen=True, kw_only=True):
    """One alarm condition that held for its delay, as the record has it, late readings included."""

    definition: str
    version: int
    point: str
    onset: Moment
    raised_at: Moment
    returned_at: Moment | None
    worst: float
    worst_at: Moment
    known_s: float
    unknown_s: float
    gaps: int


class Mark(Struct, frozen=True, kw_only=True):
    """Something beside the temperature that explains it: a door that stood open, a defrost, a start of control."""

    kind: str
    point: str | None
    start: Moment
    end: Moment


class Occurrence(Struct, frozen=True, kw_only=True):
    """An alarm as it stood when the report was made."""

    alarm: str
    point: str
    priority: str
    state: str
    occurred_at: Moment
    returned_at: Moment | None
    historical: bool


class Signature(Struct, frozen=True, kw_only=True):
    """Who put what on record when, and what it means (21 CFR 11.50). Names are as given; there is no login yet."""

    by: str
    at: Moment
    meaning: str
    about: str
    comment: str | None


class Source(Struct, frozen=True, kw_only=True):
    """A gateway that delivered readings. `clock_offset_s`: its clock is ahead of control's by no less than so much."""

    gateway: str
    boot_id: str
    first_seq: int
    last_seq: int
    readings: int
    clock_offset_s: float


class LotFigures(Struct, frozen=True, kw_only=True):
    """What a lot suffered by the rules of its product; None where the product has no such rule."""

    product: str
    version: int
    coverage: float
    mean_c: float | None
    kinetic_c: float | None
    kinetic_limit_c: float | None
    no_kinetic: str | None
    life_lost: float | None
    remaining_d: float | None
    chilling_spent: float | None


class Report(Struct, frozen=True, kw_only=True):
    """The whole report, but for its proof."""

    form: int
    kind: str
    subject: str
    name: Text
    site: str
    site_name: Text
    timezone: str
    start: Moment
    end: Moment
    made_at: Moment
    made_by: str | None
    software: str
    recorded_until: Moment
    stays: tuple[Stay, ...]
    points: tuple[PointFigures, ...]
    limits: tuple[LimitFigures, ...]
    excursion_count: int
    excursions: tuple[ExcursionLine, ...]
    mark_count: int
    marks: tuple[Mark, ...]
    occurrences: tuple[Occurrence, ...]
    signatures: tuple[Signature, ...]
    sources: tuple[Source, ...]
    tampered: int
    lot: LotFigures | None = None


class Proof(Struct, frozen=True, kw_only=True):
    """That a report is what was made, and from which journal. The signature is of all members but itself."""

    hash: str
    entry: int
    chain: str
    sealed_to: int
    key: str
    signature: str
