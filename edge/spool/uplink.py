"""Spool to control: batches go out, receipts come back, and only what a receipt covers is forgotten.

The broker's own acknowledgement deletes nothing: a broker that is killed may lose what it has acknowledged. After a
restart everything still held is sent again from the start; control drops what it has.

What is new goes first. A short outage is caught up in order. After a long one what waited becomes the backlog: it goes
in a lane of its own, beside what is new and slower than the line allows, and control takes it as late.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from coldport import topics
from coldport.bus import Bus, Outgoing, Received
from coldport.clock import Clock
from coldport.codec import MalformedMessageError, decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import BATCH_LIMIT, Batch, Observation, Receipt
from coldport.supervise import for_ever
from edge.ports import Spool
from edge.spool.window import Flight, Window

RESEND_LOOK_S = 1.0
"""How often batches in flight are looked at for one that is overdue."""

CONNECT_LOOK_S = 0.5
"""How often a broker that is away is looked for: what is new is to be there within a second of its return."""

RECEIPTS_AT_ONCE = 100

BACKLOG_PER_S = 10_000
"""Observations of the backlog a second: 72 h of 100 points in 45 min, at half of what control takes in."""

JUMP_BEHIND = 20_000
"""Unsent observations above which what is new no longer waits for what is old: what drains in two seconds."""

log = logging.getLogger("edge.uplink")

RoundTrip = Callable[[float, datetime], None]
"""Told of a batch sent once: when, in monotonic seconds, and control's clock when it was recorded."""


def _untold(_sent_s: float, _recorded_at: datetime) -> None:
    """Tell nobody of a round trip."""


class Uplink:
    """Forwards one spool. Run one for each spool."""

    def __init__(
        self,
        site: SiteId,
        gateway: GatewayId,
        spool: Spool,
        bus: Bus,
        clock: Clock,
        on_round_trip: RoundTrip = _untold,
        jump_behind: int = JUMP_BEHIND,
    ) -> None:
        """Forward `spool` as `gateway`; `bus` must listen to `coldport.topics.receipts` of it."""
        self._topic = topics.observations(site, gateway)
        self._receipts = topics.receipts(site, gateway)
        self._gateway = gateway
        self._spool = spool
        self._bus = bus
        self._clock = clock
        self._on_round_trip = on_round_trip
        self._jump_behind = jump_behind
        self._live = Window()
        self._sent = 0
        self._follows = 0
        self._backlog = Window()
        self._backlog_sent = 0
        self._backlog_until = 0
        self._backlog_due_s = 0.0
        self._moved = asyncio.Event()
        self._was_away = False
        self._control: str | None = None

    async def run(self) -> None:
        """Send, listen and repeat for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(for_ever("the uplink", self.send_next, self._clock))
            tasks.create_task(for_ever("the uplink's backlog", self.send_backlog, self._clock))
            tasks.create_task(for_ever("the uplink's repeats", self.resend, self._clock))
            tasks.create_task(for_ever("the uplink's receipts", self.hear, self._clock))

    def control_is_there(self, session: str) -> None:
        """Take in a birth of control: to a new session all that was in flight is sent again at the next look."""
        if session != self._control:
            self._control = session
            for window in (self._live, self._backlog):
                window.control_began(self._clock.monotonic_s())

    async def send_next(self) -> None:
        """Send what is new, waiting for room in the window and for something to send; or find it too far behind."""
        await self._until(lambda: self._live.has_room)
        observations = await self._spool.after(self._sent, BATCH_LIMIT)
        await self._connected()
        if min(self._spool.last - self._sent, self._spool.held) > self._jump_behind:
            self._jump()
            return
        first, last = observations[0].seq, observations[-1].seq
        await self._publish(observations, follows=self._follows)
        self._live.sent(Flight(first, last, self._follows, self._clock.monotonic_s()))
        self._sent = self._follows = last

    async def send_backlog(self) -> None:
        """Send the next of the backlog when there is one, at its pace."""
        await self._until(lambda: self._backlog_sent < self._backlog_until and self._backlog.has_room)
        await self._clock.sleep(self._backlog_due_s - self._clock.monotonic_s())
        found = await self._spool.after(self._backlog_sent, BATCH_LIMIT)
        observations = [observation for observation in found if observation.seq <= self._backlog_until]
        if not observations:
            log.info("the backlog is through")
            self._backlog_sent = self._backlog_until
            return
        await self._connected()
        await self._publish(observations, backlog=True)
        first, last, now_s = observations[0].seq, observations[-1].seq, self._clock.monotonic_s()
        self._backlog.sent(Flight(first, last, first - 1, now_s))
        self._backlog_sent = last
        self._backlog_due_s = now_s + len(observations) / BACKLOG_PER_S

    async def resend(self) -> None:
        """Send again what is overdue in either lane, then wait a little."""
        if not self._bus.connected:
            self._was_away = True
        elif self._was_away:
            self._was_away = False
            self._live.reconnected()
            self._backlog.reconnected()
        for window in (self._live, self._backlog):
            while self._bus.connected and (flight := window.overdue(self._clock.monotonic_s())) is not None:
                await self._resend(window, flight)
        await self._clock.sleep(RESEND_LOOK_S)

    async def hear(self) -> None:
        """Take the receipts that have arrived."""
        for received in await self._bus.receive(RECEIPTS_AT_ONCE):
            await self._take(received)
            received.ack()

    def _jump(self) -> None:
        """Make all that is held the backlog; what is spooled from now on is new, and waits for none of it."""
        log.info("%d observations are held: what is new goes first", self._spool.held)
        self._live.clear()
        self._sent = self._backlog_until = self._spool.last
        self._follows = 0
        self._moved.set()

    async def _resend(self, window: Window, flight: Flight) -> None:
        observations = await self._spool.between(flight.first, flight.last)
        if observations:
            await self._publish(observations, follows=flight.follows, backlog=window is self._backlog)
            window.resent(flight, self._clock.monotonic_s())
        else:
            window.gone(flight)
            self._moved.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._moved.clear()
            await self._moved.wait()

    async def _connected(self) -> None:
        while not self._bus.connected:
            await self._clock.sleep(CONNECT_LOOK_S)

    async def _publish(self, observations: Sequence[Observation], *, follows: int = 0, backlog: bool = False) -> None:
        batch = Batch(
            gateway=self._gateway,
            boot_id=self._spool.boot_id,
            observations=tuple(observations),
            follows=None if backlog or follows == observations[0].seq - 1 else follows,
            backlog=backlog,
        )
        await self._bus.publish(Outgoing(self._topic, encode(batch)))

    async def _take(self, received: Received) -> None:
        if received.topic != self._receipts:
            return
        try:
            receipt = decode(Receipt, received.payload)
        except MalformedMessageError as error:
            log.warning("a receipt cannot be read: %s", error)
            return
        # A receipt for the numbering of an earlier spool must not delete the same numbers of this one.
        if receipt.gateway != self._gateway or receipt.boot_id != self._spool.boot_id:
            return
        await self._spool.forget(receipt.first_seq, receipt.last_seq)
        now_s = self._clock.monotonic_s()
        covered = [
            flight
            for window in (self._live, self._backlog)
            for flight in window.confirmed(receipt.first_seq, receipt.last_seq, now_s)
        ]
        once = [flight.sent_s for flight in covered if not flight.repeated]
        if once:
            # The newest: control cannot have recorded them all before it had that one.
            self._on_round_trip(max(once), receipt.recorded_at)
        self._moved.set()
