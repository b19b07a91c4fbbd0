"""The edge as a process, on the embedded broker and the simulated site: killed, stopped, and started wrong."""

import asyncio
import itertools
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import Batch, Observation, Receipt
from coldport.messages.status import Presence
from coldport.site import Broker
from firmware_sim.scenario import load_scenario
from firmware_sim.site import SimulatedSite, running

pytestmark = [pytest.mark.broker, pytest.mark.e2e]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "sites" / "xiangtan"
TRACE = ROOT.parent / "shared" / "data" / "traces" / "ambient_temperature_system_failure.csv"
SITE = SiteId("xiangtan-1")
EDGE = GatewayId("xiangtan-edge-1")
KILLS = 5


class Control:
    """A stand-in: journals what comes by (gateway, boot_id, seq), and confirms it."""

    def __init__(self, bus: MqttBus) -> None:
        self._bus = bus
        self.journal: dict[tuple[str, str, int], Observation] = {}
        self.presence: list[Presence] = []
        self.repeats = 0

    async def run(self) -> None:
        while True:
            for received in await self._bus.receive(100):
                if "/presence/" in received.topic:
                    self.presence.append(decode(Presence, received.payload))
                else:
                    await self._take(decode(Batch, received.payload))
                received.ack()

    async def _take(self, batch: Batch) -> None:
        for observation in batch.observations:
            name = (batch.gateway, batch.boot_id, observation.seq)
            self.repeats += name in self.journal
            assert self.journal.setdefault(name, observation) == observation, name
        first, last = batch.observations[0].seq, batch.observations[-1].seq
        receipt = Receipt(
            gateway=batch.gateway,
            boot_id=batch.boot_id,
            first_seq=first,
            last_seq=last,
            recorded_at=SystemClock().now(),
        )
        await self._bus.publish(Outgoing(topics.receipts(SITE, GatewayId(batch.gateway)), encode(receipt)))


