"""From the spool to control's journal over a bus that fails: nothing lost, nothing twice, whatever happens between."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker, MemoryBus
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.observation import BATCH_LIMIT, Batch, Observation, Receipt
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.uplink import BACKLOG_PER_S, JUMP_BEHIND, Uplink

RECORDED_AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

SITE, GATEWAY = SiteId("xiangtan-1"), GatewayId("edge-1")
BOOT = "ab" * 16
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Control:
    """Takes batches from the bus as control does: journal, receipt, acknowledgement; it can die in between."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.journal: dict[int, Observation] = {}
        self.repeats = 0
        self.connect()

    def connect(self) -> None:
        self._bus = self._broker.client("control", [topics.OBSERVATIONS.filter(SITE)])

    async def take_one(self, *, receipt_lost: bool = False) -> None:
        if not self._bus.waiting:
            return
        [received] = await self._bus.receive(1)
        batch = decode(Batch, received.payload)
        for observation in batch.observations:
            known = self.journal.setdefault(observation.seq, observation)
            assert known == observation, "the same number came with another content"
            self.repeats += known is not observation
        if not receipt_lost:
            seqs = [observation.seq for observation in batch.observations]
            receipt = Receipt(
                gateway=GATEWAY, boot_id=batch.boot_id, first_seq=seqs[0], last_seq=seqs[-1], recorded_at=RECORDED_AT
            )
            await self._bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), encode(receipt)))
        received.ack()


class Bench:
    """One gateway's spool and uplink, a broker and control."""

    def __init__(self, jump_behind: int = JUMP_BEHIND) -> None:
        self.jump_behind = jump_behind
        self.clock = ManualClock(NOON)
        self.broker = MemoryBroker()
        self.control = Control(self.broker)
        self.spool = MemorySpool(BOOT, limit=100_000)
        self.spooled = 0
        self.restart()

    def restart(self) -> None:
        """Begin anew with what is durable: the spool, and the session at the broker."""
        self.bus: MemoryBus = self.broker.client("edge-1", [topics.receipts(SITE, GATEWAY)])
        self.round_trips: list[tuple[float, datetime]] = []
        self.uplink = Uplink(
            SITE,
            GATEWAY,
            self.spool,
            self.bus,
            self.clock,
            on_round_trip=lambda sent_s, recorded_at: self.round_trips.append((sent_s, recorded_at)),
            jump_behind=self.jump_behind,
        )

    async def append(self, count: int) -> None:
        values = [float(self.spooled + index) for index in range(count)]
        await self.spool.append([reading(PointId("c1-1-temperature"), NOON, Measured(value)) for value in values])
        self.spooled += count

    async def attempt(self, step: Coroutine[Any, Any, None]) -> None:
        """Let a step of the uplink do what it can now, and no more."""
        task = asyncio.ensure_future(step)
        await self.clock.settle()
        task.cancel()
        with suppress(asyncio.CancelledError, UnavailableError):
            await task

    async def settle_everything(self) -> None:
        self.broker.up = True
        for _ in range(40):
            await self.attempt(self.uplink.send_next())
            await self.attempt(self.uplink.send_backlog())
            while self.control._bus.waiting:
                await self.control.take_one()
            await self.attempt(self.uplink.hear())
            await self.clock.advance(1.0)
            await self.attempt(self.uplink.resend())

    def assert_everything_arrived_once(self) -> None:
        assert sorted(self.control.journal) == list(range(1, self.spooled + 1))
        assert [self.control.journal[seq].value for seq in range(1, self.spooled + 1)] == [
            float(index) for index in range(self.spooled)
        ]
        assert self.spool.held == 0


STEPS = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 700)),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(
        st.sampled_from(
            [
                "send",
                "backlog",
                "hear",
                "resend",
                "control",
                "receipt lost",
                "control dies",
                "restart",
                "broker down",
                "broker up",
            ]
        ),
        st.just(0),
    ),
)


async def play(bench: Bench, word: str, number: int) -> None:
    match word:
        case "append":
            await bench.append(number)
        case "wait":
            await bench.clock.advance(float(number))
        case "send":
            await bench.attempt(bench.uplink.send_next())
        case "backlog":
            await bench.attempt(bench.uplink.send_backlog())
        case "hear":
            await bench.attempt(bench.uplink.hear())
        case "resend":
            await bench.attempt(bench.uplink.resend())
        case "control" | "receipt lost":
            with suppress(UnavailableError):
                await bench.control.take_one(receipt_lost=word == "receipt lost")
        case "control dies":
            bench.control.connect()
        case "restart":
            bench.restart()
        case _:
            bench.broker.up = word == "broker up"


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40), st.sampled_from([600, JUMP_BEHIND]))
def test_whatever_fails_between_any_two_steps_everything_spooled_arrives_exactly_once(
    steps: list[tuple[str, int]], jump_behind: int
) -> None:
    async def story() -> None:
        bench = Bench(jump_behind)
        for word, number in steps:
            await play(bench, word, number)
        await bench.settle_everything()
        bench.assert_everything_arrived_once()

    asyncio.run(story())


