"""What a zone did to a product, measured from the historian's samples an hour at a time and remembered.

Measured hours are joined, so a lot of thirty days costs its newest hour once the rest is known, and all lots of one
product in one room share it. The historian says what it has been given: hours that late samples fall into are measured
anew when they are next asked for. Nothing here outlives the process; it is all in the record.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from coldport.ids import PointId
from coldport.site import Point, Quantity, Site, Zone
from control.alarms.watch import HOLD_INTERVALS
from control.exposure import exposure
from control.exposure.assessment import Assessment, Custody, assess
from control.exposure.exposure import Exposure
from control.exposure.lots import Lot
from control.exposure.timeline import Sampled, Stretch, hold, unknown, worst
from control.historian_buckets import milliseconds, moment
from control.ports import Historian, Sample
from control.products import Products, find_product

HOUR_MS = 3_600_000
HOUR_LIMIT = 20_000
"""Hours of zones that are remembered: 200 zones for four days, or 25 for a month; some 40 MB with two products each."""

_Measured = dict[tuple[str, int, int, int], Exposure]
"""By product, version, and the part of the hour from and to."""


class ExposureArchive:
    """Exposures of a site's zones. Any thread may ask; only asking reads."""

    def __init__(self, site: Site, products: Products, historian: Historian) -> None:
        """Measure by `products` what `historian` holds of the points of `site`."""
        self.products = products
        self._historian = historian
        self._zones = {zone.id: zone for zone in site.zones}
        self._zone_of = {point.id: zone.id for zone in site.zones for point in representatives(zone)}
        self._hold_ms = max((_hold_ms(p) for zone in site.zones for p in representatives(zone)), default=0)
        self._hours: dict[tuple[str, int], _Measured] = {}
        self._lock = threading.Lock()

    def assess(self, lot: Lot, until: datetime) -> Assessment:
        """Return how a lot stands at `until` by what the historian holds.

        Raises:
            NotFoundError: The site no longer has the product in the lot's version.
            UnavailableError: The historian is away.
        """
        rules = find_product(self.products, lot.product, lot.product_version).exposure
        return assess(lot, rules, until, lambda stay: self._measure(lot, stay))

    def points(self, zone: str) -> Sequence[Point]:
        """Return the points that stand for a zone, none when the site has no such zone any more."""
        found = self._zones.get(zone)
        return representatives(found) if found else ()

    def changed(self, samples: Iterable[Sample]) -> None:
        """Forget the hours that `samples`, new to the historian, tell more about."""
        touched: set[tuple[str, int]] = set()
        for sample in samples:
            zone = self._zone_of.get(sample.point)
            if zone is not None:
                at_ms = milliseconds(sample.observed_at)
                touched.update((zone, hour) for hour in range(at_ms // HOUR_MS, (at_ms + self._hold_ms) // HOUR_MS + 1))
        with self._lock:
            for key in touched:
                self._hours.pop(key, None)

    def _measure(self, lot: Lot, stay: Custody) -> Exposure:
        total = Exposure()
        for start_ms, end_ms in _hours(milliseconds(stay.since), milliseconds(stay.until)):
            total = exposure.join(total, self._hour(lot, stay.zone, start_ms, end_ms))
        return total

    def _hour(self, lot: Lot, zone: str, start_ms: int, end_ms: int) -> Exposure:
        key = (lot.product, lot.product_version, start_ms, end_ms)
        # The dictionary of an hour is taken before its samples are read: if it is changed meanwhile, what was measured
        # goes into a dictionary that nobody has any more.
        with self._lock:
            hour = self._hours.setdefault((zone, start_ms // HOUR_MS), {})
            if len(self._hours) > HOUR_LIMIT:
                del self._hours[next(iter(self._hours))]
        found = hour.get(key)
        if found is None:
            rules = find_product(self.products, lot.product, lot.product_version).exposure
            found = exposure.measure(self._stretches(zone, start_ms, end_ms), rules)
            hour[key] = found
        return found

    def _stretches(self, zone: str, start_ms: int, end_ms: int) -> list[Stretch]:
        series = [self._held(point, start_ms, end_ms) for point in self.points(zone)]
        return worst(series) if series else [unknown(start_ms, end_ms)]

    def _held(self, point: Point, start_ms: int, end_ms: int) -> list[Stretch]:
        hold_ms = _hold_ms(point)
        samples = self._historian.samples(PointId(point.id), moment(start_ms - hold_ms), moment(end_ms))
        return hold(
            (Sampled(milliseconds(sample.observed_at), sample.value, sample.quality) for sample in samples),
            start_ms,
            end_ms,
            hold_ms,
        )


def representatives(zone: Zone) -> tuple[Point, ...]:
    """Return the points whose temperatures stand for the goods in a zone."""
    return tuple(point for point in zone.points if point.quantity is Quantity.TEMPERATURE)


def _hold_ms(point: Point) -> int:
    return round(HOLD_INTERVALS * point.every_s * 1000)


def _hours(start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """Cut a span at the full hours."""
    while start_ms < end_ms:
        until_ms = min(end_ms, (start_ms // HOUR_MS + 1) * HOUR_MS)
        yield start_ms, until_ms
        start_ms = until_ms
