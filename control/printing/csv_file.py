"""Rows as CSV (RFC 4180), in UTF-8 with the mark that makes Excel read it as such; moments are ISO 8601 in UTC."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from control.printing.files import draft_of


def write_csv(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows, return how many; raises UnavailableError."""
    with draft_of(path) as draft:
        return write_rows(draft, columns, rows)


def write_rows(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows to a file that nobody else looks at yet; return how many."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        return _write(file, columns, rows)


def csv_bytes(columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> bytes:
    """Return the file itself."""
    file = io.StringIO(newline="")
    _write(file, columns, rows)
    return file.getvalue().encode("utf-8-sig")


def inert(text: str) -> str:
    """Return a text that no table program takes for a formula: one that begins like one stands behind an apostrophe.

    Only for tables that are made to be opened there: a record is written as it is.

    >>> inert("=1+1"), inert("-18 °C"), inert("lot 7")
    ("'=1+1", "'-18 °C", 'lot 7')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _write(file: TextIO, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    count = 0
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
