"""What of InfluxDB goes without its client: questions in InfluxQL, and writing to 1.x before 1.8.

InfluxQL over GET /query is the one language that 1.x, 2.x (with a database mapping) and 3.x share. VictoriaMetrics
answers any of it with a list of databases that is not there, so it is asked by its export instead.

Source: InfluxDB 1.x API reference, "/query" and "/write"; VictoriaMetrics documentation, "How to export data in JSON
line format".
"""

import re
from collections.abc import Iterator

import httpx
import msgspec

from coldport.errors import ColdportError, MalformedError, UnavailableError
from coldport.ids import PointId, SiteId
from coldport.messages.observation import Quality
from control.historian.buckets import RangeError
from control.historian.lines import MEASUREMENT, quality_of, tag_value, value_of
from control.historian.settings import HistorianSettings

PAGE = 100_000
"""Samples in one answer: about 4 MB of JSON."""
SAMPLE_LIMIT = 3_000_000
"""Samples behind one question: a month of one point at 1 Hz, some 200 MB here and ten seconds there."""
EXPORT_MS = 86_400_000
"""A day is exported at a time, because VictoriaMetrics cannot be asked for pages."""
TIMEOUT_S = 30.0
"""For one answer of a busy server; the screen does not wait as long and says that the historian is slow."""

Row = tuple[int, float | None, Quality]


class RefusedLinesError(MalformedError):
    """The server does not want lines it was given. `dropped` is how many, when it has kept the rest; else None."""

    code = "historian-refused"

    def __init__(self, text: str) -> None:
        """Read how many it dropped out of what the server said."""
        super().__init__(text)
        count = re.search(r"dropped=(\d+)", text)
        self.dropped = None if "partial write" not in text else int(count.group(1)) if count else 1


def failure(status: int | None, text: str) -> ColdportError:
    """Return what an answer other than 2xx means.

    Lines that it refuses are the lines' fault. All else is for somebody to mend while the journal waits: a token, a
    missing database, a proxy.
    """
    if status in (400, 413, 422):
        return RefusedLinesError(text)
    return UnavailableError(f"the historian answered {status}: {text[:300]}")


class _Series(msgspec.Struct):
    name: str = ""
    values: msgspec.Raw = msgspec.Raw(b"[]")
    partial: bool = False


class _Result(msgspec.Struct):
    series: list[_Series] = []
    error: str | None = None


class _Answer(msgspec.Struct):
    results: list[_Result] = []


class _Exported(msgspec.Struct):
    metric: dict[str, str]
    values: list[float]
    timestamps: list[int]


_answers = msgspec.json.Decoder(_Answer)
_rows = msgspec.json.Decoder(list[tuple[int, float | None, float | None]])
_exports = msgspec.json.Decoder(_Exported)


