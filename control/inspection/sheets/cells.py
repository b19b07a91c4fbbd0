"""A sheet as rows of cells, whether it is CSV or Excel."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from coldport.errors import MalformedError
from control.inspection.sheets.workbook import FORMULA, Cell, read_workbook

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of one sheet: 20,000 rows of fifty columns."""
ROW_LIMIT = 20_001
"""Rows with the headings: a day's parcels of a large seller."""
COLUMN_LIMIT = 100
"""Columns; the widest message has 68 fields."""

_ZIP = b"PK\x03\x04"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def rows_of(body: bytes) -> list[list[Cell]]:
    """Return the rows of a workbook's first sheet or of a CSV file; a formula is `FORMULA`, an empty cell None.

    A CSV file is UTF-8 or UTF-16 where it says so by its mark, else UTF-8 if it can be, else GB 18030, which is what
    Excel in Chinese writes.

    Raises:
        MalformedError: It is neither of both, or too large.
    """
    if len(body) > BODY_LIMIT:
        raise MalformedError(f"too large: {len(body):,} bytes, at most {BODY_LIMIT:,}")
    found = read_workbook(body, ROW_LIMIT + 1, COLUMN_LIMIT + 1) if body.startswith(_ZIP) else _csv_rows(body)
    if len(found) > ROW_LIMIT:
        raise MalformedError(f"more than {ROW_LIMIT - 1:,} rows")
    if any(len(row) > COLUMN_LIMIT for row in found):
        raise MalformedError(f"more than {COLUMN_LIMIT} columns")
    return found


def _csv_rows(body: bytes) -> list[list[Cell]]:
    text = _decoded(body)
    if "\x00" in text:
        raise MalformedError("neither CSV nor an Excel workbook")
    try:
        return list(islice(_cells(text), ROW_LIMIT + 1))
    except csv.Error as error:
        raise MalformedError(f"no CSV: {error}") from None


def _cells(text: str) -> Iterator[list[Cell]]:
    for row in csv.reader(io.StringIO(text, newline=""), strict=True):
        yield [FORMULA if cell.startswith("=") else cell.strip() or None for cell in row]


def _decoded(body: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MalformedError("neither UTF-8 nor GB 18030; save it as 'CSV UTF-8'")
