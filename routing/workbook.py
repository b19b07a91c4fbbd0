"""Tables as files: Excel workbooks (`.xlsx`) and CSV in UTF-8. The only module that knows `openpyxl`."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from coldport.errors import MalformedError

Cell = str | int | float | bool | datetime | None

FILE_LIMIT = 32 * 1024 * 1024
"""Bytes of one file: a hundred thousand rows of twenty columns."""

ROW_LIMIT = 100_001
"""Rows of one table with its headings: as many consignments as an instance may be generated with."""

COLUMN_LIMIT = 200


class WorkbookError(MalformedError):
    """A file is no table, or cannot be written."""

    code = "workbook"


def read_table(path: Path) -> list[list[Cell]]:
    """Return the rows of a CSV file, or of the first sheet of a workbook; formulas as what they last came to.

    Raises:
        WorkbookError: It cannot be read, is neither of both, or is too large.
    """
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise WorkbookError(f"{path}: has more than {FILE_LIMIT} bytes")
        rows = list(islice(_rows(path), ROW_LIMIT + 1))
    except UnicodeDecodeError as error:
        raise WorkbookError(f"{path}: is not UTF-8; save it as 'CSV UTF-8'") from error
    except (BadZipFile, InvalidFileException, KeyError, ValueError, csv.Error) as error:
        raise WorkbookError(f"{path}: is no table: {error}") from error
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(rows) > ROW_LIMIT:
        raise WorkbookError(f"{path}: has more than {ROW_LIMIT - 1} rows")
    return rows


def _rows(path: Path) -> Iterator[list[Cell]]:
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in csv.reader(file):
                yield [text or None for text in line[:COLUMN_LIMIT]]
        return
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for row in book.worksheets[0].iter_rows(values_only=True, max_col=COLUMN_LIMIT):
            yield [_plain(value) for value in row]
    finally:
        book.close()


def _plain(value: object) -> Cell:
    """Return a cell as a plain value; what Excel knows beside them (durations, errors) as its text."""
    if value is None or isinstance(value, str | int | float | datetime):
        return value
    return str(value)


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> None:
    """Write sheets of rows, the first row of each as headings. Text stays text: nothing becomes a formula.

    Raises:
        WorkbookError: The file cannot be written.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    packed = BytesIO()
    book.save(packed)
    try:
        path.write_bytes(packed.getvalue())
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be written: {error.strerror}") from error


def write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as CSV in UTF-8 with the mark by which Excel knows it.

    Raises:
        WorkbookError: The file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be written: {error.strerror}") from error
