"""Child processes: what falls is started again, what cannot start stops everything, nothing is left behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from coldport.children import Child, Program, other_owner
from coldport.clock import SystemClock
from coldport.errors import RefusedError


class FastClock(SystemClock):
    """The machine's clock, but waiting costs nothing; it remembers for how long it was asked to."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    async def sleep(self, duration_s: float) -> None:
        self.waits_s.append(round(duration_s, 3))
        await asyncio.sleep(0)  # noqa: TID251 - yields once


def python(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


async def test_a_child_that_falls_is_started_again_later_and_later(tmp_path: Path, eventually) -> None:
    clock, said = FastClock(), []
    child = Child(python("edge", "import os; os.kill(os.getpid(), 9)"), tmp_path, clock, said.append)

    task = asyncio.create_task(child.run())
    await eventually(lambda: len(clock.waits_s) >= 4)
    await child.stop()
    await task

    assert clock.waits_s[:4] == [0.2, 0.4, 0.8, 1.6]
    assert said[0] == "edge fell (signal SIGKILL), starting it again in 0.2 s"


async def test_a_child_that_cannot_start_says_why_and_is_not_started_again(tmp_path: Path) -> None:
    program = python("control", "import sys; print('coldport: port 8000 is in use', file=sys.stderr); sys.exit(2)")
    child = Child(program, tmp_path, FastClock(), print)

    with pytest.raises(RefusedError, match=r"^control: port 8000 is in use$"):
        await child.run()

    assert "port 8000 is in use" in (tmp_path / "control.log").read_text()


async def test_a_stubborn_child_is_killed(tmp_path: Path, eventually, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldport.children.STOP_WAIT_S", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    child = Child(python("stubborn", code), tmp_path, SystemClock(), print)
    task = asyncio.create_task(child.run())
    log = tmp_path / "stubborn.log"
    await eventually(lambda: log.exists() and "ready" in log.read_text())

    await child.stop()
    await asyncio.wait_for(task, 5)

    assert child._process.returncode == -9


async def test_endless_output_without_a_line_end_is_cut_and_kept(tmp_path: Path) -> None:
    child = Child(
        python("loud", "import sys; sys.stdout.write('x' * 300_000); sys.exit(2)"), tmp_path, FastClock(), print
    )

    with pytest.raises(RefusedError):
        await child.run()

    assert (tmp_path / "loud.log").read_text().count("x") == 300_000


def test_a_data_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    assert other_owner(tmp_path / "lock") is None
    assert other_owner(tmp_path / "lock") == os.getpid()
