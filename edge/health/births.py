"""Control's births, as they come on the bus: it is there, and a new session of it remembers nothing of the old one."""

import logging
from collections.abc import Callable, Sequence

from coldport.bus import Bus
from coldport.clock import Clock
from coldport.codec import MalformedMessageError, decode
from coldport.messages.status import Presence
from coldport.supervise import for_ever

PRESENCES_AT_ONCE = 20

log = logging.getLogger("edge.births")


class Births:
    """Tells whoever wants to know of each birth of control, with its session. Wills are nobody's business here."""

    def __init__(self, bus: Bus, tell: Sequence[Callable[[str], None]], clock: Clock) -> None:
        """Hear from `bus`, which must listen to control's presence and nothing else."""
        self._bus = bus
        self._tell = tell
        self._clock = clock

    async def run(self) -> None:
        """Hear for ever."""
        await for_ever("control's births", self._hear, self._clock)

    async def _hear(self) -> None:
        for received in await self._bus.receive(PRESENCES_AT_ONCE):
            try:
                presence = decode(Presence, received.payload)
            except MalformedMessageError as error:
                log.warning("control's presence cannot be read: %s", error)
            else:
                # A retained birth is from whenever: the broker may have kept that of a control that is gone with it.
                if presence.online and not received.retained:
                    for tell in self._tell:
                        tell(presence.session)
            received.ack()
