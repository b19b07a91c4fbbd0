"""Sends what waits for one channel. Each channel has its own, so that one that is down holds up no other."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from coldport.clock import Clock
from coldport.errors import UnavailableError
from control.notify.allowance import MINUTE_S, Allowance
from control.notify.notice import Notice, Outcome, Refused, Sent, Throttled
from control.notify.ports import Channel, Outbox
from control.notify.settings import AnyChannel

LOOK_S = 0.25
"""How often the outbox is asked while nothing waits."""

THROTTLED_S = 600.0
"""DingTalk says that a robot it throttles is mute for ten minutes; each further try may make it longer."""

TRIES_BEFORE_FALLBACK = 3
"""Of one notice, some ten seconds: after them another way is worth more than this one."""

FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0
"""Before a notice that failed is tried again; the wait doubles."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A notice that could not be sent for a day is no news any more; the alarm itself stands on the page."""

log = logging.getLogger("control.notify")


class Sender:
    """The loop of one channel."""

    def __init__(
        self,
        settings: AnyChannel,
        channel: Channel,
        outbox: Outbox,
        fallback_addresses: Mapping[str, str],
        clock: Clock,
    ) -> None:
        """Send by `channel`; `fallback_addresses` are those of recipients who can be reached by the fallback."""
        self._settings = settings
        self._channel = channel
        self._outbox = outbox
        self._fallback = dict(fallback_addresses)
        self._clock = clock
        self._allowance: Allowance | None = None
        self._mute_until_s = float("-inf")

    async def step(self) -> None:
        """Send one notice, or rest: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The service or the outbox is away. The notice stays, and is not the next to be tried.
        """
        allowance = await self._counted()
        now_s = self._clock.monotonic_s()
        if now_s < self._mute_until_s or not allowance.allows(now_s, critical=True):
            await self._clock.sleep(LOOK_S)
            return
        critical_only = not allowance.allows(now_s, critical=False)
        waiting = await self._outbox.due(self._settings.id, self._clock.now(), critical_only=critical_only)
        if waiting is None:
            await self._clock.sleep(LOOK_S)
            return
        allowance.spend(now_s)
        try:
            outcome = await self._channel.send(waiting.notice)
        except UnavailableError as error:
            await self._failed(waiting.notice, waiting.tried + 1, str(error))
            raise
        await self._mark(waiting.notice, outcome)

    async def _mark(self, notice: Notice, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                await self._outbox.sent(notice.key, self._clock.now())
                log.info("%s told %s: %s", self._settings.id, notice.recipient, notice.title)
            case Refused(reason):
                await self._outbox.refused(notice.key, self._clock.now(), reason)
                log.error("%s refused what was for %s: %s", self._settings.id, notice.recipient, reason)
            case Throttled(reason):
                self._mute_until_s = self._clock.monotonic_s() + THROTTLED_S
                now = self._clock.now()
                await self._outbox.again(notice.key, now, now + timedelta(seconds=THROTTLED_S), reason)
                log.warning("%s is throttled, it rests for %g s: %s", self._settings.id, THROTTLED_S, reason)
                await self._go_round()

    async def _failed(self, notice: Notice, tried: int, reason: str) -> None:
        now = self._clock.now()
        if now - notice.at >= GIVE_UP_AFTER:
            await self._outbox.refused(notice.key, now, reason)
            return
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(tried - 1, 10))
        await self._outbox.again(notice.key, now, now + timedelta(seconds=wait_s), reason)
        if tried >= TRIES_BEFORE_FALLBACK:
            await self._go_round()

    async def _go_round(self) -> None:
        if self._settings.fallback is None or not self._fallback:
            return
        moved = await self._outbox.reroute(self._settings.id, self._settings.fallback, self._fallback)
        if moved:
            log.warning("%d notices go by %s in place of %s", moved, self._settings.fallback, self._settings.id)

    async def _counted(self) -> Allowance:
        """Return the allowance; after a start it counts what went out before it."""
        if self._allowance is None:
            now, now_s = self._clock.now(), self._clock.monotonic_s()
            sent = await self._outbox.sent_since(self._settings.id, now - timedelta(seconds=MINUTE_S))
            went = [now_s - (now - at).total_seconds() for at in sent]
            self._allowance = Allowance(self._settings.per_minute, self._settings.reserve, went)
        return self._allowance
