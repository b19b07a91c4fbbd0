"""The shapes of the HTTP answers and bodies. They are what OpenAPI shows; everything else here is made from them."""

from dataclasses import dataclass
from datetime import datetime

from coldport.messages.alarm import Priority
from coldport.messages.observation import Quality
from coldport.messages.status import LinkState
from coldport.site import Quantity, ZoneClass
from control.alarms.definition import Kind
from control.inspection.lane.verdict import Verdict

BODY_LIMIT = 64 * 1024
"""Bytes of one request body. The largest, an acknowledgement, has some 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text in both field languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BandView:
    """The band in which a zone is kept, both ends included; an end that is null is open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePointView:
    """A point as the site file names it."""

    id: str
    quantity: Quantity
    unit: str
    every_s: float
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    """A zone, its bands and its points, in the order of the site file."""

    id: str
    name: TextView
    zone_class: ZoneClass
    temperature_c: BandView | None
    humidity_percent: BandView | None
    points: tuple[SitePointView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionView:
    """What an alarm means. `limit` is in `unit`; what is open, on or off has none but `on_delay_s`."""

    id: str
    name: TextView
    kind: Kind
    quantity: Quantity
    priority: Priority
    limit: float | None
    unit: str
    on_delay_s: float
    source: str
    consequence: TextView
    action: TextView


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """An inspection lane, and where a parcel goes with which verdict, as far as the site says it."""

    id: str
    name: TextView
    places: dict[Verdict, TextView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """The site as its files say. `simulated`: no real device is behind the values; all else changes by restart only."""

    id: str
    name: TextView
    timezone: str
    simulated: bool
    zones: tuple[ZoneView, ...]
    definitions: tuple[DefinitionView, ...]
    lanes: tuple[LaneView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """The newest observation of a point; all of it is null before the first.

    `value` is in `unit`; a door has 0 closed, 1 open. `stale`: nothing has come for three of the point's intervals.
    """

    id: str
    zone: str
    quantity: Quantity
    unit: str
    label: str | None
    value: float | None
    quality: Quality | None
    reason: str | None
    observed_at: datetime | None
    recorded_at: datetime | None
    age_s: float | None
    stale: bool
    stable: bool | None
    epc: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketView:
    """Statistics of `start <= observed_at < start + bucket_s`.

    `count` 0 has no statistics. `covered_s` says for how long the value was known: 0 is a gap. `bad` counts
    failed reads.
    """

    start: datetime
    count: int
    bad: int
    covered_s: float
    min: float | None
    mean: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsView:
    """A point's series cut into equal buckets, oldest first, empty ones included."""

    point: str
    unit: str
    start: datetime
    end: datetime
    bucket_s: float
    buckets: tuple[BucketView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """The newest state of a line (`device` null) or of one device on it."""

    gateway: str
    link: str
    device: str | None
    state: LinkState
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """How well one device is heard since its gateway started; `error_share` is that of five minutes, 0 to 1."""

    gateway: str
    link: str
    device: str
    at: datetime
    frames: int
    errors: int
    error_share: float
    last_frame_at: datetime | None
    last_error: str | None
    rssi_dbm: int | None
    battery_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """A process of the site that has shown itself on the bus."""

    process: str
    online: bool
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """Control is alive, its journal is open and its live stream runs."""

    status: str
    version: str
    site: str
    now: datetime
    journal_entries: int
    processes: tuple[ProcessView, ...]
