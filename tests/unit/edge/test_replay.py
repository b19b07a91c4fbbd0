"""A replay on the memory bus: complete, repeatable, in its own time, and honest when control does not answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.codec import decode, encode
from coldport.ids import PointId, SiteId
from coldport.messages.observation import Batch, Observation, Receipt
from coldport.units import Celsius
from edge.replay.feed import Replay, ReplayStalledError, boot_id_of
from edge.replay.trace import Row

RECORDED_AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

SITE, POINT = SiteId("xiangtan-1"), PointId("c1-1-temperature")
START = datetime(2013, 7, 4, tzinfo=UTC)


def replay(count: int, speed: float | None = None) -> Replay:
    rows = [Row(START + timedelta(hours=hour), Celsius(4.0 + hour % 3)) for hour in range(count)]
    return Replay(site=SITE, point=POINT, rows=rows, boot_id=boot_id_of(POINT, rows), speed=speed)


class Control:
    """Journals by (gateway, boot_id, seq) and confirms."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._bus = broker.client("control", [topics.OBSERVATIONS.filter(SITE)])
        self.journal: dict[tuple[str, str, int], Observation] = {}
        self.repeats = 0

    async def run(self) -> None:
        while True:
            for received in await self._bus.receive(10):
                batch = decode(Batch, received.payload)
                for observation in batch.observations:
                    name = (batch.gateway, batch.boot_id, observation.seq)
                    self.repeats += name in self.journal
                    assert self.journal.setdefault(name, observation) == observation
                first, last = batch.observations[0].seq, batch.observations[-1].seq
                receipt = Receipt(
                    gateway=batch.gateway,
                    boot_id=batch.boot_id,
                    first_seq=first,
                    last_seq=last,
                    recorded_at=RECORDED_AT,
                )
                await self._bus.publish(Outgoing(topics.receipts(SITE, batch.gateway), encode(receipt)))
                received.ack()


@pytest.fixture
async def control(broker):
    control = Control(broker)
    running = asyncio.create_task(control.run())
    yield control
    running.cancel()
    outcome = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(outcome[0], asyncio.CancelledError), outcome


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


async def play(one: Replay, broker: MemoryBroker, clock, duration_s: float) -> list[int]:
    told: list[int] = []
    bus = broker.client("replay", [topics.receipts(SITE, one.gateway)])
    running = asyncio.create_task(one.run(bus, clock, told.append))
    for _ in range(int(duration_s * 10)):
        await clock.advance(0.1)
        if running.done():
            break
    if not running.done():
        running.cancel()
    await running
    return told


async def test_every_row_arrives_with_its_own_time_and_value(broker, control, clock) -> None:
    told = await play(replay(1_234), broker, clock, 10.0)
    assert told[-1] == 1_234
    seen = sorted(control.journal.values(), key=lambda observation: observation.seq)
    assert [observation.observed_at for observation in seen] == [START + timedelta(hours=h) for h in range(1_234)]
    assert [observation.value for observation in seen[:4]] == [4.0, 5.0, 6.0, 4.0]


async def test_replaying_twice_changes_nothing(broker, control, clock) -> None:
    await play(replay(700), broker, clock, 10.0)
    before = dict(control.journal)
    await play(replay(700), broker, clock, 10.0)
    assert control.journal == before
    assert control.repeats == 700


def test_another_value_another_start_or_another_point_is_another_replay() -> None:
    rows = replay(10).rows
    changed = [*rows[:-1], Row(rows[-1].at, Celsius(99.0))]
    names = {boot_id_of(POINT, rows), boot_id_of(POINT, rows[1:]), boot_id_of(POINT, changed)}
    names.add(boot_id_of(PointId("c1-2-temperature"), rows))
    assert len(names) == 4


def test_the_gateway_of_the_longest_point_is_still_an_id() -> None:
    rows = replay(1).rows
    longest = Replay(site=SITE, point=PointId("p" * 48), rows=rows, boot_id="ab" * 16, speed=None)
    assert len(longest.gateway) == 48


async def test_a_replay_at_a_speed_keeps_the_steps_of_the_trace(broker, control, clock) -> None:
    running = asyncio.create_task(play(replay(5, speed=3_600.0), broker, clock, 10.0))
    arrived = []
    while not running.done():
        await asyncio.sleep(0)  # noqa: TID251 - yields to the replay, whose clock `play` moves
        arrived.append((round(clock.monotonic_s(), 1), len(control.journal)))
    await running
    assert [at_s for count in range(1, 6) for at_s in [min(t for t, n in arrived if n >= count)]] == pytest.approx(
        [0.1, 1.1, 2.1, 3.1, 4.1], abs=0.15
    )


async def test_a_replay_that_is_not_confirmed_gives_up_after_a_minute_and_says_how_far_it_came(broker, clock) -> None:
    with pytest.raises(ReplayStalledError, match="confirmed 0 of 10 rows"):
        await play(replay(10), broker, clock, 70.0)
    assert 59 < clock.monotonic_s() < 62


async def test_a_replay_waits_out_a_broker_that_is_away(broker, control, clock) -> None:
    broker.up = False
    running = asyncio.create_task(play(replay(10), broker, clock, 60.0))
    while clock.monotonic_s() < 20.0:  # noqa: ASYNC110 - a clock that stands still has no event
        await asyncio.sleep(0)  # noqa: TID251 - yields to the replay, whose clock `play` moves
    broker.up = True
    assert (await running)[-1] == 10
