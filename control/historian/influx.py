"""The historian on a server that takes line protocol: InfluxDB 1.x, 2.x, 3.x, VictoriaMetrics.

Lines are written by the client's synchronous call, one joined body a time: its own batching forgets points in an outage
longer than its retries. The journal is the outbox instead. Servers before 1.8 do not have `/api/v2/write`; they answer
404 without JSON, and are written to by `/write`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

import urllib3
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import PointId, SiteId
from control.historian.buckets import bounded, cut, fold, moment, span
from control.historian.influxql import InfluxQl, RefusedLinesError, failure
from control.historian.lines import line
from control.historian.number import AppliedNumber
from control.historian.settings import HistorianSettings
from control.ports import Bucket, Sample

WRITE_TIMEOUT_MS = 10_000
"""A server that takes longer for half a megabyte is away; the follower waits and repeats."""
REFUSED_LIMIT = 100
"""Lines refused with none taken, after which it is the server or its settings that are wrong, not the lines."""

_MILLISECONDS = cast("WritePrecision", WritePrecision.MS)
"""The client declares its class of constants where it takes one of them, a string."""

log = logging.getLogger("coldport.historian")


class InfluxHistorian:
    """A `Historian` elsewhere. One thread writes; any may ask."""

    def __init__(
        self, settings: HistorianSettings, *, token: str | None, site: SiteId, number_file: Path, clock: Clock
    ) -> None:
        """Connect when first asked. Several sites may share a server: each line carries its `site`.

        Args:
            settings: Where the server is.
            token: Of version 2 and 3; `user:password` of version 1; None when it wants none.
            site: Whose points these are.
            number_file: Where the applied journal number is kept; its folder must be there.
            clock: For the trail of the number.
        """
        self._site = site
        self._bucket = settings.bucket or settings.database
        self._http = InfluxQl(settings, token)
        self._client = InfluxDBClient(settings.url, token or "", timeout=WRITE_TIMEOUT_MS, org=settings.org)
        self._write_api = self._client.write_api(write_options=SYNCHRONOUS)
        self._before_1_8 = False
        self._number = AppliedNumber(number_file, f"{settings.url} {self._bucket}", clock)
        self.refused = 0
        """Lines that the server did not want, since the start. They are in the journal."""

    def applied(self) -> int:
        """Return the journal number up to which the server has every sample, as far as this process knows."""
        return self._number.number

    def write(self, through: int, samples: Sequence[Sample]) -> None:
        """Give `samples` to the server, unless `through` says that it has them.

        Raises:
            UnavailableError: It is away; `applied` may have gone back by what it confirmed in the last ten seconds.
        """
        if through <= self._number.number:
            return
        try:
            if samples:
                self._give([line(self._site, sample).encode() for sample in samples])
        except UnavailableError:
            self._number.fall_back()
            raise
        self._number.advance(through)

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        """Cut `start..end` into `count` buckets; raises RangeError when it cannot be cut so."""
        cuts = cut(start, end, count)
        hold_ms = round(hold_s * 1000)
        rows = self._http.samples(self._site, point, cuts.start_ms - hold_ms, cuts.end_ms)
        return fold(cuts, ((at_ms, value) for at_ms, value, _ in rows), hold_ms)

    def samples(self, point: PointId, start: datetime, end: datetime) -> Sequence[Sample]:
        """Return a point's samples, oldest first; raises RangeError when there are none to ask for, or too many."""
        rows = bounded(self._http.samples(self._site, point, *span(start, end)))
        return [Sample(point, moment(at_ms), value, quality) for at_ms, value, quality in rows]

    def close(self) -> None:
        """Close the connections."""
        self._write_api.close()  # type: ignore[no-untyped-call]  # the client types some of its methods only
        self._client.close()  # type: ignore[no-untyped-call]  # the same
        self._http.close()

    def _give(self, lines: Sequence[bytes]) -> None:
        """Send lines; when some are refused, halve until those are alone, count them and go on without them."""
        pieces = [lines]
        taken = False
        refused = 0
        said: tuple[str, bytes] | None = None
        while pieces:
            piece = pieces.pop()
            try:
                self._send(b"\n".join(piece))
            except RefusedLinesError as error:
                if error.dropped is None and len(piece) > 1:
                    middle = len(piece) // 2
                    pieces += [piece[middle:], piece[:middle]]
                    continue
                said = said or (str(error), piece[0])
                taken = taken or error.dropped is not None
                refused += error.dropped or 1
                if not taken and (refused >= REFUSED_LIMIT or not pieces):
                    raise UnavailableError(f"the historian takes no line: {error}; such as {piece[0]!r}") from error
            else:
                taken = True
        if said and not self.refused:
            log.warning("the historian refuses lines, which are counted and skipped: %s; such as %r", *said)
        self.refused += refused

    def _send(self, body: bytes) -> None:
        if not self._before_1_8:
            try:
                self._write_api.write(self._bucket, record=body, write_precision=_MILLISECONDS)
            except InfluxDBError as error:
                status, text = _said(error)
                if status != 404 or text.lstrip().startswith("{"):
                    raise failure(status, text) from error
                self._before_1_8 = True
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise UnavailableError(f"the historian is away: {error}") from error
            else:
                return
        self._http.write(body)


def _said(error: InfluxDBError) -> tuple[int | None, str]:
    body = getattr(error, "body", None) or str(error)
    return getattr(error, "status", None), body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
