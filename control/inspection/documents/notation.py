"""How a message is written down: one line for each field, from which reader, writer, schema and checks all come.

    orderType! C1 E|B|W

is a field that must be there, one character, one of three. The types are those of the specification (GACC 202205):

    C18       text of exactly 18 characters        N19,5     decimal, 19 digits, 5 of them behind the point
    C..60     text of 1 to 60 characters           N5        whole number of at most 5 digits
    C18..20   text of 18 to 20 characters          T8 T14 T17  moment: date, second, millisecond

A field without a type has the one that most messages give it (`COMMON`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from control.inspection.documents.common_fields import COMMON


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "C"
    NUMBER = "N"
    MOMENT = "T"


class Direction(StrEnum):
    """Which way goods go. The two halves of the specification differ in more than names."""

    EXPORT = "export"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a message. For text the lengths are in characters, for a number `longest` counts its digits."""

    xml: str
    name: str
    required: bool
    kind: Kind
    shortest: int
    longest: int
    decimals: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """One type of message: its elements, its head, the lines under it, and by what it is known.

    `head` is None where the fields stand in `body` itself; `line` is None where there are no lines, else `line_limits`
    are the fewest and most of them. `key` names the fields by which a message is the same as another; `receipt_key`
    those that its receipt repeats. `receipt` is the type of that receipt, its element is `receipt_body`.
    """

    type: str
    title: str
    direction: Direction
    body: str
    receipt: str
    key: tuple[str, ...]
    receipt_key: tuple[str, ...]
    fields: tuple[Field, ...]
    receipt_fields: tuple[Field, ...]
    head: str | None = None
    line: str | None = None
    line_fields: tuple[Field, ...] = ()
    line_limits: tuple[int, int] = (0, 0)

    @property
    def root(self) -> str:
        """Name of the outermost element."""
        return f"CEB{self.type}Message"

    @property
    def receipt_root(self) -> str:
        """Name of the outermost element of its receipt."""
        return f"CEB{self.receipt}Message"

    @property
    def receipt_body(self) -> str:
        """Name of the element of one answer in its receipt."""
        return f"{self.body}Return"

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields of the head by their names here."""
        return {field.name: field for field in self.fields}

    @cached_property
    def line_by_name(self) -> dict[str, Field]:
        """The fields of a line by their names here."""
        return {field.name: field for field in self.line_fields}


_TYPE = re.compile(r"(?P<kind>[CNT])(?P<from>\d+)?(?:\.\.(?P<to>\d+)|,(?P<decimals>\d+))?")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_case(xml: str) -> str:
    """Return the name that a field has here.

    >>> [snake_case(name) for name in ("orderNo", "POD", "fCurrency", "acturalPaid")]
    ['order_no', 'pod', 'f_currency', 'actural_paid']
    """
    return _HUMP.sub("_", xml).lower()


def fields(text: str) -> tuple[Field, ...]:
    """Return the fields that are written down, in their order; commas or lines part them."""
    return tuple(_field(part.split()) for part in re.split(r"[;\n]", text) if part.strip())


def _field(words: list[str]) -> Field:
    marked, *rest = words
    xml = marked.removesuffix("!")
    found = _TYPE.fullmatch(rest[0] if rest else COMMON[xml])
    if found is None:
        raise ValueError(f"{words} is no field")
    first, last, decimals = (int(part) if part else 0 for part in found.group("from", "to", "decimals"))
    return Field(
        xml=xml,
        name=snake_case(xml),
        required=marked.endswith("!"),
        kind=Kind(found["kind"]),
        shortest=first or 1,
        longest=last or first,
        decimals=decimals,
        choices=tuple(rest[1].split("|")) if rest[1:] else (),
    )
