"""Journal to bus: the retained state of each alarm."""

import asyncio
import contextlib

import pytest

from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode
from coldport.errors import UnavailableError
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Batch
from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile
from control.followers import egress
from control.journal.memory import MemoryJournal
from control.service import Service

TOPIC = "coldport/v1/s/alarms/p/hi"


@pytest.fixture
def clock(at):
    return ManualClock(at(0))


@pytest.fixture
def service(one_room, definition, clock):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))
    return Service(site, AlarmFile(alarms=(definition(),)), MemoryJournal(), clock)


@pytest.fixture
def broker():
    return MemoryBroker()


@pytest.fixture
def observe(service, reading):
    def take(second, value):
        observations = (reading(second, value, seq=second),)
        service.take([Batch(gateway="g", boot_id="0" * 32, observations=observations)])

    return take


@contextlib.asynccontextmanager
async def following(service, broker):
    task = asyncio.create_task(egress.follow("s", service, broker.client("control")))
    await ManualClock.settle()
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, UnavailableError):
        await task


def shown(broker):
    alarm = decode(Alarm, broker.retained[TOPIC])
    return alarm.occurrence, str(alarm.state)


async def test_an_alarm_is_retained_as_it_moves(service, broker, observe):
    async with following(service, broker):
        observe(1, 9.0)
        await ManualClock.settle()
        assert shown(broker) == (1, "unacknowledged")
        observe(2, 7.0)
        await ManualClock.settle()
        assert shown(broker) == (1, "returned-unacknowledged")


async def test_an_old_occurrence_never_covers_the_newest(service, broker, observe):
    for second, value in enumerate([9.0, 7.0, 9.0], start=1):
        observe(second, value)
    async with following(service, broker):
        service.acknowledge("hi.p.1", "Wang", None)
        await ManualClock.settle()
        assert shown(broker) == (2, "unacknowledged")


async def test_every_alarm_is_published_again_after_a_start_because_the_broker_may_have_forgotten(
    service, broker, observe
):
    observe(1, 9.0)
    async with following(service, broker):
        assert shown(broker) == (1, "unacknowledged")
    broker.retained.clear()
    async with following(service, broker):
        assert shown(broker) == (1, "unacknowledged")


async def test_a_broker_that_is_away_ends_the_follower_with_unavailable(service, broker, observe):
    broker.up = False
    async with following(service, broker) as task:
        observe(1, 9.0)
        await ManualClock.settle()
        with pytest.raises(UnavailableError):
            await task
