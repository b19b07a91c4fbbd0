"""A simulated device is recorded on its way to the edge, and the edge reads its playback as it read the device."""

import asyncio
import contextlib
import itertools
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from coldport.clock import SystemClock
from coldport.errors import MalformedError, RefusedError, UnavailableError
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import Quality
from coldport.site import load_site
from edge.health.book import HealthBook
from edge.lines.base import Serial, Tcp
from edge.lines.modbus import ModbusDevice, ModbusRtuLine, ModbusTcpLine
from edge.lines.scale import ScaleLine
from edge.main import SystemLinks
from edge.ports import Outlet
from edge.profiles import load_profile, profile_path
from edge.sources.around import Around
from edge.sources.build import source_of
from firmware_sim.recording.command import Player, load
from firmware_sim.recording.ends import agent_end, device_end
from firmware_sim.recording.format import Head, Kind
from firmware_sim.recording.recorder import PassThrough, Tape
from firmware_sim.scenario import load_scenario
from firmware_sim.site import running

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"
LIMIT = 1_000_000


class Reading:
    """What the edge reads of a line, by `value` of each observation of one point."""

    def __init__(self, point):
        self.values = []
        self._point = point

    async def record(self, observations):
        for seen in observations:
            if seen.point == self._point and seen.quality is Quality.GOOD:
                self.values.append(getattr(seen, "value", getattr(seen, "gross_kg", None)))

    def up(self, link, device=None): ...

    def down(self, link, reason, device=None): ...


@contextlib.asynccontextmanager
async def edge_reading(line, point, data):
    site, clock, reading = load_site(EXAMPLE), SystemClock(), Reading(point)
    profiles = {one.profile for one in getattr(line, "devices", (line,))}
    around = Around(
        points={name: msgspec.structs.replace(one, every_s=0.1) for name, one in site.points().items()},
        profiles={name: load_profile(profile_path(EXAMPLE, name)) for name in profiles},
        links=SystemLinks(site, "gw-1", data, clock),
        outlet=Outlet(reading, reading, clock, HealthBook(SiteId("s"), GatewayId("gw-1"), clock)),
    )
    task = asyncio.create_task(source_of(line, around).run())
    try:
        yield reading
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def serving(end, serve):
    async with agent_end(end, serve) as served:
        task = asyncio.ensure_future(served())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def recording(device, agent, file, echo=(0, 0)):
    with file.open("x", encoding="ascii") as out:
        tape = Tape(out, Head(device=device, echo=echo), SystemClock(), LIMIT)
        async with serving(agent, PassThrough(tape, device_end(device, 9600, "8N1")).serve):
            yield
        tape.end()


def unit(probe, number):
    points = {"temperature": f"{probe}-temperature"}
    return ModbusDevice(id=probe, unit=number, profile="renke-rs-ws-n01", points=points)


def rtu():
    line = ModbusRtuLine(id="cold-a", devices=(unit("f1-1", 1), unit("c1-1", 7)), serial=Serial(path="agent"))
    return line, "c1-1-temperature", lambda site: str(site.lines["cold-a"].path)


def sics():
    line = ScaleLine(id="w", profile="mt-sics", point="lane-1-scale", division_kg=0.005, serial=Serial(path="agent"))
    return line, "lane-1-scale", lambda site: str(site.lines["lane-1-scale"].path)


def toledo():
    line = ScaleLine(
        id="w", profile="toledo-continuous", point="lane-2-scale", division_kg=0.01, serial=Serial(path="agent")
    )
    return line, "lane-2-scale", lambda site: str(site.lines["lane-2-scale"].path)


def changes(values):
    return [value for value, _ in itertools.groupby(values)]


@pytest.mark.parametrize("kind", [rtu, sics, toledo])
async def test_the_edge_reads_from_a_playback_what_it_read_from_the_device(kind, tmp_path, eventually) -> None:
    line, point, where = kind()
    agent, file = str(tmp_path / "agent"), tmp_path / "device.txt"
    scenario = msgspec.structs.replace(load_scenario(EXAMPLE), timeline=())
    async with (
        running(scenario, tmp_path, SystemClock(), any_ports=True, speed=10.0) as site,
        recording(where(site), agent, file),
        edge_reading(line, point, tmp_path) as first,
    ):
        await eventually(lambda: len(changes(first.values)) >= 4)
    assert not (tmp_path / "agent").exists()

    player = Player(load(file), SystemClock())
    async with serving(agent, player.serve), edge_reading(line, point, tmp_path) as second:
        await eventually(lambda: len(changes(second.values)) >= 4)

    seen, played = changes(first.values), changes(second.values)
    together = min(len(seen), len(played)) - 1
    assert played[:together] == seen[:together]
    assert all(one.unknown == 0 for one in player.played)


