"""Progress of one job, for whoever listens: numbered, so that a reader goes on where it was cut off."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from routing.jobs.ports import Progress

FEED_LIMIT = 1_200
"""Numbers that are kept: ten minutes at two a second. Who comes later begins with the oldest of them."""

STARTS_STEP = 1_000_000
"""Between the first numbers of one start of a job and of the next: a day has fewer. So numbers rise over restarts."""


class Feed:
    """What is told of a job until it is over."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._kept: deque[tuple[int, Progress]] = deque(maxlen=FEED_LIMIT)
        self._next = 1
        self._is_over = False
        self._news = asyncio.Event()

    def begin(self, starts: int) -> None:
        """Number what comes as of this start of the job."""
        self._next = starts * STARTS_STEP + 1

    def put(self, progress: Progress) -> None:
        """Tell of progress."""
        self._kept.append((self._next, progress))
        self._next += 1
        self._wake()

    def end(self) -> None:
        """Tell that nothing more will come."""
        self._is_over = True
        self._wake()

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, Progress]]:
        """Yield what is kept above a number, then what comes, until it is over."""
        while True:
            news = self._news
            for number, progress in list(self._kept):
                if number > after:
                    after = number
                    yield number, progress
            if news is self._news:
                if self._is_over:
                    return
                await news.wait()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
