"""Loops that run for ever: retried with back-off while something outside is away, one log line down, one line up."""

import logging
from collections.abc import Awaitable, Callable

from coldport.clock import Clock
from coldport.errors import UnavailableError

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
"""Five seconds: an unplugged line must come back within five of being plugged in again."""

log = logging.getLogger("coldport.supervise")


async def for_ever(name: str, work: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run `work` again and again.

    `work` returns when it has done one piece (or runs until something fails). An UnavailableError makes it wait, twice
    as long each time up to five seconds; it is logged when it begins and when it ends, not in between. Any other error
    is a bug and ends the process.
    """
    wait_s = FIRST_WAIT_S
    down = False
    while True:
        try:
            await work()
        except UnavailableError as error:
            if not down:
                log.warning("%s is waiting: %s", name, error)
            down = True
            await clock.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
            continue
        if down:
            log.info("%s goes on", name)
        down = False
        wait_s = FIRST_WAIT_S
