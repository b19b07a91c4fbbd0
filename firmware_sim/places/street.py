"""Where the devices of a floor are served: serial lines, TCP ports, and messages for an MQTT broker."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from firmware_sim.customs.office import Office
from firmware_sim.devices.device import Device, Dice
from firmware_sim.distortion import Distortion
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.lines.http_ask import HttpSite
from firmware_sim.lines.line import Address, Ends, Line
from firmware_sim.servers.core import Core
from firmware_sim.servers.serving import Pace, Serving
from firmware_sim.world import World

WAITING_LIMIT = 1000
"""Messages that wait for the broker; the oldest are lost first, as in a vendor's gateway. An hour of the example."""

Work = Callable[[], Coroutine[None, None, None]]
AnyDevice = TypeVar("AnyDevice")
AnyCore = TypeVar("AnyCore", bound=Core)


class Post:
    """Messages that vendors' gateways send, waiting for the broker."""

    def __init__(self) -> None:
        """Hold none."""
        self._waiting: deque[Outgoing] = deque(maxlen=WAITING_LIMIT)
        self._arrived = asyncio.Event()

    def put(self, message: Outgoing) -> None:
        """Hold a message."""
        self._waiting.append(message)
        self._arrived.set()

    async def deliver(self, bus: Bus) -> None:
        """Hand messages to the broker in their order, for ever.

        Raises:
            UnavailableError: The broker is away; what waits still waits.
        """
        while True:
            while self._waiting:
                message = self._waiting[0]
                await bus.publish(message)
                if self._waiting and self._waiting[0] is message:
                    self._waiting.popleft()
            self._arrived.clear()
            await self._arrived.wait()


@dataclass(frozen=True, slots=True)
class Street:
    """What a place is served with. `epoch` is the moment at which the simulation began, by the clock.

    `dice` are those of a name, as they are on the ground; what a device has already is not for its server.
    `work` runs while the site does. What `post` holds is sent when the site has a bus. `offices` are those of customs.
    `control` is where the site is told of parcels; None: nobody tells it.
    """

    world: World
    devices: Mapping[str, Device]
    dice: Callable[[str], Dice]
    faults: Faults
    clock: Clock
    epoch: datetime
    ends: Ends
    offices: dict[str, Office] = field(default_factory=dict)
    control: HttpSite | None = None
    work: list[Work] = field(default_factory=list)
    post: Post = field(default_factory=Post)

    def device(self, name: str, kind: type[AnyDevice]) -> AnyDevice:
        """Return a device that was put on the ground, for a server that asks it directly."""
        device = self.devices[name]
        if not isinstance(device, kind):
            raise TypeError(f"{name} is not a {kind.__name__}")
        return device

    def measured(self, signal: str, target: str, unit: int | None = None) -> Callable[[], float]:
        """Return the way to ask for a number of the world as a target, or a unit on it, measures it."""
        world, distortion = self.world, Distortion(self.faults, target, unit)
        return lambda: distortion.number(signal, partial(world.number, signal), world.now_s)

    def told(self, signal: str, target: str, unit: int | None = None) -> Callable[[], float]:
        """Return the way to ask for what is switched and not measured: it can be stuck and nothing else."""
        world, distortion = self.world, Distortion(self.faults, target, unit)
        return lambda: distortion.held(signal, partial(world.number, signal))

    def now(self, target: str) -> datetime:
        """Return what a device's clock says: it goes as fast as the world does."""
        return self.epoch_of(target) + timedelta(seconds=self.world.now_s)

    def epoch_of(self, target: str) -> datetime:
        """Return when the simulation began by a device's clock, as it goes now."""
        return self.epoch + timedelta(seconds=self.faults.step_s(target))

    def serial(self, name: str, core: Core, pace: Pace) -> None:
        """Serve a core on a serial line that has the name of the device, for ever."""
        self.work.append(self._serving(name, self.ends.serial(name), core, pace).run)

    def tcp(
        self,
        name: str,
        address: Address,
        connect: Callable[[], AnyCore],
        hang_up: Callable[[AnyCore], None] | None = None,
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        """Serve a core of its own to each client at an address; `hang_up` is told when it is gone."""

        async def serve(line: Line) -> None:
            core = connect()
            try:
                await self._serving(name, line, core, pace).run()
            finally:
                if hang_up is not None:
                    hang_up(core)

        self.ends.listen(name, address, serve)

    def publish(self, sender: str, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Send a message of a device on a vendor's own topic."""
        for _ in range(2 if self.faults.find(FaultKind.DUPLICATE, sender) else 1):
            self.post.put(Outgoing(topic, payload, retained))

    def _serving(self, name: str, line: Line, core: Core, pace: Pace) -> Serving:
        return Serving(name, line, core, clock=self.clock, pace=pace, faults=self.faults)
