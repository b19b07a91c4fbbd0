"""An event loop whose time jumps: when nothing is left to do it is at once as late as the next thing that is due.

Whatever waits on the loop waits in its time, `asyncio.timeout` and `call_later` included, so a program that takes its
clock from it (`coldport.clock.LoopClock`) lives through an hour as fast as its work can be done, and every time in the
same order. That every ready task has run is no guess: the loop asks its selector only when none is left.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

Done = TypeVar("Done")


class _Jump(selectors.SelectSelector):
    """Waits for nothing outside: the time that it is asked to wait has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("every task waits for something that cannot come any more")
        self.now_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0 s. It knows no files or sockets, and what is meant for a thread takes no time."""

    def __init__(self) -> None:
        """Begin at 0 s."""
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._jump.now_s

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002 - whose it is makes no difference
        func: Callable[..., Done],
        *args: object,
    ) -> asyncio.Future[Done]:
        """Do it here and now: a thread would come back at some moment, and in every run at another."""
        done: asyncio.Future[Done] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever awaits the future gets it, as from a thread
            done.set_exception(error)
        return done
