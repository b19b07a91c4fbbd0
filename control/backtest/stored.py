"""The past of a site from its journal: what was observed, by point, in the order it was made."""

from datetime import datetime

from control.alarms.engine import usable_value
from control.backtest.series import Series, series_of
from control.entries import Observed
from control.ports import Journal

READ_LIMIT = 500
"""Entries read at once: at most 250,000 observations in memory beside the series."""


def read_stored(journal: Journal, points: frozenset[str], start: datetime, end: datetime) -> dict[str, Series]:
    """Return the readings of `points` with `start <= observed_at < end`, whenever they were recorded.

    Raises:
        UnavailableError: The journal cannot be read.
    """
    found: dict[str, list[tuple[datetime, float | None]]] = {}
    number = 0
    while entries := journal.read(number, READ_LIMIT):
        for entry in entries:
            if isinstance(entry.content, Observed):
                for observation in entry.content.observations:
                    if observation.point in points and start <= observation.observed_at < end:
                        pair = (observation.observed_at, usable_value(observation))
                        found.setdefault(observation.point, []).append(pair)
        number = entries[-1].number
    return {point: series_of(readings) for point, readings in found.items()}
