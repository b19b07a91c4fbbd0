"""Documents out of a sheet: a row for each line of a document; after its first row, of its head only the key is needed.

All of a sheet is taken or nothing. What is wrong is told row by row, with the column and a reason.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from coldport.errors import MalformedError, RefusedError
from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.checks import Flaw, flaws
from control.inspection.documents.document import Document, key_of
from control.inspection.documents.notation import Field, Kind, Message
from control.inspection.sheets.cells import rows_of
from control.inspection.sheets.workbook import FORMULA, Cell, write_template

FAULT_LIMIT = 1_000
"""Faults told of one sheet."""
LINE = "line."
"""Before the name of a column that is a field of a line; head and line share some names."""
EXACT_DIGITS = 15
"""Digits of a number that Excel keeps; the rest it makes 0."""

_MOMENTS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a sheet. `row` counts from 1 as the sheet does; `reason` is an id of `words`."""

    row: int
    column: str
    reason: str
    parameters: dict[str, str] = {}


class Imported(Struct, frozen=True, kw_only=True):
    """Documents, each with the row where it begins, or what is wrong: never both."""

    documents: tuple[Document, ...] = ()
    rows: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()


def headings(message: Message) -> tuple[str, ...]:
    """Return the columns of a sheet of a message; what must be filled in has a star."""
    parts = [("", message.fields), (LINE, message.line_fields)]
    return tuple(f"{before}{one.xml}{'*' if one.required else ''}" for before, table in parts for one in table)


def template(message: str) -> bytes:
    """Return an empty workbook for a message.

    Raises:
        RefusedError: No such message.
    """
    return write_template(message, headings(_message(message)))


def read_sheet(body: bytes, message: str, usual: Mapping[str, str], guids: Iterator[str]) -> Imported:
    """Read a CSV file or workbook as documents of one message.

    `usual` are the values of head fields that the sheet may leave out, by their names here (`app_time`); each document
    without a `guid` takes the next of `guids`.

    Raises:
        MalformedError: It is no sheet, or too large.
        RefusedError: No such message.
    """
    kind = _message(message)
    rows = rows_of(body)
    if not rows:
        raise MalformedError("the sheet is empty")
    columns, faults = _columns(kind, rows[0])
    if faults:
        return Imported(faults=tuple(faults))
    drafts = _Drafts(kind, usual)
    for number, row in enumerate(rows[1:], 2):
        drafts.add(number, _values(columns, number, row, faults))
    documents = [draft.document(kind, guids) for draft in drafts.all]
    for draft, document in zip(drafts.all, documents, strict=True):
        faults += [_fault(flaw, draft) for flaw in flaws(document)]
    faults = _in_order(drafts.faults + faults)
    if faults:
        return Imported(faults=tuple(faults))
    return Imported(documents=tuple(documents), rows=tuple(draft.row for draft in drafts.all))


