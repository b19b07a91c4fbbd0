"""Takes the record out for other programs: each reading, or each event, of a span as a row, in the order recorded.

Rows are made one at a time and written as they come, so a year costs no more memory than a minute.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldport.errors import NotFoundError
from coldport.messages.observation import Reading, Weight
from coldport.site import Point, Site
from control.entries import Observed, is_event
from control.journal.reader import JournalReader
from control.printing.csv_file import write_csv
from control.printing.workbook import write_workbook
from control.reports.collect import EARLY, LATE
from control.reports.parquet import write_parquet

FORMATS = {"csv": write_csv, "parquet": write_parquet, "xlsx": write_workbook}


class ReadingRow(NamedTuple):
    """One reading. `entry`, `gateway`, `boot_id` and `seq` say where in the journal it stands."""

    observed_at: datetime
    point: str
    zone: str
    quantity: str
    unit: str
    value: float | None
    quality: str
    reason: str | None
    recorded_at: datetime
    entry: int
    gateway: str
    boot_id: str
    seq: int


class EventRow(NamedTuple):
    """One entry of the journal that is neither readings nor time; `content` is its JSON."""

    recorded_at: datetime
    entry: int
    kind: str
    content: str


def export(path: Path, form: str, rows: Iterable[ReadingRow] | Iterable[EventRow], kind: type[NamedTuple]) -> int:
    """Write rows to a file of one of the `FORMATS`, whole or not at all; return how many.

    Raises:
        RefusedError: The format cannot hold so many rows.
        UnavailableError: The disk refuses.
    """
    return FORMATS[form](path, kind.__annotations__, rows)


def readings(
    journal: JournalReader, site: Site, names: Collection[str], start: datetime, end: datetime
) -> Iterator[ReadingRow]:
    """Yield the readings of points with `start <= observed_at < end`."""
    where = {point.id: (zone.id, point) for zone in site.zones for point in zone.points if point.id in names}
    for entry in journal.entries(journal.before(start - EARLY), end + LATE, names):
        content = entry.content
        if not isinstance(content, Observed):
            continue
        for observation in content.observations:
            known = where.get(observation.point)
            if known is None or not isinstance(observation, Reading | Weight):
                continue
            if start <= observation.observed_at < end:
                yield _row(observation, known, (entry.number, entry.recorded_at), content)


def events(journal: JournalReader, start: datetime, end: datetime) -> Iterator[EventRow]:
    """Yield the events that were recorded from `start` up to `end`."""
    for entry in journal.entries(journal.before(start), end, ()):
        if is_event(entry.content):
            text = msgspec.json.encode(entry.content).decode()
            kind = str(msgspec.to_builtins(entry.content)["entry"])
            yield EventRow(entry.recorded_at, entry.number, kind, text)


def points_of(site: Site, points: Sequence[str], zones: Sequence[str]) -> list[str]:
    """Return the points that are named, and those of the zones that are.

    Raises:
        NotFoundError: The site has no such point or zone.
    """
    known = {zone.id: [point.id for point in zone.points] for zone in site.zones}
    for name in zones:
        if name not in known:
            raise NotFoundError(f"the site has no zone {name!r}")
    for name in points:
        if not any(name in some for some in known.values()):
            raise NotFoundError(f"the site has no point {name!r}")
    return list(dict.fromkeys([*points, *(point for zone in zones for point in known[zone])]))


def _row(
    observation: Reading | Weight, known: tuple[str, Point], at: tuple[int, datetime], observed: Observed
) -> ReadingRow:
    zone, point = known
    if isinstance(observation, Reading):
        value = observation.value
    else:
        value = observation.gross_kg if observation.net_kg is None else observation.net_kg
    return ReadingRow(
        observed_at=observation.observed_at,
        point=point.id,
        zone=zone,
        quantity=point.quantity.value,
        unit=point.quantity.unit,
        value=value,
        quality=observation.quality.value,
        reason=observation.reason,
        recorded_at=at[1],
        entry=at[0],
        gateway=observed.gateway,
        boot_id=observed.boot_id,
        seq=observation.seq,
    )
