"""Rows of a table as values by field: each cell read by its column, each error with its row and column.

A table is taken whole or not at all: `read_form` raises with everything that is wrong in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from coldport.errors import MalformedError
from routing.workbook import Cell

SHOWN = 200
"""Problems named at most; a table with more has one cause."""


class CellError(ValueError):
    """A cell is not what its column wants; the message is the reason."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a table, and where. The row counts from 1 with the headings, as Excel shows it."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        """Return `row 7, Mass kg: reason`."""
        return f"row {self.row}, {self.column}: {self.reason}" if self.column else f"row {self.row}: {self.reason}"


class FormError(MalformedError):
    """A table cannot be used. Nothing of it has been."""

    code = "form"

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        """Carry the problems in the order of rows, at most `SHOWN`."""
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row)[:SHOWN])
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, its headings, how a cell is read and written. Headings match in any case."""

    field: str
    zh: str
    en: str
    read: Callable[[Cell], Any]
    write: Callable[[Any], Cell]
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row that could be read, by field. An empty cell that may be empty is absent."""

    row: int
    fields: dict[str, Any]


def read_form(rows: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> list[FormRow]:
    """Return the rows of a table; empty ones are passed over.

    Raises:
        FormError: A heading is missing, not known or there twice, or a cell is not what its column wants.
    """
    if not rows:
        raise FormError([RowProblem(1, "", "there are no headings")])
    placed = _place(rows[0], columns)
    problems: list[RowProblem] = []
    found = []
    for number, cells in enumerate(rows[1:], start=2):
        if all(cell is None or cell == "" for cell in cells):
            continue
        fields: dict[str, Any] = {}
        for position, column in placed.items():
            cell = cells[position] if position < len(cells) else None
            cell = cell.strip() or None if isinstance(cell, str) else cell
            try:
                if cell is not None:
                    fields[column.field] = column.read(cell)
                elif column.is_required:
                    problems.append(RowProblem(number, column.en, "is empty"))
            except CellError as error:
                problems.append(RowProblem(number, column.en, str(error)))
        found.append(FormRow(number, fields))
    if problems:
        raise FormError(problems)
    return found


def _place(headings: Sequence[Cell], columns: Sequence[Column]) -> dict[int, Column]:
    known = {name.casefold(): column for column in columns for name in (column.zh, column.en)}
    placed: dict[int, Column] = {}
    problems = []
    for position, heading in enumerate(headings):
        text = str(heading or "").strip()
        column = known.get(text.casefold())
        if not text:
            continue
        if column is None:
            problems.append(RowProblem(1, text, "is no heading of this table"))
        elif column in placed.values():
            problems.append(RowProblem(1, column.en, "is there twice"))
        else:
            placed[position] = column
    problems += [
        RowProblem(1, column.en, "is missing")
        for column in columns
        if column.is_required and column not in placed.values()
    ]
    if problems:
        raise FormError(problems)
    return placed


def text(cell: Cell) -> str:
    """Read a cell as text."""
    return str(cell).strip()


def number(scale: int, least: int = 0) -> Callable[[Cell], int]:
    """Return a reader of numbers that are kept `scale` times as large, rounded to whole ones, at least `least`."""

    def read(cell: Cell) -> int:
        try:
            value = Decimal(str(cell).replace(",", ""))
        except InvalidOperation:
            raise CellError(f"{cell!r} is no number") from None
        if isinstance(cell, bool) or not value.is_finite() or abs(value) > 10**15:
            raise CellError(f"{cell!r} is no number")
        whole = int((value * scale).to_integral_value())
        if whole < least:
            raise CellError(f"{cell} is less than {Decimal(least) / scale}")
        return whole

    return read


def choice(words: dict[str, Any]) -> Callable[[Cell], Any]:
    """Return a reader of one word out of some."""

    def read(cell: Cell) -> Any:  # noqa: ANN401 - whatever the words stand for
        word = str(cell).strip().casefold()
        if word not in words:
            raise CellError(f"{cell!r} is not one of {', '.join(words)}")
        return words[word]

    return read


def moment(start: datetime) -> Callable[[Cell], int]:
    """Return a reader of moments as seconds since `start`; one without a time zone is in that of `start`."""

    def read(cell: Cell) -> int:
        try:
            value = cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell).strip())
        except ValueError:
            raise CellError(f"{cell!r} is no moment like 2026-06-03 14:00") from None
        seconds = round(((value if value.tzinfo else value.replace(tzinfo=start.tzinfo)) - start).total_seconds())
        if seconds < 0:
            raise CellError(f"{cell} is before {start:%Y-%m-%d %H:%M}")
        return seconds

    return read
