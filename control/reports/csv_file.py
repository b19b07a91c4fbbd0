"""Rows as CSV (RFC 4180), in UTF-8 with the mark that makes Excel read it as such; moments are ISO 8601 in UTC."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from control.reports.files import draft_of


def write_csv(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows, return how many; raises UnavailableError."""
    with draft_of(path) as draft:
        return write_rows(draft, columns, rows)


def write_rows(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows to a file that nobody else looks at yet; return how many."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_said(cell) for cell in row])
            count += 1
    return count


def _said(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return cell
