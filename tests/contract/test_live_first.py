"""From a spool to the journal through a network that loses, doubles and reorders: all arrives, what is new in order."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from coldport import topics
from coldport.bus import Outgoing, Received
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.observation import Batch, Observation, Receipt
from control.order import PATIENCE_S, Arrival, Order
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.uplink import Uplink

SITE, GATEWAY = SiteId("s"), GatewayId("edge-1")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SEEDS = int(os.environ.get("COLDPORT_LIVE_FIRST_SEEDS", "6"))
JUMP_BEHIND = 2_000
STEP_S = 0.1
BUSY_S = 120.0


class Control:
    """Control's way to the journal, slow and plain. `jumps` are the numbers at which the gateway began anew."""

    def __init__(self) -> None:
        self.order = Order()
        self.journal: dict[int, Observation] = {}
        self.highest = 0
        self.live: list[int] = []

    def restart(self) -> list[Batch]:
        """Begin anew with the journal; return what waited for its turn, which the broker brings again."""
        held = [arrival.batch for wait in self.order._waits.values() for arrival in wait.arrivals]
        self.order = Order()
        return held

    def take(self, batches: list[Batch], now_s: float) -> list[Receipt]:
        arrivals = [Arrival(Received("t", b"", retained=False, ack=lambda: None), batch) for batch in batches]
        receipts = []
        for arrival in self.order.pass_on(arrivals, lambda _: self.highest, now_s):
            for observation in arrival.batch.observations:
                known = self.journal.setdefault(observation.seq, observation)
                assert known == observation
                if known is observation and not arrival.batch.backlog:
                    self.live.append(observation.seq)
            self.highest = max(self.highest, arrival.last)
            receipts.append(
                Receipt(
                    gateway=GATEWAY,
                    boot_id=arrival.batch.boot_id,
                    first_seq=arrival.first,
                    last_seq=arrival.last,
                    recorded_at=NOON + timedelta(seconds=now_s),
                )
            )
        return receipts


class Outages:
    """When the broker, or control, is away: a few seconds, or long enough for a backlog."""

    def __init__(self, dice: Random) -> None:
        self._spans: list[tuple[str, float, float]] = []
        start_s = 0.0
        while start_s < BUSY_S:
            start_s += dice.uniform(3.0, 40.0)
            length_s = dice.choice((1.0, 5.0, 30.0)) if self._spans else 30.0
            self._spans.append((dice.choice(("broker", "control")), start_s, start_s + length_s))
            start_s = self._spans[-1][2]

    def away(self, who: str, now_s: float) -> bool:
        return any(start_s <= now_s < end_s for what, start_s, end_s in self._spans if what == who)

    def near(self, now_s: float) -> bool:
        """Whether what is lost now might be missing for longer than control's patience."""
        return any(start_s - PATIENCE_S <= now_s < end_s for _, start_s, end_s in self._spans)


class Network:
    """Loses the first copy of some batches and receipts, doubles some, and brings each after its own delay."""

    def __init__(self, dice: Random, outages: Outages) -> None:
        self._dice = dice
        self._outages = outages
        self._under_way: list[tuple[float, bytes]] = []
        self._seen: set[bytes] = set()

    def put(self, payload: bytes, now_s: float) -> None:
        first = payload not in self._seen
        self._seen.add(payload)
        if first and self._dice.random() < 0.1 and not self._outages.near(now_s):
            return
        for _ in range(2 if self._dice.random() < 0.1 else 1):
            self._under_way.append((now_s + self._dice.choice((0.0, 0.0, 0.3, 1.5)), payload))

    def take(self, now_s: float) -> list[bytes]:
        due = [payload for at_s, payload in self._under_way if at_s <= now_s]
        self._under_way = [(at_s, payload) for at_s, payload in self._under_way if at_s > now_s]
        self._dice.shuffle(due)
        return due


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_is_lost_doubled_or_reordered_all_arrives_and_what_is_new_in_its_order(seed: int) -> None:
    dice = Random(seed)
    clock, broker, spool, control = ManualClock(NOON), MemoryBroker(), MemorySpool("ab" * 16, 1_000_000), Control()
    receiver = broker.client("control", [topics.OBSERVATIONS.filter(SITE)])
    bus = broker.client("edge", [topics.receipts(SITE, GATEWAY)])
    uplink = Uplink(SITE, GATEWAY, spool, bus, clock, jump_behind=JUMP_BEHIND)
    running = asyncio.create_task(uplink.run())
    outages = Outages(dice)
    there, back = Network(dice, outages), Network(dice, outages)
    jumps: set[int] = set()
    again: list[Batch] = []
    spooled = 0
    while clock.monotonic_s() < 240:
        now_s = clock.monotonic_s()
        if now_s < BUSY_S:
            count = dice.choice((0, 5, 20, 60))
            values = [float(spooled + index) for index in range(count)]
            await spool.append([reading(PointId("p"), clock.now(), Measured(value)) for value in values])
            spooled += count
        broker.up = not outages.away("broker", now_s)
        await clock.advance(STEP_S)
        jumps.add(uplink._backlog_until)
        while receiver.waiting:
            [received] = await receiver.receive(1)
            there.put(received.payload, now_s)
            received.ack()
        if outages.away("control", now_s):
            again += control.restart()
        else:
            arrived = [*again, *(decode(Batch, payload) for payload in there.take(now_s))]
            again = []
            for receipt in control.take(arrived, now_s):
                back.put(encode(receipt), now_s)
        for payload in back.take(now_s) if broker.up else []:
            await bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), payload))
    running.cancel()
    await asyncio.wait([running])
    assert sorted(control.journal) == list(range(1, spooled + 1))
    assert spool.held == 0
    assert len(jumps) > 1
    highest = 0
    for seq in control.live:
        # Late is only what a jump has made backlog since it was sent as new.
        assert seq > highest or any(seq <= jump < highest for jump in jumps), (seq, highest)
        highest = max(highest, seq)