class InfluxQl:
    """The server over plain HTTP. Safe to use from several threads."""

    def __init__(self, settings: HistorianSettings, token: str | None) -> None:
        """Connect when first asked. A token `user:password` is that of a 1.x user."""
        user, colon, password = (token or "").partition(":")
        self._settings = settings
        self._exports = False
        self._http = httpx.Client(
            base_url=settings.url.rstrip("/"),
            auth=(user, password) if colon else None,
            headers={"Authorization": f"Token {token}"} if token and not colon else {},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    def write(self, body: bytes) -> None:
        """Write lines the way of 1.x before 1.8.

        Raises:
            RefusedLinesError: The server does not want some or all of them.
            UnavailableError: It is away, or cannot take anything for now.
        """
        answer = self._request("POST", "/write", {**self._place(), "precision": "ms"}, body)
        if not answer.is_success:
            raise failure(answer.status_code, answer.text)

    def samples(self, site: SiteId, point: PointId, start_ms: int, end_ms: int) -> Iterator[Row]:
        """Yield the samples with `start_ms <= moment < end_ms`, oldest first, page by page.

        Raises:
            UnavailableError: The server is away or refuses to answer.
            RangeError: It has more than `SAMPLE_LIMIT` samples in the range.
        """
        count = 0
        try:
            while start_ms < end_ms:
                page, start_ms = self._page(site, point, start_ms, end_ms)
                count += len(page)
                if count > SAMPLE_LIMIT:
                    raise RangeError(f"more than {SAMPLE_LIMIT} samples lie in the range: ask for a shorter one")
                yield from page
        except msgspec.DecodeError as error:
            raise UnavailableError(f"the historian's answer cannot be read: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _place(self) -> dict[str, str]:
        policy = self._settings.retention_policy
        return {"db": self._settings.database} | ({"rp": policy} if policy else {})

    def _page(self, site: SiteId, point: PointId, start_ms: int, end_ms: int) -> tuple[list[Row], int]:
        """Return some samples, and the moment from which the next page goes on."""
        if not self._exports:
            found = self._select(site, point, start_ms, end_ms)
            if found is not None:
                return found
            self._exports = True
        until_ms = min(end_ms, start_ms + EXPORT_MS)
        return self._export(site, point, start_ms, until_ms), until_ms

    def _select(self, site: SiteId, point: PointId, start_ms: int, end_ms: int) -> tuple[list[Row], int] | None:
        """Return a page; None when the server does not know InfluxQL."""
        question = (
            f'SELECT "value", "quality" FROM "{MEASUREMENT}" '  # noqa: S608 - tag_value leaves nothing that could end a quoted string
            f"WHERE \"point\" = '{tag_value(point)}' AND \"site\" = '{tag_value(site)}' "
            f"AND time >= {start_ms}ms AND time < {end_ms}ms ORDER BY time ASC LIMIT {PAGE}"
        )
        answer = _answers.decode(self._ask("/query", {**self._place(), "epoch": "ms", "q": question}))
        problem = next((result.error for result in answer.results if result.error), None)
        if problem:
            raise UnavailableError(f"the historian cannot answer: {problem}")
        series = [series for result in answer.results for series in result.series]
        if any(each.name != MEASUREMENT for each in series):
            return None
        rows = [
            (at_ms, value_of(value, number), quality_of(number))
            for each in series
            for at_ms, value, number in _rows.decode(each.values)
        ]
        full = len(rows) >= PAGE or any(each.partial for each in series)
        return rows, rows[-1][0] + 1 if rows and full else end_ms

    def _export(self, site: SiteId, point: PointId, start_ms: int, end_ms: int) -> list[Row]:
        match = f'{{__name__=~"{MEASUREMENT}_(value|quality)",point="{tag_value(point)}",site="{tag_value(site)}"}}'
        span = {"start": f"{start_ms / 1000:.3f}", "end": f"{(end_ms - 1) / 1000:.3f}"}
        body = self._ask("/api/v1/export", {"match[]": match, **span})
        values: dict[int, float] = {}
        qualities: dict[int, float] = {}
        for exported in map(_exports.decode, body.splitlines()):
            into = values if exported.metric["__name__"].endswith("_value") else qualities
            into.update(zip(exported.timestamps, exported.values, strict=True))
        return [
            (at_ms, value_of(values.get(at_ms), number), quality_of(number))
            for at_ms, number in sorted(qualities.items())
        ]

    def _ask(self, path: str, parameters: dict[str, str]) -> bytes:
        answer = self._request("GET", path, parameters)
        if not answer.is_success:
            raise UnavailableError(f"the historian answered {answer.status_code}: {answer.text[:300]}")
        return answer.content

    def _request(self, method: str, path: str, parameters: dict[str, str], body: bytes | None = None) -> httpx.Response:
        try:
            return self._http.request(method, path, params=parameters, content=body)
        except httpx.HTTPError as error:
            raise UnavailableError(f"the historian at {self._settings.url} is away: {error}") from error
