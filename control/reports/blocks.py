"""What a printed sheet is made of, and how figures stand on it."""

from msgspec import Struct


class Heading(Struct, frozen=True, tag_field="block", tag="heading"):
    """Begins a section."""

    text: str


class Note(Struct, frozen=True, tag_field="block", tag="note"):
    """A paragraph; `weight` strong for a finding."""

    text: str
    weight: str = "plain"


class Facts(Struct, frozen=True, tag_field="block", tag="facts"):
    """Labels and what they are, two pairs a line; with `wide` one."""

    rows: tuple[tuple[str, str], ...]
    wide: bool = False


class Table(Struct, frozen=True, tag_field="block", tag="table"):
    """A table; `right` are the columns of figures, `loud` the rows that must be seen."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    loud: tuple[int, ...] = ()


class Picture(Struct, frozen=True, tag_field="block", tag="picture"):
    """SVG, as wide as the page, or `width_mm`."""

    svg: str
    width_mm: int | None = None


Block = Heading | Note | Facts | Table | Picture


class Sheet(Struct, frozen=True):
    """The whole of what is printed; `foot` stands on every page."""

    title: str
    subtitle: str
    foot: str
    language: str
    blocks: tuple[Block, ...]


def number(value: float | None, unit: str = "") -> str:
    """Return a figure as it is in the JSON, with its unit.

    >>> number(-18.0, "°C"), number(None)
    ('-18.0 °C', '-')
    """
    return "-" if value is None else f"{value} {unit}".rstrip()


def share(value: float | None) -> str:
    """Return a share in per cent, to a hundredth.

    >>> share(0.9512)
    '95.12 %'
    """
    return "-" if value is None else f"{value * 100:.2f} %"


def length(seconds: float) -> str:
    """Return a length of time in hours, minutes and seconds, each only if there are some.

    >>> length(93_784.5), length(3_600), length(0)
    ('26 h 3 min 4.5 s', '1 h', '0 s')
    """
    whole, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    parts = [(f"{hours}", "h"), (f"{minutes}", "min"), (f"{round(rest, 3):g}", "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count != "0") or "0 s"
