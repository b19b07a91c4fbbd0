"""A simulated site in one process: the floor, a line for every device, and a server on every line."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coldport.clock import Clock
from firmware_sim.devices.device import TagRead, Value
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.floor import Floor, build
from firmware_sim.lines.pty import PtyLine
from firmware_sim.lines.tcp import Serve, TcpLine, TcpPort
from firmware_sim.scenario import ContactModule, Dialect, Lane, ProbeLine, Scenario
from firmware_sim.servers.core import Core
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modbus_rtu import RtuSlaves
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.profiles import contacts, transmitter
from firmware_sim.servers.serving import Pace, Serving
from firmware_sim.servers.sics import SicsTerminal
from firmware_sim.servers.toledo import ToledoContinuous

THINK_S = 0.008
"""What a transmitter takes before it answers; manuals promise less than 50 ms."""

LONGEST_STEP_S = 0.1
"""Real seconds between two looks at the floor at most, so that doors opened and faults begun by hand take effect."""


@dataclass(frozen=True, slots=True)
class SimulatedSite:
    """A site that runs. Doors and faults can be worked while it does; it works its own timeline besides.

    `lines` are the serial lines by their names, `ports` the TCP ports by theirs (those really in use). `work` ends
    only by failing.
    """

    floor: Floor
    lines: dict[str, PtyLine]
    ports: dict[str, int]
    work: tuple[asyncio.Task[None], ...]

    @property
    def faults(self) -> Faults:
        """Return what is broken; `begin` and `end` faults here."""
        return self.floor.faults

    def open_door(self, door: str, *, wanted: bool) -> None:
        """Open a door, or close it."""
        self.floor.open_door(door, wanted=wanted)


@asynccontextmanager
async def running(
    scenario: Scenario,
    data: Path,
    clock: Clock,
    *,
    seed: int | None = None,
    speed: float = 1.0,
    any_ports: bool = False,
) -> AsyncIterator[SimulatedSite]:
    """Run the devices of a scenario, and clean up behind them.

    Args:
        scenario: What stands on the floor.
        data: The data folder; the serial lines are `data/lines/{name}`.
        clock: The clock.
        seed: Instead of the scenario's own.
        speed: How many seconds pass on the floor in one real second. The lines keep their own pace.
        any_ports: Take free TCP ports instead of the scenario's.

    Raises:
        UnavailableError: A TCP port is in use.
        RefusedError: A serial line's name is taken by something else.
    """
    floor = build(scenario, scenario.seed if seed is None else seed)
    floor.run_until(0.0)  # every signal has a value before anybody can ask for it
    builder = _Builder(floor, data, clock, any_ports=any_ports)
    async with AsyncExitStack() as stack:
        for port in builder.ports.values():
            stack.push_async_callback(port.close)
            await port.open()
        for line in builder.lines.values():
            stack.callback(line.unplug)
            line.plug()
        floor.faults.watch(lambda fault, active: _pull(builder.lines, fault, active=active))
        tasks = [asyncio.create_task(work) for work in (*builder.work(), _live(floor, clock, speed))]
        stack.push_async_callback(_end, tasks)
        ports = {name: port.port for name, port in builder.ports.items()}
        yield SimulatedSite(floor, builder.lines, ports, tuple(tasks))


async def _live(floor: Floor, clock: Clock, speed: float) -> None:
    """Let the floor's time follow the clock's."""
    start_s = clock.monotonic_s()
    while True:
        now_s = (clock.monotonic_s() - start_s) * speed
        floor.run_until(now_s)
        await clock.sleep(min(LONGEST_STEP_S, max(0.001, (floor.next_s() - now_s) / speed)))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _pull(lines: dict[str, PtyLine], fault: Fault, *, active: bool) -> None:
    if fault.kind is FaultKind.UNPLUGGED and fault.target in lines:
        if active:
            lines[fault.target].unplug()
        else:
            lines[fault.target].plug()


class _Builder:
    """Makes the lines, the ports and the work of all servers of a floor."""

    def __init__(self, floor: Floor, data: Path, clock: Clock, *, any_ports: bool) -> None:
        self._floor = floor
        self._data = data
        self._clock = clock
        self._any_ports = any_ports
        self._epoch_us = round(clock.now().timestamp() * 1e6)
        self.lines: dict[str, PtyLine] = {}
        self.ports: dict[str, TcpPort] = {}
        self._servings: list[Serving] = []
        for line in floor.scenario.probe_lines:
            self._probes(line)
        for module in floor.scenario.contact_modules:
            self._contacts(module)
        for lane in floor.scenario.lanes:
            self._scale(lane)
            self._gate(lane)

    def work(self) -> Iterator[Coroutine[None, None, None]]:
        return (serving.run() for serving in self._servings)

    def _serial(self, name: str, core: Core, pace: Pace) -> None:
        line = self.lines[name] = PtyLine(self._data / "lines" / name)
        self._servings.append(self._serving(name, line, core, pace))

    def _serving(self, name: str, line: PtyLine | TcpLine, core: Core, pace: Pace) -> Serving:
        return Serving(name, line, core, clock=self._clock, pace=pace, faults=self._floor.faults)

    def _tcp(self, name: str, host: str, port: int, serve: Serve) -> None:
        self.ports[name] = TcpPort(host, 0 if self._any_ports else port, serve)

    def _probes(self, line: ProbeLine) -> None:
        world = self._floor.world
        units = {
            probe.unit: transmitter(
                line.model,
                probe.unit,
                line.baud,
                temperature_c=partial(world.number, f"{probe.id}.temperature_c"),
                humidity_percent=partial(world.number, f"{probe.id}.humidity_percent"),
            )
            for probe in line.probes
        }
        core = RtuSlaves(Slaves(line.id, units, self._floor.faults))
        self._serial(line.id, core, Pace.of_baud(line.baud, THINK_S))

    def _contacts(self, module: ContactModule) -> None:
        asks = [partial(self._floor.world.number, f"{door}.contact") for door in module.doors]
        slaves = Slaves(module.id, {module.unit: contacts(asks)}, self._floor.faults)

        async def serve(line: TcpLine) -> None:
            await self._serving(module.id, line, TcpSlaves(slaves), Pace()).run()

        self._tcp(module.id, module.host, module.port, serve)

    def _scale(self, lane: Lane) -> None:
        name, scale, faults = lane.scale.id, self._floor.scales[lane.scale.id], self._floor.faults
        core: Core
        if lane.scale.dialect is Dialect.MT_SICS:
            core = SicsTerminal(name, name.upper(), scale, faults)
        else:
            core = ToledoContinuous(name, scale, faults)
        self._serial(name, core, Pace.of_baud(lane.scale.baud))

    def _gate(self, lane: Lane) -> None:
        world, gate = self._floor.world, lane.gate
        reader = LlrpReader(
            gate.id,
            len(gate.antennas.positions_m),
            self._floor.faults,
            epoch_us=self._epoch_us,
            simulated_s=lambda: world.now_s,
        )

        def on_reads(now_s: float, value: Value) -> None:
            del now_s  # the reader's timers run on the real clock
            reads = [read for read in value if isinstance(read, TagRead)] if isinstance(value, tuple) else []
            reader.reads(reads, self._clock.monotonic_s())

        async def serve(line: TcpLine) -> None:
            session = reader.connect()
            try:
                await self._serving(gate.id, line, session, Pace()).run()
            finally:
                reader.disconnect(session)

        world.watch(f"{gate.id}.reads", on_reads)
        self._tcp(gate.id, gate.host, gate.port, serve)
