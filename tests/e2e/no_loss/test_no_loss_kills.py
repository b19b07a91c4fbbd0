"""Edge, broker and control are killed again and again under load; at the end everything is there exactly once.

`make test-kills` kills each thirty times; COLDPORT_KILLS and COLDPORT_SEED set how often and repeat a run.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from coldport import topics
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import decode
from coldport.ids import DefinitionId, PointId, SiteId
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Batch
from coldport.site import load_site
from control.alarms.definition import points_of
from control.settings import load_alarms
from firmware_sim.faults import Faults
from firmware_sim.servers.modbus import READ_HOLDING_REGISTERS, Slaves, Unit
from firmware_sim.servers.modbus_tcp import TcpSlaves

pytestmark = [pytest.mark.broker, pytest.mark.e2e, pytest.mark.slow]

KILLS = int(os.environ.get("COLDPORT_KILLS", "5"))
SEED = int(os.environ.get("COLDPORT_SEED", str(random.SystemRandom().randrange(1_000_000))))

SITE = SiteId("kills-1")
GATEWAY = "kills-edge-1"
UNITS, REGISTERS, EVERY_S = 8, 25, 0.2
"""Two hundred points, five times a second each: a thousand readings a second."""
HOLD = timedelta(seconds=3 * EVERY_S)
QUIET_POINT = "quiet"
CALM_S = 4.0
"""Longer than every delay but that of `brief`: nothing is pending when the load ends."""

WAVES = {
    0: (6.0, [(0.5, 50), (1.0, 120)]),  # warm for three seconds
    1: (3.0, [(0.8, 50), (1.0, 120)]),  # too short for `brief` to mind
    2: (4.0, [(0.75, 50), (1.0, 0)]),
    3: (5.0, [(0.1, 90), (0.2, 78), (0.3, 90), (0.4, 78), (0.6, 90), (1.0, 60)]),  # dips into the deadband and out
    4: (8.0, [(0.3, 50), (0.55, 100), (0.85, 170), (1.0, 100)]),
}
"""By register: the period, and the tenths of a degree until each fraction of it. Other registers stay at 5.0 degC."""

DEFINITIONS = [
    ("warm", "HI", (0, 4), 8.0, 0.5, 1.0, 0.6),
    ("brief", "HI", (1,), 8.0, 0.5, 6.0, 0.6),
    ("cold", "LO", (2,), 2.0, 0.5, 0.0, 0.0),
    ("ripple", "HI", (3,), 8.0, 0.5, 1.0, 0.4),
    ("hot", "HIHI", (4,), 15.0, 0.5, 1.0, 0.5),
]
"""Name, kind, registers, limit, deadband, on-delay, off-delay."""

ALARM = """
[[alarms]]
id = "{0}"
version = 1
name = {{ zh = "报警", en = "Alarm" }}
kind = "{1}"
quantity = "temperature"
points = {points}
limit = {3}
unit = "°C"
source = "This test"
deadband = {4}
on_delay_s = {5}
off_delay_s = {6}
severity = "minor"
time_to_respond_s = 1800
owner = "test"
consequence = {{ zh = "无", en = "None" }}
action = {{ zh = "无", en = "None" }}
"""


def point_name(unit: int, register: int) -> str:
    return f"p{unit}-{register}"


def write_site(folder: Path, broker_port: int, floor_port: int, *, quiet: bool) -> Path:
    """Write a site folder. A quiet one asks for one value an hour, so that its gateway can empty its spool."""
    folder.mkdir()
    names = {unit: [point_name(unit, register) for register in range(REGISTERS)] for unit in range(1, UNITS + 1)}
    points = "\n".join(
        f'  {{ id = "{name}", quantity = "temperature", every_s = {EVERY_S} }},'
        for some in names.values()
        for name in some
    )
    (folder / "site.toml").write_text(
        f'id = "{SITE}"\nname = {{ zh = "测试", en = "Kills" }}\ntimezone = "Asia/Shanghai"\n'
        f"[broker]\nport = {broker_port}\n"
        f'[[zones]]\nid = "room"\nname = {{ zh = "库", en = "Room" }}\nzone_class = "chilled"\npoints = [\n{points}\n'
        f'  {{ id = "{QUIET_POINT}", quantity = "temperature", every_s = 3600 }},\n]\n',
        encoding="utf-8",
    )
    registers = "\n".join(
        f'registers.r{register} = {{ address = {register}, quantity = "temperature", scale = 0.1 }}'
        for register in range(REGISTERS)
    )
    wanted = {1: {"r0": QUIET_POINT}} if quiet else {u: {f"r{r}": n for r, n in enumerate(names[u])} for u in names}
    devices = "\n".join(
        f'  {{ id = "unit-{unit}", unit = {unit}, profile = "all", points = {{ '
        + ", ".join(f'{register} = "{name}"' for register, name in values.items())
        + " } },"
        for unit, values in wanted.items()
    )
    (folder / "profiles").mkdir()
    (folder / "profiles" / "all.toml").write_text(
        f'kind = "modbus"\ntitle = "All"\nsource = "this test"\nfunction = "holding-registers"\n{registers}\n',
        encoding="utf-8",
    )
    (folder / "edge.toml").write_text(
        f'gateway = "{GATEWAY}"\n'
        f'[[lines]]\nkind = "modbus-tcp"\nid = "floor"\ntcp = {{ host = "127.0.0.1", port = {floor_port} }}\n'
        f"devices = [\n{devices}\n]\n",
        encoding="utf-8",
    )
    alarms = [
        ALARM.format(*row, points=[point_name(unit, register) for unit in names for register in row[2]])
        for row in DEFINITIONS
    ]
    (folder / "alarms.toml").write_text("".join(alarms), encoding="utf-8")
    return folder


class Floor:
    """Modbus units whose registers are waves of time, until they are frozen as they stand."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._start_s = clock.monotonic_s()
        self._frozen_s: float | None = None
        cells = [{r: self._cell(unit, r) for r in range(REGISTERS)} for unit in range(1, UNITS + 1)]
        units = {number: Unit({READ_HOLDING_REGISTERS: some}) for number, some in enumerate(cells, start=1)}
        self._slaves = Slaves("floor", units, Faults(random.Random(0)))

    def freeze(self) -> None:
        self._frozen_s = self._clock.monotonic_s()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        core = TcpSlaves(self._slaves)
        while data := await reader.read(4096):
            core.receive(data, self._clock.monotonic_s())
            writer.write(core.send(self._clock.monotonic_s()))
        writer.close()

    def _cell(self, unit: int, register: int) -> Callable[[], int]:
        if register not in WAVES:
            return lambda: 50
        period_s, steps = WAVES[register]
        period_s *= 1 + 0.06 * unit  # so that no two units move together

        def ask() -> int:
            now_s = self._clock.monotonic_s() if self._frozen_s is None else self._frozen_s
            phase = (now_s - self._start_s) / period_s % 1
            return next(tenths for until, tenths in steps if phase < until)

        return ask