async def test_nothing_is_forgotten_before_control_says_so() -> None:
    bench = Bench()
    await bench.append(3)
    await bench.attempt(bench.uplink.send_next())
    await bench.control.take_one(receipt_lost=True)
    await bench.attempt(bench.uplink.hear())
    assert bench.spool.held == 3


async def test_a_receipt_of_another_numbering_or_gateway_deletes_nothing() -> None:
    bench = Bench()
    await bench.append(3)
    for gateway, boot_id in ((GATEWAY, "cd" * 16), ("edge-2", BOOT)):
        receipt = Receipt(gateway=gateway, boot_id=boot_id, first_seq=1, last_seq=3, recorded_at=RECORDED_AT)
        await bench.bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), encode(receipt)))
        await bench.attempt(bench.uplink.hear())
    assert bench.spool.held == 3


async def test_a_receipt_that_cannot_be_read_is_passed_over(caplog) -> None:
    bench = Bench()
    await bench.append(1)
    await bench.bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), b'{"first_seq": "all"}'))
    await bench.attempt(bench.uplink.hear())
    assert bench.spool.held == 1
    assert "a receipt cannot be read" in caplog.text
    assert not bench.bus.unacknowledged


async def test_a_lost_receipt_is_made_good_by_sending_again_after_five_seconds() -> None:
    bench = Bench()
    await bench.append(3)
    await bench.attempt(bench.uplink.send_next())
    await bench.control.take_one(receipt_lost=True)
    await bench.clock.advance(5.0)
    await bench.attempt(bench.uplink.resend())
    await bench.control.take_one()
    await bench.attempt(bench.uplink.hear())
    assert bench.control.repeats == 3
    assert bench.spool.held == 0


async def test_a_new_session_of_control_is_sent_at_once_what_the_old_one_did_not_confirm() -> None:
    bench = Bench()
    await bench.append(3)
    await bench.attempt(bench.uplink.send_next())
    await bench.control.take_one(receipt_lost=True)
    for session in ("a" * 32, "a" * 32):
        bench.uplink.control_is_there(session)
        await bench.attempt(bench.uplink.resend())
    await bench.control.take_one()
    await bench.attempt(bench.uplink.hear())
    assert bench.control.repeats == 3
    assert bench.spool.held == 0


async def test_a_batch_holds_its_limit_and_one_past_it_goes_into_the_next() -> None:
    bench = Bench()
    await bench.append(BATCH_LIMIT + 1)
    await bench.attempt(bench.uplink.send_next())
    await bench.attempt(bench.uplink.send_next())
    sizes = [len(decode(Batch, message.payload).observations) for message in bench.control._bus.waiting]
    assert sizes == [BATCH_LIMIT, 1]


async def test_eight_batches_may_be_in_flight_and_no_more() -> None:
    bench = Bench()
    await bench.append(10 * BATCH_LIMIT)
    for _ in range(10):
        await bench.attempt(bench.uplink.send_next())
    assert len(bench.control._bus.waiting) == 8


async def test_what_the_spool_dropped_while_in_flight_is_not_waited_for() -> None:
    bench = Bench()
    await bench.append(3)
    await bench.attempt(bench.uplink.send_next())
    await bench.spool.forget(1, 3)
    await bench.clock.advance(5.0)
    await bench.attempt(bench.uplink.resend())
    assert bench.uplink._live.flights == []


async def test_a_running_uplink_carries_a_spool_over_a_broker_that_goes_and_comes() -> None:
    bench = Bench()
    running = asyncio.create_task(bench.uplink.run())
    for turn in range(20):
        bench.broker.up = turn % 4 != 1
        await bench.append(100)
        await bench.clock.advance(1.0)
        while bench.broker.up and bench.control._bus.waiting:
            await bench.control.take_one(receipt_lost=turn % 5 == 0)
    for _ in range(30):
        await bench.clock.advance(1.0)
        while bench.control._bus.waiting:
            await bench.control.take_one()
    running.cancel()
    await asyncio.wait([running])
    bench.assert_everything_arrived_once()


def batches(bench: Bench) -> list[Batch]:
    return [decode(Batch, message.payload) for message in bench.control._bus.waiting]


