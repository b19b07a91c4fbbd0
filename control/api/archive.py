"""The historian behind the HTTP border: asked in threads, with a time-out, so that a slow store stops nothing."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from coldport.errors import UnavailableError
from coldport.ids import PointId
from control.ports import Bucket, Historian

THREADS = 4
"""Questions at a time; the page of one operator asks three."""

WAITING_LIMIT = 32
"""Questions asked and not answered, a timed-out one included until its thread returns. More would only pile up."""

Answer = TypeVar("Answer")

ANSWER_S = 5.0
"""Longer than any healthy store takes for a day of one point (some 50 ms), shorter than people's patience."""


class HistorianSlowError(UnavailableError):
    """The historian did not answer in time, or too many questions wait for it."""

    code = "historian-unavailable"


class Archive:
    """Asynchronous questions to a blocking historian."""

    def __init__(self, historian: Historian, answer_s: float = ANSWER_S) -> None:
        """Ask `historian`; it must take calls from several threads."""
        self._historian = historian
        self._answer_s = answer_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="archive")
        self._open = 0

    async def buckets(
        self, point: PointId, start: datetime, end: datetime, count: int, hold_s: float
    ) -> Sequence[Bucket]:
        """Return a point's series in `count` buckets.

        Raises:
            HistorianSlowError: No answer in five seconds, or 32 questions wait already.
            UnavailableError: The historian is away.
        """
        return await self.ask(lambda: self._historian.buckets(point, start, end, count, hold_s=hold_s))

    def buckets_now(
        self, point: PointId, start: datetime, end: datetime, count: int, hold_s: float
    ) -> Sequence[Bucket]:
        """Return the same on the thread of whoever asks, which is that of a question; raises UnavailableError."""
        return self._historian.buckets(point, start, end, count, hold_s=hold_s)

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return what `question` returns, asked on a thread; it may itself raise any error.

        Raises:
            HistorianSlowError: No answer in five seconds, or 32 questions wait already.
        """
        if self._open >= WAITING_LIMIT:
            raise HistorianSlowError(f"{WAITING_LIMIT} questions wait for the historian already")
        self._open += 1
        asked = asyncio.get_running_loop().run_in_executor(self._threads, question)
        asked.add_done_callback(self._answered)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), self._answer_s)
        except TimeoutError as error:
            raise HistorianSlowError(f"no answer from the historian in {self._answer_s:g} s") from error

    def _answered(self, asked: "asyncio.Future[Answer]") -> None:
        self._open -= 1
        if not asked.cancelled():
            asked.exception()  # Looked at, so that asyncio does not report an error nobody waits for any more.

    def close(self) -> None:
        """Take no more questions; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
