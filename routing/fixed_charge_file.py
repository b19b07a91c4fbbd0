"""Public instances of fixed-charge network design (Canad, `.dow`): arcs that must be opened before goods may use them.

Format: a name; the numbers of nodes, arcs and commodities; a line for each arc (from, to, cost a unit, capacity, price
of opening it, and two columns that say nothing here) and for each commodity (origin, destination, quantity).
Crainic, Frangioni, Gendron 2001, "Bundle-based relaxation methods for multicommodity capacitated fixed charge network
design".
"""

from dataclasses import dataclass
from pathlib import Path

from coldport.errors import MalformedError

FILE_LIMIT = 4 * 1024 * 1024
"""Bytes of one file; the largest published have about 50 kB."""


class FixedChargeFileError(MalformedError):
    """A file is no such instance; the message has the line."""

    code = "fixed-charge-file"


@dataclass(frozen=True, slots=True)
class Arc:
    """A way from node to node, nodes counted from 0: a price for each unit, how many units, and for opening it."""

    origin: int
    destination: int
    unit_cost: int
    capacity: int
    opening_cost: int


@dataclass(frozen=True, slots=True)
class Commodity:
    """A quantity that goes from node to node, over as many ways as it likes."""

    origin: int
    destination: int
    quantity: int


@dataclass(frozen=True, slots=True)
class FixedCharge:
    """A whole instance."""

    name: str
    nodes: int
    arcs: tuple[Arc, ...]
    commodities: tuple[Commodity, ...]


def read_fixed_charge(path: Path) -> FixedCharge:
    """Read a `.dow` file.

    Raises:
        FixedChargeFileError: It cannot be read, or has other lines than it says.
    """
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise FixedChargeFileError(f"{path}: has more than {FILE_LIMIT} bytes")
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise FixedChargeFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FixedChargeFileError(f"{path}: is not ASCII") from error
    rows = [(number, line.split()) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    if not rows:
        raise FixedChargeFileError(f"{path}: is empty")
    nodes, arcs, commodities = _whole(path, *rows[0], 3)
    if len(rows) != 1 + arcs + commodities:
        text = f"{path}: has {len(rows) - 1} lines, expected {arcs} arcs and {commodities} commodities"
        raise FixedChargeFileError(text)
    return FixedCharge(
        name=path.stem,
        nodes=nodes,
        arcs=tuple(Arc(*_ends(path, row, nodes, 5)) for row in rows[1 : 1 + arcs]),
        commodities=tuple(Commodity(*_ends(path, row, nodes, 3)) for row in rows[1 + arcs :]),
    )


def _ends(path: Path, row: tuple[int, list[str]], nodes: int, count: int) -> tuple[int, ...]:
    """Return the numbers of a line, its two nodes counted from 0."""
    origin, destination, *figures = _whole(path, *row, count)
    if not (1 <= origin <= nodes and 1 <= destination <= nodes) or origin == destination:
        raise FixedChargeFileError(f"{path}:{row[0]}: {origin} to {destination}, expected two of {nodes} nodes")
    return origin - 1, destination - 1, *figures


def _whole(path: Path, line: int, words: list[str], count: int) -> tuple[int, ...]:
    try:
        numbers = tuple(int(word) for word in words[:count])
    except ValueError:
        raise FixedChargeFileError(f"{path}:{line}: expected whole numbers") from None
    if len(numbers) < count or min(numbers) < 0:
        raise FixedChargeFileError(f"{path}:{line}: expected {count} whole numbers, none below 0")
    return numbers