class Bench:
    """A copy of the example site on ports of its own, and what runs around the edge."""

    def __init__(self, folder: Path, broker: Broker, control: Control) -> None:
        self.site = folder / "site"
        self.data = folder / "data"
        self.control = control
        shutil.copytree(EXAMPLE, self.site)
        self.change("site.toml", "18830", str(broker.port))

    def change(self, name: str, old: str, new: str) -> None:
        file = self.site / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def use_ports_of(self, sim: SimulatedSite) -> None:
        modules = (("15020", "io-1"), ("15021", "io-2"), ("15022", "plant-meter"))
        gates = (("15084", "lane-1-gate"), ("15085", "lane-2-gate"), ("15086", "dock-1-gate"))
        for port, name in (*modules, *gates):
            self.change("edge.toml", f"port = {port}", f"port = {sim.ports[name]}")

    async def start(self) -> asyncio.subprocess.Process:
        return await self.coldport("edge", "run", str(self.site), "--data", str(self.data))

    async def coldport(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "coldport", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.fixture
async def bench(tmp_path: Path, start_broker) -> AsyncIterator[Bench]:
    broker = (await start_broker("nats")).broker
    filters = [topics.OBSERVATIONS.filter(SITE), topics.PRESENCE.filter(SITE)]
    async with MqttBus(client_id="control", broker=broker, filters=filters) as bus:
        await bus.wait_connected()
        control = Control(bus)
        running_control = asyncio.create_task(control.run())
        yield Bench(tmp_path, broker, control)
        running_control.cancel()
        [outcome] = await asyncio.gather(running_control, return_exceptions=True)
        assert isinstance(outcome, asyncio.CancelledError), outcome


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[SimulatedSite]:
    """The simulated site, on the lines and ports that the bench's copy names."""
    async with AsyncExitStack() as stack:
        scenario = msgspec.structs.replace(load_scenario(EXAMPLE), timeline=())
        sim = await stack.enter_async_context(running(scenario, bench.data, SystemClock(), any_ports=True))
        bench.use_ports_of(sim)
        yield sim


def spooled(data: Path) -> tuple[set[int], int]:
    """Return the numbers still in the spool, and the last number ever given."""
    with closing(sqlite3.connect(data / "edge" / "spool.sqlite")) as database:
        waiting = {seq for (seq,) in database.execute("SELECT seq FROM observation")}
        (numbered,) = database.execute("SELECT seq FROM sqlite_sequence").fetchone()
    return waiting, numbered


@pytest.mark.slow
async def test_an_edge_that_is_killed_again_and_again_loses_nothing_it_spooled(bench, floor, eventually) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    dice = random.Random(seed)
    journal = bench.control.journal
    for _ in range(KILLS):
        before = len(journal)
        process = await bench.start()
        await eventually(lambda before=before: len(journal) > before + 100)
        await asyncio.wait([asyncio.create_task(process.wait())], timeout=dice.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    last = await bench.start()
    before = len(journal)
    await eventually(lambda: len(journal) > before + 100)
    last.send_signal(signal.SIGTERM)
    await last.communicate()
    assert last.returncode == 0
    assert len({boot_id for _, boot_id, _ in journal}) == 1
    waiting, numbered = spooled(bench.data)
    assert {seq for _, _, seq in journal} | waiting == set(range(1, numbered + 1))


async def test_an_edge_that_is_told_to_stop_says_that_it_is_gone(bench, floor, eventually) -> None:
    process = await bench.start()
    await eventually(lambda: bench.control.journal)
    process.send_signal(signal.SIGTERM)
    _, said = await process.communicate()
    assert process.returncode == 0
    await eventually(lambda: bench.control.presence and not bench.control.presence[-1].online)
    assert [json.loads(line)["level"] for line in said.splitlines() if b'"error"' in line] == []


async def test_an_edge_that_is_killed_is_offline_by_its_will(bench, floor, eventually) -> None:
    process = await bench.start()
    await eventually(lambda: bench.control.presence and bench.control.presence[-1].online)
    process.kill()
    await process.communicate()
    await eventually(lambda: not bench.control.presence[-1].online)
    assert len({presence.session for presence in bench.control.presence}) == 1


async def test_an_edge_starts_without_devices_and_says_that_every_point_is_bad(bench, eventually) -> None:
    process = await bench.start()
    temperatures = [f"{zone}-{n}-temperature" for zone in ("f1", "f2", "c1", "c2", "c3", "c4") for n in (1, 2, 3)]

    def reasons() -> dict[str, str | None]:
        return {seen.point: getattr(seen, "reason", None) for seen in bench.control.journal.values()}

    await eventually(lambda: all(reasons().get(point) == "link-down" for point in temperatures))
    process.terminate()
    await process.communicate()


async def test_a_second_edge_on_the_same_spool_is_refused_in_one_line(bench, floor, eventually) -> None:
    first = await bench.start()
    await eventually(lambda: bench.control.journal)
    second = await bench.start()
    _, said = await second.communicate()
    assert second.returncode == 2
    assert re.fullmatch(r"coldport: .*spool.sqlite: database is locked\n", said.decode())
    first.terminate()
    await first.communicate()


async def test_a_broken_edge_file_is_named_with_its_line_and_nothing_starts(bench) -> None:
    bench.change("edge.toml", 'point = "lane-1-scale"', 'point = "lane-9-scale"')
    process = await bench.start()
    _, said = await process.communicate()
    assert process.returncode == 2
    assert re.search(r"edge\.toml:\d+: lines\[3\]\.point: site\.toml has no point 'lane-9-scale'", said.decode())
    assert not bench.data.exists()


async def command(bench: Bench, *arguments: str) -> tuple[int, list[str]]:
    process = await bench.coldport("edge", "command", str(bench.site), *arguments, "--by", "li")
    out, said = await process.communicate()
    return process.returncode, [line[10:] for line in out.decode().splitlines()] + said.decode().splitlines()


async def test_a_lamp_is_lit_from_a_desk_and_what_cannot_be_done_is_told_with_its_reason(
    bench, floor, eventually
) -> None:
    process = await bench.start()
    await eventually(lambda: any(seen.point == "lane-1-red" for seen in bench.control.journal.values()))
    code, said = await command(bench, "lane-1-red", "1")
    assert (code, said) == (0, ["received", "accepted", "executing", "done, read back 1"])
    await eventually(lambda: any(seen.point == "lane-1-red" and seen.value for seen in bench.control.journal.values()))
    assert await command(bench, "lane-1-red", "2") == (3, ["received", "rejected: out-of-range"])
    assert await command(bench, "f1-door", "1") == (3, ["received", "rejected: not-an-output"])
    process.terminate()
    await process.communicate()
    assert await command(bench, "lane-1-red", "0", "--expires", "0.1") == (
        6,
        ["no answer: the gateway is away, and will not do it when it is back"],
    )


async def test_a_changed_line_is_taken_up_while_the_others_go_on_and_a_broken_file_changes_nothing(
    bench, floor, eventually
) -> None:
    process = await bench.start()
    journal = bench.control.journal

    def seen(point: str) -> list[Observation]:
        return [one for one in journal.values() if one.point == point]

    await eventually(lambda: seen("f1-door") and seen("lane-1-scale"))
    before = len(seen("lane-1-scale"))
    bench.change("edge.toml", "[[lines]]", "[lines")
    await eventually(lambda: len(seen("lane-1-scale")) > before + 3)
    bench.change("edge.toml", "[lines", "[[lines]]")
    bench.change("edge.toml", 'input-1 = "f1-door"', 'input-1 = "f2-door"')
    bench.change("edge.toml", 'input-2 = "f2-door"', 'input-2 = "f1-door"')
    process.send_signal(signal.SIGHUP)
    await eventually(lambda: process.returncode is not None or len(seen("lane-1-scale")) > before + 8)
    process.terminate()
    _, said = await process.communicate()
    lines = [json.loads(line) for line in said.splitlines()]
    assert any("edge.toml" in line["said"] and line["level"] == "error" for line in lines), lines
    assert any("are read as edge.toml says now" in line["said"] for line in lines), lines
    moments = [one.observed_at for one in seen("f1-1-temperature")]
    assert max((later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)) < 2.0


async def replay(bench: Bench, trace: Path, *more: str) -> tuple[int, dict, str]:
    arguments = [str(trace), str(bench.site), "--point", "c1-1-temperature", "--unit", "degF", "--json", *more]
    process = await bench.coldport("replay", *arguments)
    out, said = await process.communicate()
    return process.returncode, json.loads(out) if out else {}, said.decode()


@pytest.mark.slow
async def test_the_recorded_trace_runs_through_in_a_minute_and_twice_changes_nothing(bench) -> None:
    if not TRACE.exists():
        pytest.skip("the recorded trace is not beside the repository (../shared/data/traces)")
    code, summary, _ = await replay(bench, TRACE, "--speed", "max")
    assert code == 0
    assert (summary["rows"], summary["gaps"], summary["longest_gap_h"]) == (7267, 10, 174.0)
    assert (summary["first"], summary["last"]) == ("2013-07-04T00:00:00Z", "2014-05-28T15:00:00Z")
    assert summary["seconds"] < 60
    assert len(bench.control.journal) == 7267
    code, _, _ = await replay(bench, TRACE)
    assert code == 0
    assert len(bench.control.journal) == 7267
    assert bench.control.repeats == 7267
    first = min(bench.control.journal.values(), key=lambda seen: seen.observed_at)
    assert first.observed_at == first.spooled_at == datetime(2013, 7, 4, tzinfo=UTC)
    assert first.value == pytest.approx((69.88083514 - 32) / 1.8)


async def test_a_replay_from_a_time_on_leaves_out_what_is_before(bench, tmp_path) -> None:
    trace = tmp_path / "t.csv"
    trace.write_text("timestamp,value\n2026-07-04 00:00,32\n2026-07-04 01:00,212\n2026-07-04 02:00,50\n")
    code, summary, _ = await replay(bench, trace, "--start", "2026-07-04T01:00", "--timezone", "Asia/Shanghai")
    assert (code, summary["rows"], summary["first"]) == (0, 2, "2026-07-03T17:00:00Z")
    assert [seen.value for seen in bench.control.journal.values()] == [100.0, 10.0]


async def test_a_trace_with_a_wrong_row_is_named_and_nothing_of_it_is_sent(bench, tmp_path) -> None:
    trace = tmp_path / "t.csv"
    trace.write_text("timestamp,value\n2026-07-04 00:00,32\n2026-07-04 01:00,warm\n")
    code, _, said = await replay(bench, trace)
    assert code == 2
    assert said == f"coldport: {trace}:3: value: 'warm' is not a number\n"
    assert bench.control.journal == {}


async def test_a_replay_to_a_point_that_does_not_exist_is_refused(bench, tmp_path) -> None:
    trace = tmp_path / "t.csv"
    trace.write_text("timestamp,value\n2026-07-04 00:00,32\n")
    code, _, said = await replay(bench, trace, "--point", "c1-door")
    assert code == 2
    assert "site xiangtan-1 has no temperature point 'c1-door'" in said
