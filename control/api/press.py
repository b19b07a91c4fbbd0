"""Printing behind the HTTP border: on a thread, one sheet at a time, so that it takes no core from the alarms."""

import asyncio
from collections.abc import Callable

from coldport.errors import UnavailableError

WAITING_LIMIT = 16
"""Sheets asked for and not printed: half a second each, so the last one waits for eight."""


class Press:
    """Prints one after the other."""

    def __init__(self) -> None:
        """Begin idle."""
        self._turn = asyncio.Lock()
        self._open = 0

    async def run(self, job: Callable[[], bytes]) -> bytes:
        """Return what `job` makes on a thread; it may raise any error.

        Raises:
            UnavailableError: Too many sheets wait already.
        """
        if self._open >= WAITING_LIMIT:
            raise UnavailableError(f"{WAITING_LIMIT} sheets wait to be printed already")
        self._open += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(job)
        finally:
            self._open -= 1
