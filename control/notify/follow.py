"""Follows the alarms into the outbox, from the number the outbox remembers."""

import logging
from typing import Literal

import msgspec

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.site import Site
from control.notify.planner import Planner, PlannerState
from control.notify.ports import Alarms, Outbox
from control.notify.settings import NotifyFile
from control.notify.texts import Texts

LOOK_S = 0.25
"""How often alarms and time are looked at. With as much for the sender a notice leaves within half a second."""

Form = Literal[1]
"""Of the planner's memory; one of another form is not used, and every alarm that stands is told anew."""

log = logging.getLogger("control.notify")


class NotifyFollower:
    """What has been done is remembered by the outbox, in the transaction that holds the notices it led to."""

    def __init__(self, site: Site, settings: NotifyFile, texts: Texts, alarms: Alarms, outbox: Outbox) -> None:
        """Follow `alarms` of `site` into `outbox`."""
        self._parts = (site, settings, texts)
        self._alarms = alarms
        self._outbox = outbox
        self._planner: Planner | None = None
        self._applied = 0

    async def step(self, clock: Clock) -> None:
        """Look once, then rest: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The outbox cannot be written, or belongs to another journal.
        """
        await self.look(clock)
        await clock.sleep(LOOK_S)

    async def look(self, clock: Clock) -> None:
        """Take in what has moved, and put what is due into the outbox."""
        planner, is_new = await self._load()
        last, now = self._alarms.journal_last(), clock.now()
        moved = self._alarms.alarms_since(self._applied)
        for alarm in moved:
            planner.see(alarm, now)
        if is_new:
            planner.forget_past()
        notices = planner.decide(now)
        if moved or notices or is_new:
            self._planner = None  # until it is on disk: else memory would be ahead of it
            state = msgspec.msgpack.encode((1, planner.state))
            given_up = await self._outbox.commit(last, state, notices)
            if given_up:
                log.error("the outbox was full: %d notices were given up", given_up)
        self._planner, self._applied = planner, last

    async def _load(self) -> tuple[Planner, bool]:
        if self._planner is not None:
            return self._planner, False
        kept = await self._outbox.load()
        if kept is None:
            self._applied = 0
            return Planner(*self._parts), True
        self._applied = kept[0]
        if self._applied > self._alarms.journal_last():
            raise UnavailableError(
                f"the outbox has followed to entry {self._applied}, the journal ends at "
                f"{self._alarms.journal_last()}: another journal fed it; give it an empty place"
            )
        try:
            _, state = msgspec.msgpack.decode(kept[1], type=tuple[Form, PlannerState])
        except msgspec.DecodeError as error:
            log.warning("the memory of the notices is not used, what stands is told anew: %s", error)
            self._applied = 0
            return Planner(*self._parts), True
        return Planner(*self._parts, state), False
