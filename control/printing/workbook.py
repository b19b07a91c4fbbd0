"""Rows as an Excel workbook, written row by row. Moments are UTC without an offset, because Excel has none."""

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from coldport.errors import RefusedError
from control.printing.files import draft_of

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ROW_LIMIT = 1_048_575
"""Rows of a sheet below its head; that is Excel's own limit."""

CELL_LIMIT = 32_767
"""Characters of a cell, Excel's own limit too; a longer one is cut."""


def write_workbook(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows, return how many.

    Raises:
        RefusedError: There are more than a sheet can hold.
        UnavailableError: The disk refuses.
    """
    with draft_of(path) as draft:
        draft.touch()  # what is wrong with the folder is said before any work
        book, count = _filled(columns, rows)
        book.save(draft)
    return count


def workbook_bytes(columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> bytes:
    """Return the file itself; raises RefusedError when there are more rows than a sheet can hold."""
    book, _ = _filled(columns, rows)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _filled(columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> "tuple[Workbook, int]":
    from openpyxl import Workbook  # noqa: PLC0415 - loading it takes half a second, and most never ask for one

    book = Workbook(write_only=True)
    sheet = book.create_sheet("record")
    try:
        sheet.append([f"{name} (UTC)" if kind is datetime else name for name, kind in columns.items()])
        count = _append(sheet, rows)
    except BaseException:
        sheet.close()
        raise
    return book, count


def _append(sheet: "WriteOnlyWorksheet", rows: Iterable[tuple[object, ...]]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        if count > ROW_LIMIT:
            raise RefusedError(f"more than {ROW_LIMIT:,} rows: export a shorter span, or as parquet or csv")
        sheet.append([_cell(sheet, cell) for cell in row])
    return count


def _cell(sheet: "WriteOnlyWorksheet", value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    cell = WriteOnlyCell(sheet, value[:CELL_LIMIT])
    cell.data_type = "s"  # what begins like a formula is text all the same: a comment must not be able to run anything
    return cell
