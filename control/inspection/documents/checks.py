"""Whether a document is what its message asks for: the same checks, whichever way it came."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.document import Document
from control.inspection.documents.notation import Field, Kind

FLAW_LIMIT = 100
"""Flaws told of one document; who has made more has sent the wrong file."""

NUMBER = r"[0-9]+(\.[0-9]+)?"
"""How a number is written: no sign, no exponent, no thousands. None of the messages has a negative one."""

_NUMBER = re.compile(NUMBER)
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MOMENTS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}


class Flaw(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, by which rule (an id of `words`), and with what in the sentence.

    `line` counts from 1; None is the head. `field` is the message's own name of it; empty is the whole.
    """

    reason: str
    field: str = ""
    line: int | None = None
    parameters: dict[str, str] = {}

    def __str__(self) -> str:
        """Return where it is and the reason, for a log or a refusal."""
        place = "head" if self.line is None else f"line {self.line}"
        return f"{place} {self.field}: {self.reason}".replace(" :", ":")


def flaws(document: Document) -> tuple[Flaw, ...]:
    """Return what is wrong with a document by its field table, at most `FLAW_LIMIT`; nothing if it is in order."""
    found: list[Flaw] = []
    for flaw in _flaws(document):
        found.append(flaw)
        if len(found) == FLAW_LIMIT:
            break
    return tuple(found)


def value_flaw(field: Field, value: str) -> tuple[str, dict[str, str]] | None:
    """Return the reason why a value cannot stand in a field, with its parameters; None if it can."""
    if _UNFIT.search(value) or value != value.strip() or not value:
        return "character", {}
    if field.kind is Kind.NUMBER:
        return _number_flaw(field, value)
    if not field.shortest <= len(value) <= field.longest:
        return "length", {"least": str(field.shortest), "most": str(field.longest), "is": str(len(value))}
    if field.kind is Kind.MOMENT and not _is_moment(value):
        return "moment", {"digits": str(field.longest)}
    if field.choices and value not in field.choices:
        return "choice", {"choices": ", ".join(field.choices)}
    return None


def _flaws(document: Document) -> Iterator[Flaw]:
    message = MESSAGES.get(document.type)
    if message is None:
        yield Flaw(reason="unknown-message", parameters={"type": document.type})
        return
    yield from _part_flaws(message.by_name, document.head, None)
    least, most = message.line_limits
    if not least <= len(document.lines) <= most:
        yield Flaw(reason="lines", parameters={"least": str(least), "most": str(most), "is": str(len(document.lines))})
    for number, line in enumerate(document.lines, 1):
        yield from _part_flaws(message.line_by_name, line, number)
    numbers = [line.get("gnum", "") for line in document.lines]
    if len(set(numbers)) < len(numbers):
        yield Flaw(reason="repeated-number", field="gnum")


def _part_flaws(table: Mapping[str, Field], values: Mapping[str, str], line: int | None) -> Iterator[Flaw]:
    for name, field in table.items():
        if field.required and name not in values:
            yield Flaw(reason="missing", field=field.xml, line=line)
    for name, value in values.items():
        if name not in table:
            yield Flaw(reason="unknown-field", field=name, line=line)
            continue
        found = value_flaw(table[name], value)
        if found is not None:
            yield Flaw(reason=found[0], field=table[name].xml, line=line, parameters=found[1])


def _number_flaw(field: Field, value: str) -> tuple[str, dict[str, str]] | None:
    if not _NUMBER.fullmatch(value) or not value.isascii():
        return "number", {}
    whole, _, part = value.partition(".")
    if (
        len(part) > field.decimals
        or len(whole.lstrip("0")) + len(part) > field.longest
        or len(value) > 2 * field.longest
    ):
        return "digits", {"most": str(field.longest), "decimals": str(field.decimals)}
    return None


def _is_moment(value: str) -> bool:
    if not (value.isascii() and value.isdigit()):
        return False
    try:
        datetime.strptime(value, _MOMENTS[len(value)])  # noqa: DTZ007 - customs' moments have no offset: Beijing time
    except ValueError:
        return False
    return True
