"""One RFID gate: an LLRP session over a link, begun anew whenever it ends."""

import asyncio
import logging
from collections.abc import Sequence
from random import Random

from edge.drivers.gates.report import GateReport, GateSettings
from edge.ports import Link, LinkDownError, Outlet
from edge.protocols.llrp.events import Closed, Connected, Event, RefusedBusy
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
"""Between two attempts. A reader that holds our last, half-dead connection needs up to a minute to let go of it."""

JITTER = 0.2
"""Each wait is made longer by up to this part, so that many gateways do not come back in step."""

FAREWELL_S = 2.0
"""How long a clean goodbye may take. A reader left without one may refuse the next client."""

log = logging.getLogger("edge.gate")


class Gate:
    """One reader. It is the `Source` of its point."""

    def __init__(self, settings: GateSettings, link: Link, setup: Setup, outlet: Outlet, dice: Random) -> None:
        """Read tags through `link`; `dice` spread the attempts to connect."""
        self.name = settings.name
        self._link = link
        self._setup = setup
        self._report = GateReport(settings, outlet)
        self._clock = outlet.clock
        self._dice = dice
        self._wait_s = FIRST_WAIT_S

    async def run(self) -> None:
        """Read for ever; when cancelled, part from the reader properly and give the line back."""
        try:
            while True:
                try:
                    await self._connect()
                except LinkDownError as error:
                    self._report.down(error.reason)
                await self._link.close()
                wait_s = self._wait_s * (1 + JITTER * self._dice.random())
                self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
                await self._clock.sleep(wait_s)
        finally:
            await self._link.close()

    async def _connect(self) -> None:
        await self._link.open()
        session = Session(self._setup, self._clock.monotonic_s())
        self._report.begin()
        try:
            while True:
                await self._take(await self._exchange(session))
        except asyncio.CancelledError:
            await self._part(session)
            raise

    async def _exchange(self, session: Session) -> Sequence[Event]:
        """Send what is to be sent, wait for bytes or the deadline, and return what they mean."""
        try:
            outgoing = session.take_outgoing()
            if outgoing:
                await self._link.write(outgoing)
            chunk = await self._link.read(session.deadline_s - self._clock.monotonic_s())
        except LinkDownError:
            return session.hang_up()
        now_s = self._clock.monotonic_s()
        return session.receive(chunk, now_s) if chunk else session.tick(now_s)

    async def _take(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Connected):
                self._wait_s = FIRST_WAIT_S
                self._report.up()
        await self._report.tell([event for event in events if not isinstance(event, Connected | RefusedBusy | Closed)])
        for event in events:
            if isinstance(event, Closed):
                raise LinkDownError(event.text, event.reason)

    async def _part(self, session: Session) -> None:
        events: Sequence[Event] = session.stop(self._clock.monotonic_s())
        try:
            async with asyncio.timeout(FAREWELL_S):
                while not any(isinstance(event, Closed) for event in events):
                    events = await self._exchange(session)
        except TimeoutError:
            log.warning("%s: the reader did not say goodbye in %.0f s", self.name, FAREWELL_S)
