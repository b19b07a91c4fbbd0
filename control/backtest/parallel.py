"""Back-tests the groups of a site on several processors: they are judged apart, so nothing is shared."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from control.backtest.replay import Event, Group, replay

WORTH_READINGS = 500_000
"""Readings below which one process is done before a second has started."""

SHARE = 64
"""Groups given to a process at a time: few enough that the last ones end together."""


def replay_all(groups: Sequence[Group], processes: int) -> list[Event]:
    """Return what the alarms of all groups did, in the order of their times; the same for any number of processes."""
    shares = [groups[start : start + SHARE] for start in range(0, len(groups), SHARE)]
    if processes <= 1 or len(shares) <= 1 or sum(group.readings for group in groups) < WORTH_READINGS:
        found = [event for share in shares for event in _replay_share(share)]
    else:
        # Spawned, not forked: the parent may have threads.
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = [event for events in pool.map(_replay_share, shares) for event in events]
    return sorted(found, key=lambda event: (event.t, event.definition, event.point))


def _replay_share(groups: Sequence[Group]) -> list[Event]:
    return [event for group in groups for event in replay(group)]
