"""Journal to bus: the latest state of each alarm, retained.

A retained topic holds one state, so this follower needs no list of what it has missed: after a start, and whenever the
broker has been away and may have forgotten, every alarm is published as it stands; then each that moves.
"""

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.codec import encode
from coldport.ids import DefinitionId, PointId, SiteId
from control.service import Service


async def follow(site: SiteId, service: Service, bus: Bus) -> None:
    """Publish every alarm, then go on with those that move; ends by UnavailableError when the broker is away."""
    published = 0
    seen = 0
    while True:
        seen = service.journal_last()
        for alarm in service.alarms_since(published):
            topic = topics.alarm(site, PointId(alarm.point), DefinitionId(alarm.definition))
            await bus.publish(Outgoing(topic, encode(alarm), retained=True))
            published = alarm.transition
        await service.wait_beyond(seen)