def shape(batch: Batch) -> tuple[int, int, int | None, bool]:
    return batch.observations[0].seq, batch.observations[-1].seq, batch.follows, batch.backlog


async def test_at_its_limit_what_is_held_is_sent_in_order_and_one_past_it_what_is_new_goes_first() -> None:
    for held, expected in ((1_000, (1, 500, None, False)), (1_001, (1_002, 1_002, 0, False))):
        bench = Bench(jump_behind=1_000)
        await bench.append(held)
        await bench.attempt(bench.uplink.send_next())
        await bench.append(1)
        if held > 1_000:
            await bench.attempt(bench.uplink.send_next())
        assert shape(batches(bench)[0]) == expected


async def test_what_is_new_follows_what_was_new_and_the_backlog_goes_beside_it() -> None:
    bench = Bench(jump_behind=1_000)
    await bench.append(1_200)
    await bench.attempt(bench.uplink.send_next())
    for _ in range(2):
        await bench.append(10)
        await bench.attempt(bench.uplink.send_next())
        await bench.attempt(bench.uplink.send_backlog())
        await bench.clock.advance(1.0)
    assert [shape(batch) for batch in batches(bench)] == [
        (1_201, 1_210, 0, False),
        (1, 500, None, True),
        (1_211, 1_220, None, False),
        (501, 1_000, None, True),
    ]


async def test_a_gateway_that_starts_with_a_large_spool_sends_what_is_new_first() -> None:
    bench = Bench(jump_behind=1_000)
    await bench.append(2_000)
    await bench.spool.forget(1, 900)
    bench.restart()
    running = asyncio.create_task(bench.uplink.run())
    await bench.clock.advance(0.01)
    await bench.append(5)
    await bench.clock.advance(0.01)
    assert (2_001, 2_005, 0, False) in [shape(batch) for batch in batches(bench)]
    running.cancel()
    await asyncio.wait([running])
    await bench.settle_everything()
    assert bench.spool.held == 0


async def test_a_small_spool_whose_numbers_are_high_is_not_taken_for_a_long_outage() -> None:
    bench = Bench(jump_behind=1_000)
    await bench.append(5_000)
    await bench.spool.forget(1, 4_990)
    await bench.attempt(bench.uplink.send_next())
    assert [shape(batch) for batch in batches(bench)] == [(4_991, 5_000, 0, False)]


async def test_a_batch_of_either_lane_is_sent_again_as_it_was() -> None:
    bench = Bench(jump_behind=1_000)
    await bench.append(1_200)
    await bench.attempt(bench.uplink.send_next())
    await bench.append(10)
    await bench.attempt(bench.uplink.send_next())
    await bench.attempt(bench.uplink.send_backlog())
    first = [shape(batch) for batch in batches(bench)]
    bench.control._bus.waiting.clear()
    await bench.clock.advance(5.0)
    await bench.attempt(bench.uplink.resend())
    assert [shape(batch) for batch in batches(bench)] == first


async def test_the_backlog_keeps_its_pace() -> None:
    bench = Bench(jump_behind=1_000)
    await bench.append(30_000)
    running = asyncio.create_task(bench.uplink.run())
    arrived_s: list[float] = []
    while len(bench.control.journal) < 30_000:
        await bench.clock.advance(0.01)
        while bench.control._bus.waiting:
            await bench.control.take_one()
            arrived_s.append(bench.clock.monotonic_s())
    running.cancel()
    await asyncio.wait([running])
    assert 30_000 / BACKLOG_PER_S <= arrived_s[-1] + 0.06 <= 30_000 / 5_000


async def test_what_was_dropped_before_it_was_sent_is_not_waited_for() -> None:
    bench = Bench()
    await bench.append(10)
    await bench.attempt(bench.uplink.send_next())
    await bench.append(10)
    await bench.spool.forget(11, 15)
    await bench.attempt(bench.uplink.send_next())
    assert [shape(batch) for batch in batches(bench)] == [(1, 10, None, False), (16, 20, 10, False)]


async def test_a_receipt_tells_of_the_round_trip_unless_its_batch_was_sent_twice() -> None:
    bench = Bench()
    await bench.append(1)
    await bench.attempt(bench.uplink.send_next())
    await bench.clock.advance(5.0)
    await bench.append(1)
    await bench.attempt(bench.uplink.send_next())
    await bench.attempt(bench.uplink.resend())
    while bench.control._bus.waiting:
        await bench.control.take_one()
    await bench.attempt(bench.uplink.hear())
    assert bench.round_trips == [(5.0, RECORDED_AT)]
