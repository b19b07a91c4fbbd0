"""How well a device is heard, as the drivers count it and as others are told."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldport import topics
from coldport.bus_memory import MemoryBroker
from coldport.codec import decode
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.status import Health
from edge.health import book as health_module
from edge.health.book import BUCKET_S, SHARE_S, TELL_EVERY_S, HealthBook, Pulse

SITE, GATEWAY, LINE = SiteId("s"), GatewayId("edge-1"), LinkId("cold-a")


@pytest.fixture
def book(clock) -> HealthBook:
    return HealthBook(SITE, GATEWAY, clock)


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def telling(book, broker):
    task = asyncio.create_task(book.run(broker.client("edge")))
    yield
    task.cancel()
    await asyncio.wait([task])


def told(broker: MemoryBroker, device: str) -> Health | None:
    payload = broker.retained.get(topics.health(SITE, GATEWAY, device))
    return decode(Health, payload) if payload else None


async def test_a_device_is_told_of_once_in_ten_seconds_and_only_when_there_is_something_new(
    book, broker, clock, telling
) -> None:
    book.frame(LINE, "f1-1")
    book.error(LINE, "f1-1", "timeout")
    await clock.advance(TELL_EVERY_S - 0.1)
    assert told(broker, "f1-1") is None
    await clock.advance(0.1)
    first = told(broker, "f1-1")
    assert first is not None
    assert (first.frames, first.errors, first.error_share, first.last_error) == (1, 1, 0.5, "timeout")
    await clock.advance(60.0)
    assert told(broker, "f1-1") == first
    book.frame(LINE, "f1-1")
    await clock.advance(TELL_EVERY_S)
    assert told(broker, "f1-1") != first


async def test_a_broker_that_is_away_is_told_when_it_is_back(book, broker, clock, telling) -> None:
    broker.up = False
    book.frame(LINE, "em300", rssi_dbm=-91, battery_percent=88.0)
    await clock.advance(60.0)
    broker.up = True
    book.frame(LINE, "em300")
    await clock.advance(TELL_EVERY_S + 5.0)
    health = told(broker, "em300")
    assert health is not None
    assert (health.frames, health.rssi_dbm, health.battery_percent) == (2, -91, 88.0)


def test_the_error_share_is_that_of_five_minutes(clock) -> None:
    pulse = Pulse(LINE)
    pulse.error("timeout", 0.0)
    for second in range(1, 60):
        pulse.frame(clock.now(), float(second))
    assert pulse.error_share(SHARE_S - 0.1) == pytest.approx(1 / 60)
    assert pulse.error_share(SHARE_S + 0.1) == 0.0
    assert pulse.errors == 1


@given(st.lists(st.tuples(st.floats(0, 600), st.booleans()), max_size=60))
def test_the_share_is_a_part_and_the_buckets_stay_few(gaps) -> None:
    pulse, now_s = Pulse(LINE), 0.0
    for gap_s, failed in gaps:
        now_s += gap_s
        if failed:
            pulse.error("crc", now_s)
        else:
            pulse.frame(None, now_s)
        assert 0.0 <= pulse.error_share(now_s) <= 1.0
        assert len(pulse._buckets) <= SHARE_S / BUCKET_S


def test_at_the_limit_no_further_device_is_counted(book, monkeypatch) -> None:
    monkeypatch.setattr(health_module, "DEVICE_LIMIT", 2)
    for device in ("a", "b", "c", "a"):
        book.frame(LINE, device)
        book.error(LINE, device, "crc")
    assert {device: pulse.frames for device, pulse in book._pulses.items()} == {"a": 2, "b": 1}
