"""A simulated site in one process: the floor, a line for every device, and a server on every line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coldport.bus import Bus
from coldport.clock import Clock
from coldport.supervise import for_ever
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.floor import Floor, build
from firmware_sim.lines.ends import MachineEnds
from firmware_sim.lines.http_ask import HttpSite
from firmware_sim.lines.line import Ends
from firmware_sim.lines.pty import PtyLine
from firmware_sim.places.ground import dice_of
from firmware_sim.places.street import Street
from firmware_sim.scenario import Scenario

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
    bus: Bus | None = None,
    control: HttpSite | None = None,
    speed: float = 1.0,
    any_ports: bool = False,
) -> AsyncIterator[SimulatedSite]:
    """Run the devices of a scenario on lines of this machine, and clean up behind them.

    Args:
        scenario: What stands on the floor.
        data: The data folder; the serial lines are `data/lines/{name}`.
        clock: The clock.
        bus: Where vendors' gateways send their messages; without one they are lost.
        control: Where parcels are declared; without it none is.
        speed: How many seconds pass on the floor in one real second. The lines keep their own pace.
        any_ports: Take free TCP ports instead of the scenario's.

    Raises:
        UnavailableError: A TCP port is in use.
        RefusedError: A serial line's name is taken by something else.
    """
    floor = build(scenario, scenario.seed)
    ends = MachineEnds(data, any_ports=any_ports)
    async with served(floor, ends, clock, bus=bus, control=control, speed=speed) as work:
        yield SimulatedSite(floor, ends.lines, ends.ports, work)


@asynccontextmanager
async def served(
    floor: Floor,
    ends: Ends,
    clock: Clock,
    *,
    bus: Bus | None = None,
    control: HttpSite | None = None,
    speed: float = 1.0,
) -> AsyncIterator[tuple[asyncio.Task[None], ...]]:
    """Let the floor live, and serve its devices on lines that `ends` make; yield the tasks that do it."""
    floor.run_until(0.0)  # every signal has a value before anybody can ask for it
    dice = partial(dice_of, floor.seed)
    now, offices = clock.now(), floor.offices
    street = Street(floor.world, floor.devices, dice, floor.faults, clock, now, ends, offices, control)
    for _, place in floor.scenario.places():
        place.serve(street)
    if bus is not None:
        street.work.append(lambda: for_ever("vendor messages", partial(street.post.deliver, bus), clock))
    tasks: list[asyncio.Task[None]] = []
    try:
        await ends.open()
        floor.faults.watch(partial(_pull, ends))
        street.work.append(lambda: _live(floor, clock, speed))
        tasks += [asyncio.create_task(work()) for work in street.work]
        yield tuple(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await ends.close()


async def _live(floor: Floor, clock: Clock, speed: float) -> None:
    """Let the floor's time follow the clock's."""
    start_s = clock.monotonic_s()
    while True:
        now_s = (clock.monotonic_s() - start_s) * speed
        floor.run_until(now_s)
        await clock.sleep(min(LONGEST_STEP_S, max(0.001, (floor.next_s() - now_s) / speed)))


def _pull(ends: Ends, fault: Fault, active: bool) -> None:  # noqa: FBT001 - a Watcher
    if fault.kind is FaultKind.UNPLUGGED:
        ends.plug(fault.target, wanted=not active)
