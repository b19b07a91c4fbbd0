"""Recordings read by the edge: `NAME.txt` as `coldport sim record` wrote it, and `NAME.toml` beside it.

The latter has the `line` as `edge.toml` would have it, the `point` that is looked at, its `quantity`, and the `values`
that it takes on, each once as it changes: a reading's value, a weight's gross mass. Bad ones are their reasons.
"""

import asyncio
import itertools
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from coldport.clock import ManualClock
from coldport.ids import GatewayId, PointId, SiteId
from coldport.site import Point, Quantity
from edge.health.book import HealthBook
from edge.lines.gateway import Line
from edge.links.memory_link import null_modem
from edge.ports import Outlet
from edge.profiles import CATALOGUE, load_profile
from edge.sources.around import Around
from edge.sources.build import source_of
from firmware_sim.recording.format import connections, parse
from firmware_sim.recording.player import Playback

HERE = Path(__file__).parent / "recordings"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONGEST_S = 120.0


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """What a recording is to be read as."""

    line: Line
    point: str
    quantity: Quantity
    values: list[float | str]
    every_s: float = 1.0


class Seen:
    """What was read, and the link to read it from."""

    def __init__(self, point, link):
        self.values = []
        self._point = point
        self._link = link

    async def record(self, observations):
        for one in observations:
            if one.point == self._point:
                value = getattr(one, "value", getattr(one, "gross_kg", None))
                self.values.append(one.reason if value is None else value)

    def up(self, link, device=None): ...

    def down(self, link, reason, device=None): ...

    def serial(self, serial):
        return self._link

    def tcp(self, tcp):
        return self._link


async def play(playback, link, clock):
    while True:
        heard = await link.read(0.005)
        if heard:
            playback.receive(heard, clock.monotonic_s())
        said = playback.send(clock.monotonic_s())
        if said:
            await link.write(said)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
async def test_a_recording_is_read_as_its_case_says(path: Path) -> None:
    recording, case = read(path)
    clock = ManualClock(NOON)
    near, far = null_modem(clock)
    seen = Seen(case.point, near)
    names = {one.profile for one in getattr(case.line, "devices", (case.line,))}
    around = Around(
        points={name: Point(id=name, quantity=case.quantity, every_s=case.every_s) for name in points_of(case.line)},
        profiles={name: load_profile(CATALOGUE / f"{name}.toml") for name in names},
        links=seen,
        outlet=Outlet(seen, seen, clock, HealthBook(SiteId("s"), GatewayId("gw-1"), clock)),
    )
    playback = Playback(next(connections(recording.entries)), recording.head.echo)
    tasks = [asyncio.create_task(source_of(case.line, around).run()), asyncio.create_task(play(playback, far, clock))]
    try:
        while len(changes(seen.values)) < len(case.values) and clock.monotonic_s() < LONGEST_S:
            await clock.advance(0.1)
            assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert changes(seen.values)[: len(case.values)] == case.values
    assert playback.unknown == 0


def read(path):
    case = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    return parse(path.read_text(encoding="ascii")), msgspec.convert(case, Case)


def changes(values):
    return [value for value, _ in itertools.groupby(values)]


def points_of(line):
    devices = getattr(line, "devices", ())
    return [PointId(point) for device in devices for point in device.points.values()] or [PointId(line.point)]
