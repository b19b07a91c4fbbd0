"""Devices by radio that speak when they like, through the broker of whoever carries them.

What a dialect makes of a message becomes readings here. A device that has been silent for two and a half of its periods
is not there: its points are bad from then on, one reading a period, until it is heard again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from coldport.bus import Bus, Received
from coldport.ids import LinkId
from coldport.messages.observation import Quality, Reading
from edge.drivers.radio.devices import RadioDevice
from edge.observe import bad_reading, reading
from edge.points import Measured
from edge.ports import Outlet
from edge.protocols.framing import FrameError, Tally
from edge.protocols.uplink import Sent

MISSED_PERIODS = 2.5
"""One uplink in ten is lost on air as a rule; two in a row that are not heard are worth a look."""

LOOK_EVERY_S = 1.0
RECEIVE_LIMIT = 64

AHEAD = timedelta(seconds=60)
OLDEST = timedelta(days=60)
"""A time further ahead than `AHEAD` or older than this is a wrong clock's; an LHT65N keeps 44 days."""

PAST_LIMIT = 4_096
"""Records of a device's memory that are known, so that one sent twice is told once: an LHT65N keeps 3,200."""

STRANGER_LIMIT = 64
"""Devices of nobody that are named in the log, once each."""

NO_ANSWER = "no-answer"
BACKFILLED = "backfilled"
"""Reason of a good reading that comes late, out of a device's memory or after an outage, with the time it was taken."""

DEVICE_CLOCK = "device-clock"
"""Reason of an uncertain reading whose time cannot be right: it has the time at which it came."""

log = logging.getLogger("edge.uplinks")


@dataclass(frozen=True, slots=True)
class Heard:
    """A device said something, at a time by its carrier's clock if that is known; `lost` uplinks before it were not."""

    address: str
    sent: Sent
    at: datetime | None = None
    rssi_dbm: int | None = None
    battery_percent: float | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong with a device; when it is `gone`, nothing is to be expected of it until it is heard again."""

    address: str
    reason: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """The carrier itself is there, or why it is not."""

    reason: str | None


class Dialect(Protocol):
    """What a carrier's messages mean. It remembers what it needs to know a repeat."""

    @property
    def filters(self) -> Sequence[str]:
        """The topics to listen to."""
        ...

    def hear(self, message: Received) -> Heard | Trouble | Carrier | None:
        """Return what a message says, None if that is nothing new.

        Raises:
            FrameError: It cannot be read.
        """
        ...


@dataclass(slots=True)
class _Ear:
    """What is known of one device."""

    device: RadioDevice
    missed_at_s: float
    reason: str = NO_ANSWER
    past: dict[int, None] = field(default_factory=dict)


