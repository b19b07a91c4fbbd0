"""What others may know of this gateway: that it is there, and how its lines and devices do. All of it retained."""

import asyncio
import logging

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.status import LinkState, LinkStatus
from coldport.presence import BIRTH_EVERY_S, Announcer
from coldport.supervise import for_ever

log = logging.getLogger("edge.status")


class StatusBoard:
    """Keeps the states of lines and devices, and publishes each change. It is the `Board` of every driver."""

    def __init__(self, site: SiteId, gateway: GatewayId, clock: Clock) -> None:
        """Know nothing yet; a line that never reports has no status."""
        self._site = site
        self._gateway = gateway
        self._clock = clock
        self._states: dict[LinkId, LinkStatus] = {}
        self._unsaid: dict[LinkId, LinkStatus] = {}
        self._changed = asyncio.Event()
        self._broker_was_away = False
        self._announcer = Announcer(site, gateway, clock)

    @property
    def will(self) -> Outgoing:
        """What the broker says when this process vanishes. It names the session, so a late one can be told."""
        return self._announcer.will

    def up(self, link: LinkId, device: str | None = None) -> None:
        """Note that a line, or a device on it, answers."""
        self._note(link, LinkState.UP, None, device)

    def down(self, link: LinkId, reason: str, device: str | None = None) -> None:
        """Note that a line, or a device on it, does not answer."""
        self._note(link, LinkState.DOWN, reason, device)

    def removed(self, link: LinkId) -> None:
        """Note that a line and its devices are read no more: what was said of them last is not left standing."""
        for status in [status for status in self._states.values() if status.link == link]:
            self.down(link, "removed", status.device)

    async def run(self, bus: Bus) -> None:
        """Publish changes as they come and the birth every ten seconds, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(for_ever("presence", lambda: self._say_birth(bus), self._clock))
            tasks.create_task(for_ever("the status of the lines", lambda: self._say_changes(bus), self._clock))

    def _note(self, link: LinkId, state: LinkState, reason: str | None, device: str | None) -> None:
        key = LinkId(device or link)
        known = self._states.get(key)
        if known is not None and (known.state, known.reason) == (state, reason):
            return
        log.log(
            logging.INFO if state is LinkState.UP else logging.WARNING,
            "%s is %s%s",
            key,
            state,
            f": {reason}" if reason else "",
        )
        since = known.since if known is not None and known.state is state else self._clock.now()
        self._states[key] = self._unsaid[key] = LinkStatus(
            gateway=self._gateway, link=link, state=state, since=since, device=device, reason=reason
        )
        self._changed.set()

    async def _say_birth(self, bus: Bus) -> None:
        try:
            await self._announcer.publish_birth(bus)
        except UnavailableError:
            self._broker_was_away = True
            raise
        if self._broker_was_away:
            # A broker without persistence has forgotten its retained messages.
            self._broker_was_away = False
            self._unsaid.update(self._states)
            self._changed.set()
        await self._clock.sleep(BIRTH_EVERY_S)

    async def _say_changes(self, bus: Bus) -> None:
        self._changed.clear()
        if not self._unsaid:
            await self._changed.wait()
        key, status = next(iter(self._unsaid.items()))
        await bus.publish(Outgoing(topics.link(self._site, self._gateway, key), encode(status), retained=True))
        # A newer state may have come while this one was being published; that one is still to be said.
        if self._unsaid.get(key) is status:
            del self._unsaid[key]
