"""Control's own presence on the bus: a birth, a will, and a birth again when a late will has said otherwise."""

from datetime import datetime

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import SiteId
from coldport.messages.status import Presence
from control.service import Service

PROCESS = "control"

LOOK_EVERY_S = 1.0
"""Seconds between two looks at how the bus shows us."""


def announcement(site: SiteId, session: str, since: datetime, *, online: bool) -> Outgoing:
    """Return the birth of a session, or its will."""
    presence = Presence(process=PROCESS, session=session, online=online, since=since)
    return Outgoing(topics.presence(site, PROCESS), encode(presence), retained=True)


async def announce(service: Service, bus: Bus, clock: Clock, birth: Outgoing, session: str) -> None:
    """Publish the birth if the bus is there and does not show this session, then wait a while."""
    shown = any(
        presence.process == PROCESS and presence.session == session and presence.online
        for presence in service.presences()
    )
    if not shown and bus.connected:
        await bus.publish(birth)
    await clock.sleep(LOOK_EVERY_S)
