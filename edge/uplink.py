"""Spool to control: batches go out, receipts come back, and only what a receipt covers is forgotten.

The broker's own acknowledgement deletes nothing: a broker that is killed may lose what it has acknowledged. After a
restart everything still held is sent again from the start; control drops what it has.
"""

import asyncio
import logging
from collections.abc import Sequence

from coldport import topics
from coldport.bus import Bus, Outgoing, Received
from coldport.clock import Clock
from coldport.codec import MalformedMessageError, decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import BATCH_LIMIT, Batch, Observation, Receipt
from coldport.supervise import for_ever
from edge.ports import Spool
from edge.window import Window

RESEND_LOOK_S = 1.0
"""How often batches in flight are looked at for one that is overdue."""

RECEIPTS_AT_ONCE = 100

log = logging.getLogger("edge.uplink")


class Uplink:
    """Forwards one spool. Run one for each spool."""

    def __init__(self, site: SiteId, gateway: GatewayId, spool: Spool, bus: Bus, clock: Clock) -> None:
        """Forward `spool` as `gateway`; `bus` must listen to `coldport.topics.receipts` of it."""
        self._topic = topics.observations(site, gateway)
        self._receipts = topics.receipts(site, gateway)
        self._gateway = gateway
        self._spool = spool
        self._bus = bus
        self._clock = clock
        self._window = Window()
        self._room = asyncio.Event()
        self._sent = 0

    async def run(self) -> None:
        """Send, listen and repeat for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(for_ever("the uplink", self.send_next, self._clock))
            tasks.create_task(for_ever("the uplink's repeats", self.resend, self._clock))
            tasks.create_task(for_ever("the uplink's receipts", self.hear, self._clock))

    async def send_next(self) -> None:
        """Send the next batch, waiting for room in the window and for something to send."""
        while not self._window.has_room:
            self._room.clear()
            await self._room.wait()
        observations = await self._spool.after(self._sent, BATCH_LIMIT)
        await self._publish(observations)
        self._sent = observations[-1].seq
        self._window.sent(observations[0].seq, self._sent, self._clock.monotonic_s())

    async def resend(self) -> None:
        """Send again what is overdue, then wait a little."""
        while (flight := self._window.overdue(self._clock.monotonic_s())) is not None:
            observations = await self._spool.between(flight.first, flight.last)
            if observations:
                await self._publish(observations)
                self._window.resent(flight, self._clock.monotonic_s())
            else:
                self._window.gone(flight)
                self._room.set()
        await self._clock.sleep(RESEND_LOOK_S)

    async def hear(self) -> None:
        """Take the receipts that have arrived."""
        for received in await self._bus.receive(RECEIPTS_AT_ONCE):
            await self._take(received)
            received.ack()

    async def _publish(self, observations: Sequence[Observation]) -> None:
        batch = Batch(gateway=self._gateway, boot_id=self._spool.boot_id, observations=tuple(observations))
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
        self._window.confirmed(receipt.first_seq, receipt.last_seq, self._clock.monotonic_s())
        self._room.set()
