"""A process says that it is there, again and again; its will says when it is gone, and of which session."""

import asyncio
from datetime import UTC, datetime

from coldport import topics
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode
from coldport.ids import SiteId
from coldport.messages.status import Presence
from coldport.presence import BIRTH_EVERY_S, Announcer
from coldport.supervise import for_ever

SITE = SiteId("s")


async def test_a_birth_is_said_again_so_that_a_late_will_does_not_stand() -> None:
    broker, clock = MemoryBroker(), ManualClock(datetime(2026, 11, 24, tzinfo=UTC))
    bus, announcer = broker.client("edge"), Announcer(SITE, "edge-1", clock)

    def shown() -> Presence:
        return decode(Presence, broker.retained[topics.presence(SITE, "edge-1")])

    task = asyncio.create_task(for_ever("presence", lambda: announcer.say_birth(bus), clock))
    await clock.settle()
    born = shown()
    await bus.publish(announcer.will)
    gone = shown()
    await clock.advance(BIRTH_EVERY_S)
    again = shown()
    task.cancel()

    assert (born.online, gone.online, again.online) == (True, False, True)
    assert born == again
    assert gone.session == born.session


def test_every_session_has_a_name_of_its_own() -> None:
    clock = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))

    wills = {Announcer(SITE, "edge-1", clock).will.payload for _ in range(2)}

    assert len(wills) == 2