async def test_a_tcp_device_is_recorded_and_played_with_the_numbers_of_whoever_asks(
    tmp_path, free_port, eventually
) -> None:
    port, file = free_port(), tmp_path / "module.txt"
    device = ModbusDevice(id="io", unit=1, profile="door-module", points={"input-3": "c1-door"})
    line = ModbusTcpLine(id="io-1", devices=(device,), tcp=Tcp(host="127.0.0.1", port=port))
    scenario = msgspec.structs.replace(load_scenario(EXAMPLE), timeline=())
    async with running(scenario, tmp_path, SystemClock(), any_ports=True) as site:
        source = f"127.0.0.1:{site.ports['io-1']}"
        async with (
            recording(source, f"127.0.0.1:{port}", file, (0, 2)),
            edge_reading(line, "c1-door", tmp_path) as first,
        ):
            await eventually(lambda: len(first.values) >= 3)
            site.open_door("c1-door", wanted=True)
            await eventually(lambda: 1.0 in first.values)
    player = Player(load(file), SystemClock())
    async with serving(f"127.0.0.1:{port}", player.serve), edge_reading(line, "c1-door", tmp_path) as second:
        await eventually(lambda: 1.0 in second.values)
    assert changes(second.values)[:2] == changes(first.values)[:2] == [0.0, 1.0]


async def test_a_second_agent_is_sent_away_and_a_device_that_is_not_there_ends_the_recording(
    tmp_path, free_port, eventually
) -> None:
    device, agent, file = free_port(), free_port(), tmp_path / "r.txt"

    async def speak(reader, writer):
        writer.write(b"hello")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", device)
    async with recording(f"127.0.0.1:{device}", f"127.0.0.1:{agent}", file):
        reader, writer = await asyncio.open_connection("127.0.0.1", agent)
        assert await reader.readexactly(5) == b"hello"
        second, second_writer = await asyncio.open_connection("127.0.0.1", agent)
        assert await second.read() == b""
        for one in (writer, second_writer):
            one.close()
            await one.wait_closed()
        await eventually(lambda: " -" in file.read_text())
    server.close()
    await server.wait_closed()
    assert [entry.kind for entry in load(file).entries] == [Kind.CONNECTED, Kind.SAID, Kind.GONE, Kind.END]

    tape = Tape((tmp_path / "s.txt").open("x"), Head(), SystemClock(), LIMIT)
    serve = PassThrough(tape, device_end(f"127.0.0.1:{device}", 9600, "8N1")).serve
    async with agent_end(f"127.0.0.1:{agent}", serve) as served:
        _, writer = await asyncio.open_connection("127.0.0.1", agent)
        with pytest.raises(UnavailableError, match="cannot connect"):
            await asyncio.wait_for(served(), 5)
        writer.close()
    tape._file.close()


def test_commands_say_in_one_line_what_is_wrong(tmp_path) -> None:
    nothing = tmp_path / "nothing.txt"
    with pytest.raises(RefusedError, match="cannot read"):
        load(nothing)
    nothing.write_text("coldport recording 1\n\n0.0 +\n")
    with pytest.raises(MalformedError, match="nothing to play"):
        load(nothing)
    nothing.write_text("coldport recording 1\n\n0.0 *\n")
    with pytest.raises(MalformedError, match=r"nothing\.txt:3: expected"):
        load(nothing)


def test_the_command_plays_a_recording_until_it_is_told_to_stop(tmp_path) -> None:
    file, line = tmp_path / "scale.txt", tmp_path / "scale"
    file.write_text("coldport recording 1\n\n0.0 +\n0.1 > 53 49 0d 0a\n0.15 < 4f 4b 0d 0a\n0.2 .\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "coldport", "sim", "play", str(file), "--serial", str(line)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "ready at" in process.stderr.readline()
        with line.open("r+b", buffering=0) as port:
            port.write(b"SI\r\n")
            answer = b""
            while len(answer) < 4:
                answer += port.read(4 - len(answer))
            assert answer == b"OK\r\n"
            port.write(b"@\r\n")
            port.write(b"SI\r\n")
            assert port.read(1) == b"O"
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "not in the recording" in told
    assert not line.exists()
