"""Changed files taken up while the gateway runs: only the lines concerned stop, a broken file changes nothing."""

import asyncio
import itertools
import logging
import os
from pathlib import Path

import msgspec
import pytest

from coldport.clock import ManualClock
from coldport.ids import GatewayId, LinkId, PointId, SiteId
from coldport.settings import Problem, SiteFileError
from edge.floor import Floor
from edge.health.status import StatusBoard
from edge.lines.gateway import EdgeSettings, SpoolSettings
from edge.lines.scale import ScaleLine
from edge.observe import reading
from edge.points import Measured
from edge.ports import Limits, LinkDownError
from edge.profiles import CATALOGUE, load_profile
from edge.reload import LOOK_S, Reload
from edge.settings import Wiring

PROFILE = load_profile(CATALOGUE / "mt-sics.toml")
OTHER = msgspec.structs.replace(PROFILE, version=PROFILE.version + 1)


def line(name: str, profile: str = "p", division_kg: float = 0.01) -> ScaleLine:
    return ScaleLine(id=name, profile=profile, point=f"{name}-p", division_kg=division_kg)


def wired(*lines: ScaleLine, profiles: dict | None = None, **others) -> Wiring:
    return Wiring(EdgeSettings(gateway="edge-1", lines=lines, **others), profiles or {"p": PROFILE, "q": PROFILE})


class Scale:
    """A source that reads ten times a second, says which it is, and can move a lamp."""

    def __init__(self, name: LinkId, sink, board, clock: ManualClock) -> None:
        self.name = name
        self._sink = sink
        self._board = board
        self._clock = clock
        self.outputs = {PointId(f"{name}-lamp"): Limits(0, 1, 1)}

    async def put(self, point: PointId, value: float) -> float:
        raise LinkDownError(f"{point} to {value}")

    async def run(self) -> None:
        self._board.up(self.name)
        while True:
            await self._sink.record([reading(PointId(f"{self.name}-p"), self._clock.now(), Measured(1.0))])
            await self._clock.sleep(0.1)


class Bench:
    """A floor that runs, and the folder its files are in."""

    def __init__(self, folder: Path, sink, clock: ManualClock, *lines: ScaleLine) -> None:
        self.clock = clock
        self.sink = sink
        self.built: list[str] = []
        self.board = StatusBoard(SiteId("s"), GatewayId("edge-1"), clock)
        self.floor = Floor(self._build, self.board)
        self.wiring: Wiring | SiteFileError = wired(*lines)
        self.file = folder / "edge.toml"
        self.file.write_text("1")
        self.reload = Reload(folder, self.wiring, self._load, self.floor.change, clock)
        self._tasks = asyncio.create_task(self._run(self.wiring))

    def _build(self, line, _profiles) -> Scale:
        self.built.append(line.id)
        return Scale(LinkId(line.id), self.sink, self.board, self.clock)

    def _load(self) -> Wiring:
        if isinstance(self.wiring, SiteFileError):
            raise self.wiring
        return self.wiring

    async def _run(self, wiring: Wiring) -> None:
        async with asyncio.TaskGroup() as tasks:
            await self.floor.begin(wiring, tasks)
            tasks.create_task(self.reload.run())

    async def save(self, wiring: Wiring | SiteFileError) -> None:
        """Write a file that says `wiring`, and let the gateway look."""
        self.wiring = wiring
        stamp = self.file.stat().st_mtime_ns + 1
        os.utime(self.file, ns=(stamp, stamp))
        await self.clock.advance(LOOK_S)

    async def stop(self) -> None:
        self._tasks.cancel()
        await asyncio.wait([self._tasks])


@pytest.fixture
async def bench(tmp_path, sink, clock):
    bench = Bench(tmp_path, sink, clock, line("a"), line("b"), line("c", "q"))
    await clock.advance(1.0)
    yield bench
    await bench.stop()


def largest_gap(times: list[float]) -> float:
    return max(later - earlier for earlier, later in itertools.pairwise(times))


async def test_only_the_line_that_changed_is_begun_anew_and_the_others_lose_no_reading(bench, sink, clock) -> None:
    await bench.save(wired(line("a"), line("b", division_kg=0.02), line("c", "q")))
    await clock.advance(5.0)
    assert bench.built == ["a", "b", "c", "b"]
    for name in ("a", "c"):
        assert largest_gap(sink.times_of(f"{name}-p")) == pytest.approx(0.1)
    assert sink.times_of("b-p")[-1] == pytest.approx(clock.monotonic_s(), abs=0.11)


async def test_a_changed_profile_concerns_the_lines_that_name_it(bench) -> None:
    await bench.save(wired(line("a"), line("b"), line("c", "q"), profiles={"p": PROFILE, "q": OTHER}))
    assert bench.built == ["a", "b", "c", "c"]


async def test_a_line_that_is_new_is_read_and_one_that_is_gone_is_not_and_is_told_as_removed(
    bench, sink, clock
) -> None:
    await bench.save(wired(line("b"), line("c", "q"), line("d")))
    count = len(sink.times_of("a-p"))
    await clock.advance(5.0)
    assert len(sink.times_of("a-p")) == count
    assert sink.times_of("d-p")
    assert bench.board._states[LinkId("a")].reason == "removed"
    assert sorted(bench.floor.outputs()) == ["b-lamp", "c-lamp", "d-lamp"]


async def test_a_broken_file_is_told_problem_by_problem_and_changes_nothing(bench, sink, clock, caplog) -> None:
    problems = [Problem("edge.toml", 3, "lines[0].point", "site.toml has no point 'x'"), Problem("q.toml", 1, "", "no")]
    await bench.save(SiteFileError(*problems))
    await clock.advance(5.0)
    assert bench.built == ["a", "b", "c"]
    assert largest_gap(sink.times_of("a-p")) == pytest.approx(0.1)
    assert "edge.toml:3: lines[0].point: site.toml has no point 'x'" in caplog.text
    assert "q.toml:1" in caplog.text
    caplog.clear()
    await clock.advance(60.0)
    assert caplog.text == ""
    await bench.save(wired(line("a"), line("b"), line("c")))
    assert bench.built == ["a", "b", "c", "c"]


async def test_what_cannot_change_while_it_runs_is_told_and_the_rest_is_taken_up(bench, caplog) -> None:
    await bench.save(wired(line("a"), line("b"), spool=SpoolSettings(limit=5_000)))
    assert "a new `spool` is taken up at the next start" in caplog.text
    assert sorted(bench.floor.outputs()) == ["a-lamp", "b-lamp"]


async def test_asking_loads_without_a_changed_file(bench, clock, caplog) -> None:
    caplog.set_level(logging.INFO)
    bench.wiring = wired(line("a"))
    await clock.advance(10.0)
    assert "edge.toml says now" not in caplog.text
    bench.reload.ask()
    await clock.advance(LOOK_S)
    assert sorted(bench.floor.outputs()) == ["a-lamp"]


async def test_a_file_that_is_gone_for_a_moment_is_looked_at_again(bench) -> None:
    bench.file.unlink()
    bench.wiring = SiteFileError(Problem("edge.toml", 0, "", "cannot be read"))
    await bench.clock.advance(LOOK_S)
    bench.file.write_text("2")
    bench.wiring = wired(line("a"))
    await bench.clock.advance(LOOK_S)
    assert sorted(bench.floor.outputs()) == ["a-lamp"]
