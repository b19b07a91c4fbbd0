"""How the value of a field is checked: one small rule for each kind of value.

Which field has which rule stands in `control.traceability.fields`.
A rule is called with a value, the pointer to it and what is noted on the way. It says what is wrong and changes
nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

import msgspec

from control.traceability.fault import Report, below
from control.traceability.namespaces import Prefixes, declared, expanded
from control.traceability.vocabulary import CBV, STANDARD_PREFIXES, UNITS_OF, Words


class Around(msgspec.Struct, frozen=True):
    """What a rule needs to know besides the value: where faults go, and which prefixes are declared here."""

    report: Report
    prefixes: Prefixes


Rule = Callable[[object, str, Around], None]

DEPTH_LIMIT = 24
"""Objects within objects of an extension; the deepest published example has 8."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)")
_OFFSET = re.compile(r"[+-]((0\d|1[0-3]):[0-5]\d|14:00)")
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_HEX = re.compile(r"[A-Fa-f0-9]+")


def matching(pattern: re.Pattern[str], reason: str, wanted: str) -> Rule:
    """Return the rule that a text has a form."""

    def rule(value: object, at: str, around: Around) -> None:
        if not isinstance(value, str):
            around.report.add(at, "wrong-type", f"a text is wanted, {wanted}")
        elif not pattern.fullmatch(value):
            around.report.add(at, reason, f"{_short(value)} is not {wanted}")

    return rule


uri = matching(_URI, "not-a-uri", "a URI")
offset = matching(_OFFSET, "not-an-offset", "an offset from UTC such as +08:00")
unit = matching(_UNIT, "not-a-unit", "a unit code of UN/ECE Recommendation 20")
hex_binary = matching(_HEX, "not-hex", "a hexadecimal number")


@lru_cache(maxsize=4_096)
def moment(text: str) -> datetime | None:
    """Return the moment of an RFC 3339 text with an offset, to the microsecond; None when it is none."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def time(value: object, at: str, around: Around) -> None:
    """Check a moment."""
    if not isinstance(value, str) or moment(value) is None:
        around.report.add(at, "not-a-time", f"{_short(value)} is not a moment with its offset from UTC (RFC 3339)")


def text(value: object, at: str, around: Around) -> None:
    """Check a text."""
    if not isinstance(value, str):
        around.report.add(at, "wrong-type", "a text is wanted")


def number(value: object, at: str, around: Around) -> None:
    """Check a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        around.report.add(at, "wrong-type", "a number is wanted")


def truth(value: object, at: str, around: Around) -> None:
    """Check true or false."""
    if not isinstance(value, bool):
        around.report.add(at, "wrong-type", "true or false is wanted")


def context(value: object, at: str, around: Around) -> None:
    """Check an `@context`."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) or (isinstance(part, str) and _URI.fullmatch(part)) for part in parts):
        around.report.add(at, "not-a-context", "an @context is a URL, an object of prefixes, or a list of both")


def one_of(choices: Iterable[str]) -> Rule:
    """Return the rule that a value is one of a few."""
    allowed = frozenset(choices)

    def rule(value: object, at: str, around: Around) -> None:
        if not isinstance(value, str) or value not in allowed:
            around.report.add(at, "not-in-vocabulary", f"{_short(value)} is none of {', '.join(sorted(allowed))}")

    return rule


def word_of(words: Words) -> Rule:
    """Return the rule that a value is a standard word, bare or in full, or a URI of someone else's."""

    def rule(value: object, at: str, around: Around) -> None:
        if isinstance(value, str) and value in words.words:
            return
        if not isinstance(value, str) or not _URI.fullmatch(value):
            detail = f"{_short(value)} is neither a standard word nor a URI"
            around.report.add(at, "not-in-vocabulary", detail)
            return
        claimed = words.word(expanded(value, STANDARD_PREFIXES))
        if claimed is not None and words.stem.startswith(CBV) and claimed not in words.words:
            around.report.add(at, "not-in-vocabulary", f"{_short(value)} is a name of GS1's that GS1 does not know")

    return rule


def list_of(rule: Rule, *, least: int = 0, unique: bool = False) -> Rule:
    """Return the rule that a value is a list whose parts obey `rule`."""

    def each(value: object, at: str, around: Around) -> None:
        if not isinstance(value, list):
            around.report.add(at, "wrong-type", "a list is wanted")
            return
        if len(value) < least:
            around.report.add(at, "empty", "the list has nothing in it")
        seen: set[str] = set()
        for place, part in enumerate(value):
            rule(part, below(at, place), around)
            if unique and isinstance(part, str):
                if part in seen:
                    around.report.add(below(at, place), "repeated", f"{_short(part)} is there twice")
                seen.add(part)

    return each


def either_of(one: Rule, many: Rule) -> Rule:
    """Return the rule for a value that may stand alone or in a list."""

    def rule(value: object, at: str, around: Around) -> None:
        (many if isinstance(value, list) else one)(value, at, around)

    return rule


def object_of(fields: Mapping[str, Rule], required: Iterable[str] = (), *, open_to_others: bool = True) -> Rule:
    """Return the rule for an object: its fields, which must be there, and whether others' may be, with a prefix."""
    needed = tuple(required)

    def rule(value: object, at: str, around: Around) -> None:
        if not isinstance(value, dict):
            around.report.add(at, "wrong-type", "an object is wanted")
            return
        for name in needed:
            if name not in value:
                around.report.add(at, "missing", f"{name} is missing")
        for name, part in value.items():
            check = fields.get(name)
            if check is not None:
                check(part, below(at, name), around)
            elif open_to_others:
                extension(name, part, below(at, name), around)
            else:
                around.report.add(below(at, name), "unknown-field", f"no such field: {_short(name)}")

    return rule


def extension(name: str, value: object, at: str, around: Around) -> None:
    """Check a field of somebody else's: a name with a declared prefix or a full URI; inside it anything may be."""
    prefix, colon, _ = name.partition(":")
    if not colon:
        around.report.add(
            at, "unknown-field", f"no such field, and without a prefix it is nobody else's: {_short(name)}"
        )
    elif prefix not in around.prefixes and not _is_full(name):
        around.report.add(at, "prefix-not-declared", f"the prefix {_short(prefix)} is in no @context")
    elif _depth(value) > DEPTH_LIMIT:
        around.report.add(at, "too-deep", f"more than {DEPTH_LIMIT} objects within each other")


def with_context(rule: Rule) -> Rule:
    """Return `rule` for an object that may declare prefixes of its own."""

    def widened(value: object, at: str, around: Around) -> None:
        if isinstance(value, dict) and "@context" in value:
            around = Around(around.report, {**around.prefixes, **declared(value["@context"])})
        rule(value, at, around)

    return widened


def unit_fits(report_of_sensor: object, at: str, around: Around) -> None:
    """Check that the unit of a sensor report is one of its kind of measurement, where that is certain."""
    if not isinstance(report_of_sensor, dict):
        return
    kind, code = report_of_sensor.get("type"), report_of_sensor.get("uom")
    units = UNITS_OF.get(kind) if isinstance(kind, str) else None
    if units and isinstance(code, str) and code not in units:
        around.report.add(below(at, "uom"), "unit-does-not-fit", f"{kind} is not measured in {_short(code)}")


def _is_full(name: str) -> bool:
    return name.startswith("urn:") or "://" in name


def _depth(value: object) -> int:
    deepest, open_parts = 0, [(value, 0)]
    while open_parts:
        part, depth = open_parts.pop()
        deepest = max(deepest, depth)
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        open_parts += [(one, depth + 1) for one in inner]
    return deepest


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."
