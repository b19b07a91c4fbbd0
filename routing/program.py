"""A whole-number linear program, in numbers that no solver's name is in. Minimised; money in fen.

Every coefficient, bound and cost is a whole number, so that a program means the same to a solver that knows only whole
numbers and to one that rounds. `routing.solver` runs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

Term = tuple[int, int]
"""A column's number and its coefficient."""


@dataclass(slots=True)
class Program:
    """Columns (unknowns) and rows (what they must keep). A bound of None is none."""

    cost: list[int] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    upper: list[int | None] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_lower: list[int | None] = field(default_factory=list)
    row_upper: list[int | None] = field(default_factory=list)
    row_begin: list[int] = field(default_factory=lambda: [0])
    row_columns: list[int] = field(default_factory=list)
    row_values: list[int] = field(default_factory=list)

    def column(self, cost: int = 0, upper: int | None = 1, *, lower: int = 0, whole: bool = True) -> int:
        """Add an unknown and return its number: 0 or 1 unless bounds say otherwise."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, terms: Iterable[Term], *, lower: int | None = None, upper: int | None = None) -> int:
        """Add `lower <= sum of terms <= upper` and return its number. A column may stand in it once."""
        for column, value in terms:
            self.row_columns.append(column)
            self.row_values.append(value)
        self.row_begin.append(len(self.row_columns))
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def terms(self, row: int) -> list[Term]:
        """Return the terms of a row."""
        begin, end = self.row_begin[row], self.row_begin[row + 1]
        return list(zip(self.row_columns[begin:end], self.row_values[begin:end], strict=True))

    def value(self, values: list[int]) -> int:
        """Return what these values of the columns cost."""
        return sum(cost * value for cost, value in zip(self.cost, values, strict=True))

    def broken(self, values: list[int]) -> list[int]:
        """Return the rows that whole-number values break, in order; a column out of its bounds counts as row -1."""
        out = any(
            value < lower or (upper is not None and value > upper)
            for value, lower, upper in zip(values, self.lower, self.upper, strict=True)
        )
        found = [-1] if out else []
        for row, (lower, upper) in enumerate(zip(self.row_lower, self.row_upper, strict=True)):
            total = sum(value * values[column] for column, value in self.terms(row))
            if (lower is not None and total < lower) or (upper is not None and total > upper):
                found.append(row)
        return found


class Ended(StrEnum):
    """How a run ended. The last three have no values."""

    OPTIMAL = "optimal"
    """Proven to the gap that was asked for."""
    STOPPED = "stopped"
    """Time was up; there are values."""
    NOTHING = "nothing-found"
    """Time was up before there were values."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found. No values of the program cost less than `bound`, but for the solver's tolerance.

    `duals` has a price for each row where the program had no whole columns.
    """

    ended: Ended
    values: tuple[float, ...] | None = None
    bound: float | None = None
    duals: tuple[float, ...] = ()

    def rounded(self) -> list[int] | None:
        """Return the values as whole numbers."""
        return None if self.values is None else [round(value) for value in self.values]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a run goes: seconds, the gap at which it is content (a part of the cost), and its dice.

    Nothing dearer than `cutoff` is looked for, where the solver can do that; something cheaper must be known to exist.
    `workers`: searches side by side, where a solver has them; one alone gives the same values again, as long as its
    time does not end.
    """

    seconds: float
    gap: float = 1e-5
    seed: int = 1
    cutoff: float | None = None
    workers: int | None = None
