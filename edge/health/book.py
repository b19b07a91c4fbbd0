"""How well each device is heard: what was read, what was spoiled or not answered, how lately and how loudly.

It is counted by the drivers, and told on the bus every ten seconds of each device of which there is something new.
"""

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.status import Health
from coldport.supervise import for_ever

TELL_EVERY_S = 10.0
"""A technician at the device waits no longer; sixty devices are six small messages a second."""

SHARE_S = 300.0
BUCKET_S = 30.0
"""The error share is that of the last ten buckets of half a minute, the current one included."""

DEVICE_LIMIT = 2_000
"""Devices that are counted; those by radio name themselves, and a neighbour's must not fill the memory."""

log = logging.getLogger("edge.health")


@dataclass(slots=True)
class _Bucket:
    number: int
    frames: int = 0
    errors: int = 0


@dataclass(slots=True)
class Pulse:
    """What is known of one device. Pure: time is an argument."""

    link: LinkId
    frames: int = 0
    errors: int = 0
    last_frame_at: datetime | None = None
    last_error: str | None = None
    rssi_dbm: int | None = None
    battery_percent: float | None = None
    _buckets: deque[_Bucket] = field(default_factory=deque)

    def frame(self, now: datetime, now_s: float) -> None:
        """Count something read."""
        self.frames += 1
        self.last_frame_at = now
        self._bucket(now_s).frames += 1

    def error(self, reason: str, now_s: float) -> None:
        """Count something spoiled, refused or not answered."""
        self.errors += 1
        self.last_error = reason
        self._bucket(now_s).errors += 1

    def error_share(self, now_s: float) -> float:
        """Return the errors of the last five minutes as a part, 0 to 1, of all that was tried in them."""
        self._forget(now_s)
        frames = sum(bucket.frames for bucket in self._buckets)
        errors = sum(bucket.errors for bucket in self._buckets)
        return errors / (frames + errors) if errors else 0.0

    def _bucket(self, now_s: float) -> _Bucket:
        self._forget(now_s)
        number = int(now_s // BUCKET_S)
        if not self._buckets or self._buckets[-1].number != number:
            self._buckets.append(_Bucket(number))
        return self._buckets[-1]

    def _forget(self, now_s: float) -> None:
        oldest = int(now_s // BUCKET_S) - int(SHARE_S // BUCKET_S)
        while self._buckets and self._buckets[0].number <= oldest:
            self._buckets.popleft()


class HealthBook:
    """The pulses of all devices of a gateway. It is the `HealthLog` of every driver."""

    def __init__(self, site: SiteId, gateway: GatewayId, clock: Clock) -> None:
        """Know of no device yet."""
        self._site = site
        self._gateway = gateway
        self._clock = clock
        self._pulses: dict[str, Pulse] = {}
        self._untold: set[str] = set()

    def frame(
        self, link: LinkId, device: str, *, rssi_dbm: int | None = None, battery_percent: float | None = None
    ) -> None:
        """Note that a device was heard, and how loudly."""
        pulse = self._pulse(link, device)
        if pulse is None:
            return
        pulse.frame(self._clock.now(), self._clock.monotonic_s())
        pulse.rssi_dbm = pulse.rssi_dbm if rssi_dbm is None else rssi_dbm
        pulse.battery_percent = pulse.battery_percent if battery_percent is None else battery_percent

    def error(self, link: LinkId, device: str, reason: str) -> None:
        """Note that a device was not heard, or not understood, and why."""
        pulse = self._pulse(link, device)
        if pulse is not None:
            pulse.error(reason, self._clock.monotonic_s())

    async def run(self, bus: Bus) -> None:
        """Tell what is new every ten seconds, for ever."""
        await for_ever("the health of the devices", lambda: self._tell(bus), self._clock)

    async def _tell(self, bus: Bus) -> None:
        await self._clock.sleep(TELL_EVERY_S)
        for device in sorted(self._untold):
            health = self._health(device, self._pulses[device])
            await bus.publish(Outgoing(topics.health(self._site, self._gateway, device), encode(health), retained=True))
            self._untold.discard(device)

    def _health(self, device: str, pulse: Pulse) -> Health:
        return Health(
            gateway=self._gateway,
            link=pulse.link,
            device=device,
            at=self._clock.now(),
            frames=pulse.frames,
            errors=pulse.errors,
            error_share=round(pulse.error_share(self._clock.monotonic_s()), 4),
            last_frame_at=pulse.last_frame_at,
            last_error=pulse.last_error,
            rssi_dbm=pulse.rssi_dbm,
            battery_percent=pulse.battery_percent,
        )

    def _pulse(self, link: LinkId, device: str) -> Pulse | None:
        pulse = self._pulses.get(device)
        if pulse is None:
            if len(self._pulses) >= DEVICE_LIMIT:
                log.debug("%s is not counted: there are %d devices already", device, DEVICE_LIMIT)
                return None
            pulse = self._pulses[device] = Pulse(link)
        self._untold.add(device)
        return pulse
