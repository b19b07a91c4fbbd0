"""How every process tells that it is there: a birth, said again from time to time, and a will for when it vanishes."""

from secrets import token_hex

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import SiteId
from coldport.messages.status import Presence

BIRTH_EVERY_S = 10.0
"""The birth is said again this often, because a short cut lets the broker publish the will of a process that lives."""


class Announcer:
    """The presence of one process for one session of it. Give `will` to the bus, then run `say_birth` for ever."""

    def __init__(self, site: SiteId, process: str, clock: Clock) -> None:
        """Begin a session now."""
        self._topic = topics.presence(site, process)
        self._clock = clock
        session, since = token_hex(16), clock.now()
        self._birth = Presence(process=process, session=session, online=True, since=since)
        self._end = Presence(process=process, session=session, online=False, since=since)

    @property
    def will(self) -> Outgoing:
        """What the broker says when the process vanishes, and the process itself when it ends."""
        return Outgoing(self._topic, encode(self._end), retained=True)

    async def publish_birth(self, bus: Bus) -> None:
        """Say that the process is there.

        Raises:
            UnavailableError: The broker is away.
        """
        await bus.publish(Outgoing(self._topic, encode(self._birth), retained=True))

    async def say_birth(self, bus: Bus) -> None:
        """Publish the birth, then wait until it is time again; raises as `publish_birth`."""
        await self.publish_birth(bus)
        await self._clock.sleep(BIRTH_EVERY_S)