class Uplinks:
    """One line of devices by radio. It is the `Source` of its points."""

    def __init__(
        self,
        name: LinkId,
        devices: Iterable[RadioDevice],
        dialect: Dialect,
        connect: Callable[[Sequence[str]], AbstractAsyncContextManager[Bus]],
        outlet: Outlet,
    ) -> None:
        """Hear `devices` through the broker to which `connect` makes a connection that listens to some filters."""
        self.name = name
        self.tally = Tally()
        self._dialect = dialect
        self._connect = connect
        self._outlet = outlet
        self._clock = outlet.clock
        now_s = outlet.clock.monotonic_s()
        self._ears = {one.address: _Ear(one, now_s + MISSED_PERIODS * one.every_s) for one in devices}
        self._carrier: str | None = None
        self._strangers: set[str] = set()

    async def run(self) -> None:
        """Listen for ever; when cancelled, leave the broker."""
        async with self._connect(self._dialect.filters) as bus, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(bus))
            tasks.create_task(self._watch(bus))

    async def _listen(self, bus: Bus) -> None:
        while True:
            for message in await bus.receive(RECEIVE_LIMIT):
                await self._take(message)
                message.ack()

    async def _watch(self, bus: Bus) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY_S)  # before the first look: connecting takes its time
            if not bus.connected:
                self._outlet.board.down(self.name, "unreachable")
            elif self._carrier is not None:
                self._outlet.board.down(self.name, self._carrier)
            else:
                self._outlet.board.up(self.name)
            for ear in self._ears.values():
                if ear.missed_at_s <= self._clock.monotonic_s():
                    await self._miss(ear)

    async def _take(self, message: Received) -> None:
        try:
            said = self._dialect.hear(message)
        except FrameError as error:
            if error.reason not in self.tally.samples:
                log.warning("%s: a message on %s cannot be read: %s", self.name, message.topic[:120], error)
            self.tally.spoil(error.reason, message.payload)
            return
        if isinstance(said, Carrier):
            self._carrier = said.reason
        elif said is not None:
            ear = self._ears.get(said.address)
            if ear is None:
                self._note_stranger(said.address)
            elif isinstance(said, Trouble):
                await self._note_trouble(ear, said)
            else:
                await self._note_heard(ear, said)

    async def _note_heard(self, ear: _Ear, heard: Heard) -> None:
        device, now = ear.device, self._clock.now()
        at = heard.at if heard.at is not None and _plausible(heard.at, now) else None
        age_s = max(0.0, (now - at).total_seconds()) if at is not None else 0.0
        ear.missed_at_s = self._clock.monotonic_s() + MISSED_PERIODS * device.every_s - age_s
        ear.reason = NO_ANSWER
        is_late = age_s > MISSED_PERIODS * device.every_s
        if not is_late:
            self._outlet.board.up(self.name, device.id)
        battery = heard.battery_percent if heard.battery_percent is not None else heard.sent.values.get("battery")
        self._outlet.health.frame(self.name, device.id, rssi_dbm=heard.rssi_dbm, battery_percent=battery)
        for reason in ["uplink-lost"] * min(heard.lost, 100) + ["unknown-channel"] * bool(heard.sent.unread):
            self._outlet.health.error(self.name, device.id, reason)
        readings = [
            reading(
                device.values[name][0], at or now, _dated(measured, is_late=is_late, clock_is_wrong=at is not heard.at)
            )
            for name, told in heard.sent.values.items()
            if name in device.values and (measured := device.values[name][1].measure(told))
        ]
        await self._outlet.sink.record([*self._history(ear, heard.sent, now), *readings])

    def _history(self, ear: _Ear, sent: Sent, now: datetime) -> list[Reading]:
        """Return what a device took down while it was not heard, without what it has told before."""
        found = []
        for past in sent.history:
            at = datetime.fromtimestamp(past.epoch_s, UTC)
            if not _plausible(at, now):
                self._outlet.health.error(self.name, ear.device.id, DEVICE_CLOCK)
                continue
            if past.epoch_s in ear.past:
                continue
            ear.past[past.epoch_s] = None
            while len(ear.past) > PAST_LIMIT:
                del ear.past[next(iter(ear.past))]
            for name, told in past.values.items():
                if name in ear.device.values:
                    point, value = ear.device.values[name]
                    found.append(reading(point, at, _dated(value.measure(told), is_late=True, clock_is_wrong=False)))
        return found

    async def _note_trouble(self, ear: _Ear, trouble: Trouble) -> None:
        self._outlet.health.error(self.name, ear.device.id, trouble.reason)
        if trouble.gone and ear.reason != trouble.reason:
            ear.reason = trouble.reason
            await self._miss(ear)

    async def _miss(self, ear: _Ear) -> None:
        """Tell that nothing is known of a device, and again in a period."""
        if ear.reason == NO_ANSWER:
            self._outlet.health.error(self.name, ear.device.id, NO_ANSWER)
        self._outlet.board.down(self.name, ear.reason, ear.device.id)
        ear.missed_at_s = self._clock.monotonic_s() + ear.device.every_s
        now = self._clock.now()
        await self._outlet.sink.record([bad_reading(point, now, ear.reason) for point, _ in ear.device.values.values()])

    def _note_stranger(self, address: str) -> None:
        if address not in self._strangers and len(self._strangers) < STRANGER_LIMIT:
            self._strangers.add(address)
            log.info("%s: edge.toml has no device %r", self.name, address[:120])


def _plausible(at: datetime, now: datetime) -> bool:
    return now - OLDEST <= at <= now + AHEAD


def _dated(measured: Measured, *, is_late: bool, clock_is_wrong: bool) -> Measured:
    """Return a good value with what is to be said of its time."""
    if measured.quality is not Quality.GOOD:
        return measured
    if clock_is_wrong:
        return replace(measured, quality=Quality.UNCERTAIN, reason=DEVICE_CLOCK)
    return replace(measured, reason=BACKFILLED) if is_late else measured
