"""What a zone did to a product, measured from the historian's samples by days and hours and remembered.

A lot of thirty days costs its newest hour once the rest is known, and all lots of one product in one room share it. The
historian says what it has been given: what late samples fall into is measured anew when it is next asked for. Nothing
here outlives the process; it is all in the record.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from coldport.ids import PointId
from coldport.site import Point, Quantity, Role, Site, Zone
from control.alarms.calibration import doubted, expiries
from control.alarms.definition import Calibration
from control.alarms.watch import HOLD_INTERVALS
from control.exposure import exposure
from control.exposure.assessment import Assessment, assess
from control.exposure.exposure import Exposure
from control.exposure.lots import Lot
from control.exposure.timeline import Sampled, Stretch, hold, unknown, worst
from control.historian.buckets import milliseconds, moment
from control.ports import Historian, Sample
from control.products import Products, find_product

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PIECE = 100_000
"""Samples that are expected of one read: a day at 1 Hz is one, and twice as many are still answered."""
PART_LIMIT = 20_000
"""Days and hours of zones that are remembered: 25 zones for a month; some 40 MB with two products each."""

_MINUTE = timedelta(minutes=1)
_Measured = dict[tuple[str, int, int, int], Exposure]
"""By product, version, and the part of the day or hour, from and to."""


class ExposureArchive:
    """Exposures of a site's zones. Any thread may ask; only asking reads."""

    def __init__(
        self, site: Site, products: Products, historian: Historian, calibrations: Iterable[Calibration] = ()
    ) -> None:
        """Measure by `products` what `historian` holds of the points of `site`; uncertain is what is uncalibrated."""
        self._expiries = expiries(calibrations)
        self.products = products
        self._historian = historian
        self._zones = {zone.id: zone for zone in site.zones}
        self._zone_of = {point.id: zone.id for zone in site.zones for point in representatives(zone)}
        self._hold_ms = max((_hold_ms(p) for zone in site.zones for p in representatives(zone)), default=0)
        self._parts: dict[tuple[str, int, int], _Measured] = {}
        self._lock = threading.Lock()

    def assess(self, lot: Lot, until: datetime) -> Assessment:
        """Return how a lot stands at `until` by what the historian holds.

        Raises:
            NotFoundError: The site no longer has the product in the lot's version.
            UnavailableError: The historian is away.
        """
        rules = find_product(self.products, lot.product, lot.product_version).exposure
        return assess(
            lot,
            rules,
            until,
            lambda stay: self._measure(lot, stay.zone, (milliseconds(stay.since), milliseconds(stay.until))),
        )

    def points(self, zone: str) -> Sequence[Point]:
        """Return the points that stand for a zone, none when the site has no such zone any more."""
        found = self._zones.get(zone)
        return representatives(found) if found else ()

    def changed(self, samples: Iterable[Sample]) -> None:
        """Forget the hours that `samples`, new to the historian, tell more about."""
        touched: set[tuple[str, int, int]] = set()
        for sample in samples:
            zone = self._zone_of.get(sample.point)
            if zone is not None:
                at_ms = milliseconds(sample.observed_at)
                for unit_ms in (DAY_MS, HOUR_MS):
                    parts = range(at_ms // unit_ms, (at_ms + self._hold_ms) // unit_ms + 1)
                    touched.update((zone, unit_ms, part) for part in parts)
        with self._lock:
            for key in touched:
                self._parts.pop(key, None)

    def _measure(self, lot: Lot, zone: str, span: tuple[int, int]) -> Exposure:
        """Return what a zone did to a lot's product in a span of milliseconds: whole days at once, others by hours."""
        total = Exposure()
        for start_ms, end_ms in _cut(*span, DAY_MS):
            unit_ms = DAY_MS if end_ms - start_ms == DAY_MS else HOUR_MS
            for part in _cut(start_ms, end_ms, unit_ms):
                total = exposure.join(total, self._part(lot, zone, unit_ms, part))
        return total

    def _part(self, lot: Lot, zone: str, unit_ms: int, part: tuple[int, int]) -> Exposure:
        # The dictionary of a day or hour is taken before its samples are read: if they change meanwhile, what was
        # measured goes into a dictionary that nobody has any more.
        with self._lock:
            measured = self._parts.setdefault((zone, unit_ms, part[0] // unit_ms), {})
            if len(self._parts) > PART_LIMIT:
                del self._parts[next(iter(self._parts))]
        key = (lot.product, lot.product_version, *part)
        found = measured.get(key)
        if found is None:
            rules = find_product(self.products, lot.product, lot.product_version).exposure
            found = measured[key] = exposure.measure(self._stretches(zone, *part), rules)
        return found

    def _stretches(self, zone: str, start_ms: int, end_ms: int) -> list[Stretch]:
        points = self.points(zone)
        product = [self._held(point, start_ms, end_ms) for point in points if point.role is Role.PRODUCT]
        air = [self._held(point, start_ms, end_ms) for point in points if point.role is Role.AIR]
        return worst(product or air, air if product else ()) if points else [unknown(start_ms, end_ms)]

    def _held(self, point: Point, start_ms: int, end_ms: int) -> list[Stretch]:
        hold_ms = _hold_ms(point)
        samples = self._samples(point, start_ms - hold_ms, end_ms)
        return hold(samples, start_ms, end_ms, hold_ms)

    def _samples(self, point: Point, start_ms: int, end_ms: int) -> Iterator[Sampled]:
        piece_ms = max(1, round(PIECE * point.every_s * 1000))
        for from_ms in range(start_ms, end_ms, piece_ms):
            to_ms = min(end_ms, from_ms + piece_ms)
            for sample in self._historian.samples(PointId(point.id), moment(from_ms), moment(to_ms)):
                quality = doubted(sample.quality, sample.observed_at, self._expiries.get(point.id))
                yield Sampled(milliseconds(sample.observed_at), sample.value, quality)


def representatives(zone: Zone) -> tuple[Point, ...]:
    """Return the points whose temperatures stand for the goods in a zone: product probes; air, while these are mute."""
    return tuple(point for point in zone.points if point.quantity is Quantity.TEMPERATURE)


def full_minute(now: datetime) -> datetime:
    """Return the end of the last full minute: all lots of a room are then measured once."""
    return now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % _MINUTE


def _hold_ms(point: Point) -> int:
    return round(HOLD_INTERVALS * point.every_s * 1000)


def _cut(start_ms: int, end_ms: int, unit_ms: int) -> Iterator[tuple[int, int]]:
    """Cut a span at the full days or hours of UTC."""
    while start_ms < end_ms:
        until_ms = min(end_ms, (start_ms // unit_ms + 1) * unit_ms)
        yield start_ms, until_ms
        start_ms = until_ms
