"""Excel workbooks, read and written; the one module of inspection that knows openpyxl.

It is loaded when somebody has a workbook: that takes half a second, and a start of control shall not wait for it.
A workbook is a zip of XML files from a stranger: how large it becomes is measured before it is opened, and a document
type in any of its files is refused.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from coldport.errors import MalformedError

FORMULA = "\x00formula"
"""What stands for a formula: what it came to is not what somebody typed."""

UNPACKED_LIMIT = 64 * 1024 * 1024
"""Bytes of all files in a workbook."""
FILE_LIMIT = 200
"""Files in a workbook; one with ten sheets has forty."""

_TYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))

Cell = str | int | float | bool | datetime | None


def read_workbook(body: bytes, row_limit: int, column_limit: int) -> list[list[Cell]]:
    """Return rows of the first sheet, at most as many and as wide as the limits.

    Raises:
        MalformedError: It is no workbook, or becomes too large.
    """
    import openpyxl  # noqa: PLC0415 - see above
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        _look_through(body)
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_col=column_limit)
        found = [_trimmed([_cell(cell) for cell in row]) for row in islice(rows, row_limit)]
        book.close()
    except MalformedError:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, TypeError, OSError) as error:
        raise MalformedError(f"no workbook: {type(error).__name__}") from None
    except (SyntaxError, NotImplementedError, RuntimeError, AttributeError) as error:
        raise MalformedError(f"no workbook: {type(error).__name__}") from None
    while found and not found[-1]:
        found.pop()
    return found


def write_template(title: str, headings: Sequence[str]) -> bytes:
    """Return a workbook of one sheet with headings and no rows; every column is text, so that no digits are lost."""
    import openpyxl  # noqa: PLC0415 - see above
    from openpyxl.styles import Font  # noqa: PLC0415

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].number_format = "@"
        sheet.column_dimensions[cell.column_letter].width = max(12, len(cell.value) + 2)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _look_through(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = archive.infolist()
        if len(files) > FILE_LIMIT or sum(file.file_size for file in files) > UNPACKED_LIMIT:
            raise MalformedError(f"a workbook of more than {UNPACKED_LIMIT:,} bytes or {FILE_LIMIT} files")
        for file in files:
            if file.filename.endswith((".xml", ".rels")):
                content = archive.read(file)  # no longer than the zip says: else it is a BadZipFile
                if any(mark in content for mark in _TYPES):
                    raise MalformedError("a document type is not allowed")


def _cell(cell: Any) -> Cell:  # noqa: ANN401 - openpyxl has four kinds of cells and no name for all
    if cell.data_type == "f":
        return FORMULA
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, int | float | datetime) else None if value is None else str(value)


def _trimmed(row: list[Cell]) -> list[Cell]:
    while row and row[-1] is None:
        row.pop()
    return row