class Tap:
    """Listens to what gateways send, to tell how much of it came more than once."""

    def __init__(self) -> None:
        self.seen: Counter = Counter()

    async def listen(self, bus: MqttBus) -> None:
        while True:
            for message in await bus.receive(100):
                batch = decode(Batch, message.payload)
                self.seen.update(seen.seq for seen in batch.observations)
                message.ack()


class Plant:
    """The three processes that are killed, the floor they read, and what shows at the end."""

    def __init__(self, folder: Path, broker, floor_port: int, coldport_process, eventually) -> None:
        port, data = broker.broker.port, str(folder / "data")
        self.site = write_site(folder / "site", port, floor_port, quiet=False)
        quiet = write_site(folder / "quiet", port, floor_port, quiet=True)
        self.broker = broker
        self.edge = coldport_process("edge", "edge", "run", str(self.site), "--data", data)
        self.quiet_edge = coldport_process("quiet-edge", "edge", "run", str(quiet), "--data", data)
        self.control = coldport_process("control", "control", "run", str(self.site), "--data", data, "--headless")
        self._eventually = eventually

    async def kill_at_random(self, dice: random.Random, clock: SystemClock) -> None:
        """Kill each of the three KILLS times in random order, at random moments, for a random while."""
        victims = ["edge", "control", "broker"] * KILLS
        dice.shuffle(victims)
        for victim in victims:
            await clock.sleep(dice.uniform(0.3, 3.0))
            if victim == "broker":
                self.broker.kill()
                await clock.sleep(dice.uniform(0.0, 1.5))
                await self.broker.start(self._eventually)
            else:
                process = self.edge if victim == "edge" else self.control
                assert process.runs, f"the {victim} had ended by itself"
                process.kill()
                await clock.sleep(dice.uniform(0.0, 1.5))
                process.start()

    async def drain(self, records, clock: SystemClock) -> None:
        """End the load, let the gateway empty its spool and control its followers, and stop both in order."""
        await self.edge.stop()
        while (spooled := records.spooled()).held:
            self.quiet_edge.start()
            await self._eventually(lambda last=spooled.last: records.recorded() > last, 60)
            await clock.sleep(0.5)
            await self.quiet_edge.stop()

    async def settle(self, records, clock: SystemClock) -> None:
        """Stop control once its historian is where the journal is."""
        await clock.sleep(2.0)
        await self.control.stop()
        while records.historian()[0] < (last := records.last_entry()):
            self.control.start()
            await self._eventually(lambda last=last: records.last_entry() > last)
            await clock.sleep(2.0)
            await self.control.stop()


