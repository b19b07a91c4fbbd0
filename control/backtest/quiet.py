"""Finds the readings that can matter, so that the engine need not be shown the rest.

While a point is calm (nothing true, pending or reported) a reading within every limit changes nothing that a later one
could notice, except that it becomes the newest. So of a quiet run the engine is shown the last usable reading, and the
last one if that was bad: by these it knows what it would know had it seen them all.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from control.alarms.definition import Definition, Kind
from control.alarms.detector import DOOR_OPEN
from control.backtest.series import Series

SIMPLE = frozenset({Kind.HI, Kind.HIHI, Kind.LO, Kind.LOLO, Kind.OPEN, Kind.STALE})
"""Conditions that remember nothing of a quiet run but the newest reading of it."""

Indices = NDArray[np.intp]


class Judge(Protocol):
    """Whoever is shown the readings."""

    def calm(self) -> bool:
        """Whether nothing is true, pending or reported at the point."""
        ...


def is_simple(definitions: Sequence[Definition]) -> bool:
    """Whether quiet runs may be passed over under these definitions, where nothing masks them."""
    return all(definition.kind in SIMPLE and not definition.positions for definition in definitions)


def worth_showing(series: Series, definitions: Sequence[Definition], judge: Judge) -> Iterator[tuple[int, bool]]:
    """Give the indices of the readings that the judge must see, in order; it must have judged one before the next.

    With each comes whether a quiet run was passed over to get there, in which nothing was silent for too long.
    """
    matters = _matters(series, definitions)
    usable = np.flatnonzero(~np.isnan(series.values))
    end = len(series.at)
    index = 0
    while index < end:
        if judge.calm():
            position = np.searchsorted(matters, index)
            target = int(matters[position]) if position < len(matters) else end
            last_usable = int(usable[position]) if (position := np.searchsorted(usable, target) - 1) >= 0 else -1
            if last_usable >= index:
                yield last_usable, True
            if target - 1 >= index and target - 1 != last_usable:
                yield target - 1, False
            index = target
            if index == end:
                return
        yield index, False
        index += 1


def _matters(series: Series, definitions: Sequence[Definition]) -> Indices:
    """Return the indices of readings beyond a limit, and of those that end a silence longer than one may be."""
    values, found = series.values, np.zeros(len(series.at), dtype=bool)
    with np.errstate(invalid="ignore"):
        for definition in definitions:
            limit = DOOR_OPEN if definition.kind is Kind.OPEN else definition.limit
            if definition.kind is Kind.STALE or limit is None:
                continue
            found |= values < limit if definition.kind in (Kind.LO, Kind.LOLO) else values > limit
    silence_s = min((d.limit or 0.0 for d in definitions if d.kind is Kind.STALE), default=None)
    if silence_s is not None:
        usable = np.flatnonzero(~np.isnan(values))
        since = np.concatenate([series.at[:1], series.at[usable]])
        found[usable[np.diff(since) >= round(silence_s * 1e6)]] = True
    return np.flatnonzero(found)
