"""Bus to service: take what waits, decode, put in order, commit as a group, confirm to the gateways, acknowledge.

Whatever comes while a group is being committed and confirmed waits, and is the next group: the fuller the bus, the
larger the groups, without a timer.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from coldport import topics
from coldport.bus import Bus, Outgoing, Received
from coldport.clock import Clock
from coldport.codec import decode, encode
from coldport.errors import MalformedError
from coldport.ids import GatewayId, SiteId
from coldport.messages.command import Command, CommandReply
from coldport.messages.observation import Batch, Receipt
from coldport.messages.status import Health, LinkStatus, Presence
from control.entries import Commanded, Replied
from control.order import Arrival, Order
from control.service import Service

RECEIVE_LIMIT = 2_000
"""Messages taken from the bus at once."""

GROUP_LIMIT = 4_000
"""Observations after which a group is closed: about 20 ms in which the event loop does nothing else."""

REASON_LIMIT = 100
"""Reasons of refusal that are told apart; later ones count as `other`."""

SAMPLE_LIMIT = 2_048
"""Bytes kept of the sample of a refused payload."""

log = logging.getLogger("control.intake")


@dataclass(slots=True)
class Refusal:
    """Messages refused for one reason: how many, and the first of them."""

    topic: str
    sample: bytes
    count: int = 0


Content = Batch | Commanded | Replied
"""What of a message belongs into the journal."""


@dataclass(slots=True)
class _Group:
    """Messages whose commit is one, and what is to be committed of them."""

    messages: list[Received] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    orders: list[Commanded | Replied] = field(default_factory=list)
    observations: int = 0


class Intake:
    """Takes in what gateways and processes of one site send. `refusals` counts by reason what could not be read."""

    def __init__(self, site: SiteId, bus: Bus, service: Service, clock: Clock) -> None:
        """Take from `bus`, which must be subscribed to `filters(site)`, for `service`."""
        self._site = site
        self._bus = bus
        self._service = service
        self._clock = clock
        self._order = Order()
        self._arrived: list[tuple[Received, Content | None]] = []
        self._groups: list[_Group] = []
        self._takers: Mapping[str, Callable[[Received], Content | None]] = {
            "observations": self._batch,
            "links": self._link,
            "presence": self._presence,
            "health": self._health,
            "commands": lambda message: Commanded(command=decode(Command, message.payload)),
            "replies": lambda message: Replied(reply=decode(CommandReply, message.payload)),
        }
        self.refusals: dict[str, Refusal] = {}

    async def work(self) -> None:
        """Take in what has arrived; waits when there is nothing.

        Raises:
            UnavailableError: The journal or the broker is away. What was received is kept and taken first next time.
        """
        if not self._groups:
            if not self._arrived:
                received = await self._bus.receive(RECEIVE_LIMIT)
                self._arrived = [(message, self._read(message)) for message in received]
            self._groups = list(self._grouped())
            self._arrived = []
        while self._groups:
            group = self._groups[0]
            receipts = self._service.take(group.batches, group.orders) if group.batches or group.orders else []
            del self._groups[0]
            for message in group.messages:
                message.ack()
            # A receipt that is lost here is no loss: the gateway sends again, and a repeat is confirmed like a first.
            await asyncio.gather(*(self._confirm(receipt) for receipt in receipts))

    async def _confirm(self, receipt: Receipt) -> None:
        topic = topics.receipts(self._site, GatewayId(receipt.gateway))
        await self._bus.publish(Outgoing(topic, encode(receipt)))

    def _grouped(self) -> Iterator[_Group]:
        """Cut what has arrived, and what has waited for its turn until now, into groups."""
        arrivals = [Arrival(message, batch) for message, batch in self._arrived if isinstance(batch, Batch)]
        # Every earlier group is in the journal by now, so the service knows what comes next of each spool.
        passed = self._order.pass_on(arrivals, self._service.highest, self._clock.monotonic_s())
        others = [(message, content) for message, content in self._arrived if not isinstance(content, Batch)]
        group = _Group(
            messages=[message for message, _ in others],
            orders=[content for _, content in others if content is not None],
        )
        for arrival in passed:
            group.messages.append(arrival.message)
            group.batches.append(arrival.batch)
            group.observations += len(arrival.batch.observations)
            if group.observations >= GROUP_LIMIT:
                yield group
                group = _Group()
        if group.messages:
            yield group

    def _read(self, message: Received) -> Content | None:
        """Return what of a message is to be journaled, or take a status in; the unreadable is counted and done with."""
        parts = message.topic.removeprefix(f"{topics.ROOT}/{self._site}/").split("/")
        if not message.payload and message.retained:
            return None
        try:
            return self._takers.get(parts[0], _refuse_topic)(message)
        except MalformedError as error:
            self._refuse(parts[0], message, error)
            return None

    def _batch(self, message: Received) -> Batch:
        batch = decode(Batch, message.payload)
        if message.topic != topics.observations(SiteId(self._site), GatewayId(batch.gateway)):
            raise MalformedError("a batch of another gateway than its topic names")
        return batch

    def _link(self, message: Received) -> None:
        self._service.link(decode(LinkStatus, message.payload))

    def _presence(self, message: Received) -> None:
        self._service.presence(decode(Presence, message.payload))

    def _health(self, message: Received) -> None:
        self._service.health(decode(Health, message.payload))

    def _refuse(self, kind: str, message: Received, error: MalformedError) -> None:
        reason = f"{kind}: {error}"
        if reason not in self.refusals and len(self.refusals) >= REASON_LIMIT:
            reason = "other"
        refusal = self.refusals.get(reason)
        if refusal is None:
            refusal = self.refusals[reason] = Refusal(message.topic, message.payload[:SAMPLE_LIMIT])
            log.warning("refused on %s: %s", message.topic, error, extra={"sample": refusal.sample})
        refusal.count += 1


def _refuse_topic(_: Received) -> None:
    raise MalformedError("a topic that control does not listen to")


def filters(site: SiteId) -> list[str]:
    """Return what control listens to."""
    others = (topics.PRESENCE, topics.COMMANDS)
    return [row.filter(site) for row in topics.TABLE if row.receiver == "control" or row in others]