@pytest.fixture
async def plant(tmp_path, start_broker, coldport_process, eventually):
    floor = Floor(SystemClock())
    server = await asyncio.start_server(floor.serve, "127.0.0.1", 0)
    broker = await start_broker("nats")
    plant = Plant(tmp_path, broker, server.sockets[0].getsockname()[1], coldport_process, eventually)
    plant.floor = floor
    yield plant
    for process in (plant.edge, plant.quiet_edge):
        process.kill()
    server.close()


def expected_stretches(folder: Path, series, judge) -> Counter:
    """Judge every point that a definition watches by its readings alone."""
    site = load_site(folder)
    return Counter(
        stretch
        for definition in load_alarms(folder, site).alarms
        for point in points_of(definition, site)
        for stretch in judge(definition, point.id, series[point.id], HOLD)
    )


async def retained_alarms(bus: MqttBus, expected: dict[str, Alarm], within_s: float = 15.0) -> dict[str, Alarm]:
    """Return what a newcomer hears of the alarms, as soon as it is what is expected, or what it was at the deadline."""
    heard: dict[str, Alarm] = {}
    try:
        async with asyncio.timeout(within_s):
            while heard != expected:
                for message in await bus.receive(1_000):
                    heard[message.topic] = decode(Alarm, message.payload)
                    message.ack()
    except TimeoutError:
        pass
    return heard


async def test_whatever_is_killed_whenever_every_reading_and_every_alarm_is_there_once(
    plant, records, account, judge, eventually
) -> None:
    clock = SystemClock()
    print(f"COLDPORT_SEED={SEED} COLDPORT_KILLS={KILLS}")  # noqa: T201 - to repeat a failure
    tap, filters = Tap(), [topics.OBSERVATIONS.filter(SITE)]
    async with MqttBus(client_id="tap", broker=plant.broker.broker, filters=filters) as bus:
        listening = asyncio.create_task(tap.listen(bus))
        plant.control.start()
        plant.edge.start()
        await eventually(lambda: records.recorded() > 1_000)
        await plant.kill_at_random(random.Random(SEED), clock)
        before = records.recorded()
        await eventually(lambda: records.recorded() > before + 1_000, 30)
        plant.floor.freeze()
        await clock.sleep(CALM_S)
        await plant.drain(records, clock)
        listening.cancel()
        await asyncio.wait([listening])
    spooled = records.spooled()

    await eventually(lambda: records.recorded() == spooled.last)
    await plant.settle(records, clock)
    found = account(records.contents())
    retained = {topics.alarm(SITE, PointId(p), DefinitionId(d)): alarm for (p, d), alarm in found.newest.items()}
    async with MqttBus(client_id="screen", broker=plant.broker.broker, filters=[topics.ALARMS.filter(SITE)]) as screen:
        heard = await retained_alarms(screen, retained)

    repeats = tap.seen.total() - len(tap.seen)
    print(f"{3 * KILLS} kills, {spooled.last} readings, {repeats} seen again on the bus, {len(found.births)} alarms")  # noqa: T201
    [numbers] = found.numbers.values()
    assert numbers == list(range(1, spooled.last + 1))
    assert set(found.births.values()) == {1}
    occurrences, expected = Counter(found.occurrences), expected_stretches(plant.site, found.series, judge)
    missing, invented = expected - occurrences, occurrences - expected
    assert (missing, invented) == (Counter(), Counter())
    assert len(found.births) > KILLS
    assert not any(stretch.definition == "brief" for stretch in found.occurrences)
    assert heard == retained
    assert records.historian()[1] == found.samples
