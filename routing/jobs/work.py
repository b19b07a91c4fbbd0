"""A worker: a process that does one task. Run as `python -m routing.jobs.work` by `routing.jobs.processes`.

It reads its task from standard input and says what it finds on standard output, in frames. When its input ends, whoever
started it has gone, and it goes too.
"""

import contextlib
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from coldport import log as logs
from coldport.clock import Clock, SystemClock
from coldport.errors import ColdportError
from routing.jobs import frames
from routing.jobs.ports import Better, Fault, Found, Progress, Ready, Task, Told
from routing.model import Instance
from routing.plan_log.acts import Kind
from routing.plan_log.documents import DocumentError, unpack
from routing.planner import plan
from routing.result import Plan
from routing.search import Effort, search
from routing.search import Progress as SearchProgress
from routing.validate import check

TELL_EVERY_S = 0.5
"""How often progress is told, in the heuristic and while the bound is sought."""

KEEP_EVERY_S = 0.5
"""How often a better plan is handed over at most: what a fall costs of the search."""

KEEP_SHARE = 20
"""Nor is it handed over before so many times of what making and judging the last one took."""

NICE = 5
"""Workers give way to whoever answers people."""

log = logging.getLogger("routing.work")


class StoppedError(Exception):
    """The search was stopped; it has the best plan."""

    def __init__(self, best: Plan) -> None:
        """Carry the plan out of the search."""
        super().__init__()
        self.best = best


class Teller:
    """What the service hears. `stop` is set by it."""

    def __init__(self, pipe: BinaryIO, clock: Clock) -> None:
        """Speak into `pipe`."""
        self.stop = threading.Event()
        self.instance: Instance | None = None
        self._pipe = pipe
        self._clock = clock
        self._turn = threading.Lock()
        self._begun_s = clock.monotonic_s()
        self._last = Progress(elapsed_s=0.0, turns=0)
        self._kept_fen: int | None = None
        self._keep_at_s = 0.0
        self._over = threading.Event()

    def tell(self, told: Told) -> None:
        """Say it; nobody who listens any more is no fault here, as the listening thread ends the process."""
        with self._turn, contextlib.suppress(BrokenPipeError):
            frames.write(self._pipe, msgspec.json.encode(told))
            self._pipe.flush()

    def begin(self) -> None:
        """Say that the task begins, and from now on how far it is."""
        self._begun_s = self._clock.monotonic_s()
        self.tell(Ready())
        threading.Thread(target=self._beat, daemon=True).start()

    def end(self, told: Found | Fault) -> None:
        """Say the last thing."""
        self._over.set()
        self.tell(told)

    def hear(self, progress: SearchProgress) -> bool:
        """Hear of the search; raises StoppedError when it shall end."""
        elapsed_s = self._clock.monotonic_s() - self._begun_s
        self._last = Progress(elapsed_s=elapsed_s, turns=progress.turns, cost_fen=progress.cost_fen)
        if self.stop.is_set():
            raise StoppedError(progress.plan())
        is_better = self._kept_fen is None or progress.cost_fen < self._kept_fen
        if is_better and elapsed_s >= self._keep_at_s:
            self._keep(progress, elapsed_s)
        return True

    def _keep(self, progress: SearchProgress, elapsed_s: float) -> None:
        best = progress.plan()
        refused = check(self.instance, best) if self.instance else ()
        if refused:
            log.error("the judge refuses a plan under way: %s", refused[0].text)
        else:
            self.tell(Better(elapsed_s=elapsed_s, turns=progress.turns, plan=best))
            self._kept_fen = progress.cost_fen
        took_s = self._clock.monotonic_s() - self._begun_s - elapsed_s
        self._keep_at_s = elapsed_s + max(KEEP_EVERY_S, KEEP_SHARE * took_s)

    def _beat(self) -> None:
        while not self._over.wait(TELL_EVERY_S):
            elapsed_s = self._clock.monotonic_s() - self._begun_s
            self.tell(msgspec.structs.replace(self._last, elapsed_s=elapsed_s))


Solver = Callable[[Task, Instance, Plan | None, Teller], Plan]


def _solve(task: Task, instance: Instance, start: Plan | None, teller: Teller) -> Plan:
    watch = teller.hear
    return plan(instance, task.seconds, SystemClock(), seed=task.seed, start=start, watch=watch, split=task.split)


KINDS: dict[Kind, Solver] = {Kind.SOLVE: _solve}
"""How each kind of job is done."""


def do(task: Task, instance: Instance, start: Plan | None, teller: Teller) -> Found | Fault:
    """Do a task, whatever comes of it."""
    teller.instance = instance
    try:
        return Found(plan=KINDS[task.kind](task, instance, start, teller))
    except StoppedError as stopped:
        return _judged(instance, stopped.best)
    except MemoryError:
        return Fault(reason=f"memory: it needs more than the {task.memory_mb} MB that a worker may have")
    except ColdportError as error:
        return Fault(reason=f"{error.code}: {error}"[:500], refused=True)
    except Exception as error:
        log.exception("a job failed")
        return Fault(reason=f"bug: {type(error).__name__}: {error}"[:500])


def _judged(instance: Instance, best: Plan) -> Found | Fault:
    refused = check(instance, best)
    if refused:
        return Fault(reason=f"bug: the judge refuses a plan that was stopped: {refused[0].text}"[:500])
    return Found(plan=best, stopped=True)


def warm(instance: Instance) -> None:
    """Have the compiled kernel loaded before the seconds count: a second of a short job would go on it."""
    one = msgspec.structs.replace(instance, consignments=instance.consignments[:1], locks=())
    search(one, Effort(turns=1), SystemClock())


def limit_memory(megabytes: int) -> None:
    """Let this process have so much data of its own (`RLIMIT_DATA`: what is mapped and not touched counts too)."""
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _listen(pipe: BinaryIO, teller: Teller) -> None:
    while (said := frames.read(pipe)) is not None:
        if said == frames.STOP:
            teller.stop.set()
    os._exit(1)  # nobody is there any more


def main() -> None:
    """Do one task."""
    logs.set_up()
    os.nice(NICE)
    # What a solver prints must not fall among the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = [frames.read(sys.stdin.buffer) for _ in range(3)]
    if asked[0] is None or asked[1] is None or asked[2] is None:
        sys.exit(1)
    task = msgspec.json.decode(asked[0], type=Task)
    teller = Teller(answers, SystemClock())
    threading.Thread(target=_listen, args=(sys.stdin.buffer, teller), daemon=True).start()
    try:
        instance = unpack(asked[1], Instance)
        start = unpack(asked[2], Plan) if asked[2] else None
    except DocumentError as error:
        teller.end(Fault(reason=f"{error.code}: {error}"[:500], refused=True))
        return
    warm(instance)
    limit_memory(task.memory_mb)
    teller.begin()
    teller.end(do(task, instance, start, teller))
    os._exit(0)  # the threads of solvers and the one that listens end with it


if __name__ == "__main__":
    main()