def _message(message: str) -> Message:
    if message not in MESSAGES:
        raise RefusedError(f"no message {message!r} is known")
    return MESSAGES[message]


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Return faults from the top down, the first of each cell, no more than are told."""
    by_cell: dict[tuple[int, str], Fault] = {}
    for fault in faults:
        by_cell.setdefault((fault.row, fault.column), fault)
    return sorted(by_cell.values(), key=lambda fault: fault.row)[:FAULT_LIMIT]


class _Column(Struct, frozen=True):
    heading: str
    field: Field
    is_line: bool


def _columns(message: Message, row: list[Cell]) -> tuple[list[_Column], list[Fault]]:
    known = {one.xml: _Column(one.xml, one, is_line=False) for one in message.fields}
    known |= {LINE + one.xml: _Column(LINE + one.xml, one, is_line=True) for one in message.line_fields}
    columns: list[_Column] = []
    faults: list[Fault] = []
    for cell in row:
        name = str(cell or "").removesuffix("*")
        if name not in known:
            faults.append(Fault(row=1, column=name[:60], reason="unknown-column", parameters={"column": name[:60]}))
        elif known[name] in columns:
            faults.append(Fault(row=1, column=name, reason="repeated-column", parameters={"column": name}))
        else:
            columns.append(known[name])
    names = {column.field.name for column in columns if not column.is_line}
    absent = [one.xml for one in message.fields if one.name in message.key and one.name not in names]
    faults += [Fault(row=1, column=name, reason="missing-column", parameters={"column": name}) for name in absent]
    return columns, faults


Values = tuple[dict[str, str], dict[str, str]]
"""Head and line of one row."""


def _values(columns: list[_Column], number: int, row: list[Cell], faults: list[Fault]) -> Values:
    head: dict[str, str] = {}
    line: dict[str, str] = {}
    if any(cell is not None for cell in row[len(columns) :]):
        faults.append(Fault(row=number, column="", reason="too-many-cells"))
    for column, cell in zip(columns, row, strict=False):
        if cell is None:
            continue
        text, reason = _text(column.field, cell)
        if reason:
            faults.append(Fault(row=number, column=column.heading, reason=reason))
        (line if column.is_line else head)[column.field.name] = text
    return head, line


def _text(field: Field, cell: Cell) -> tuple[str, str]:
    """Return a cell as the message writes it, and a reason why it cannot be known, or an empty one."""
    if cell == FORMULA:
        return "", "formula"
    if isinstance(cell, datetime):
        return cell.strftime(_MOMENTS.get(field.longest, "%Y%m%d"))[: field.longest], ""
    if isinstance(cell, bool):
        return str(cell), ""
    if not isinstance(cell, int | float):
        return str(cell), ""
    exact = Decimal(repr(cell))
    text = f"{exact:f}".removesuffix(".0") if exact.is_finite() else str(cell)
    is_lost = field.kind is not Kind.NUMBER and len(text.replace(".", "")) > EXACT_DIGITS
    return text, "digits-lost" if is_lost else ""


class _Draft:
    """A document as its rows come."""

    def __init__(self, row: int, head: dict[str, str]) -> None:
        self.row = row
        self.line_rows: list[int] = []
        self.head = head
        self.lines: list[dict[str, str]] = []

    def document(self, message: Message, guids: Iterator[str]) -> Document:
        guid = {} if "guid" in self.head else {"guid": next(guids)}
        return Document(type=message.type, head=guid | self.head, lines=tuple(self.lines))

    def row_of(self, line: int | None) -> int:
        """The row of a line of the document, which counts from 1; that of its head is its first."""
        return self.row if line is None else self.line_rows[line - 1]


class _Drafts:
    """The documents of a sheet, by their keys, in the order in which they begin."""

    def __init__(self, message: Message, usual: Mapping[str, str]) -> None:
        self._message = message
        self._usual = usual
        self._by_key: dict[str, _Draft] = {}
        self.faults: list[Fault] = []

    @property
    def all(self) -> list[_Draft]:
        return list(self._by_key.values())

    def add(self, row: int, values: Values) -> None:
        """Add a row to the document that its key names; an empty row is none."""
        head, line = values
        if not head and not line:
            return
        key = key_of(self._message.type, head, self._message.key)
        draft = self._by_key.get(key)
        if draft is None:
            draft = self._by_key[key] = _Draft(row, {**self._usual, **head})
        else:
            self._compare(draft, row, head)
        if line:
            draft.lines.append(line)
            draft.line_rows.append(row)

    def _compare(self, draft: _Draft, row: int, head: dict[str, str]) -> None:
        fields = self._message.by_name
        if self._message.line is None:
            self.faults.append(Fault(row=row, column="", reason="repeated-document"))
        for name, value in head.items():
            first = draft.head.get(name, "")
            if first != value:
                column = fields[name].xml
                self.faults.append(Fault(row=row, column=column, reason="head-differs", parameters={"first": first}))


def _fault(flaw: Flaw, draft: _Draft) -> Fault:
    column = flaw.field if flaw.line is None else LINE + flaw.field
    return Fault(row=draft.row_of(flaw.line), column=column, reason=flaw.reason, parameters=flaw.parameters)
