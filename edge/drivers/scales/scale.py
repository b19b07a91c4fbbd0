"""One scale on its own line: what it shows becomes weights, its silence a bad one. Each dialect is a module."""

import asyncio
import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from coldport.errors import RefusedError
from coldport.ids import LinkId
from coldport.messages.observation import Quality
from edge.drivers.scales.keys import End, Outcome, Press, took_effect
from edge.drivers.scales.report import WeightReport
from edge.lines.scale import Key
from edge.ports import Link, LinkDownError, Outlet
from edge.protocols.shown import NO_WEIGHT, Shown, bad

SILENT_S = 1.0
"""A scale that has shown nothing for so long is silent; what it showed before is not shown on."""

REOPEN_S = 1.0
"""A line that is gone is tried again this often."""

READ_BACK_S = 3.0
"""How long a key may take to show: a scale that is asked to zero or tare filters its weight anew."""

log = logging.getLogger("edge.scale")


class WrongDeviceError(LinkDownError):
    """Another scale answers than the one that belongs on this line."""

    code = "wrong-device"

    def __init__(self, expected: str, found: str) -> None:
        """Say which was expected and which was found."""
        super().__init__(f"scale {found!r} answers, {expected!r} belongs here", reason="wrong-device")


class Dialect(Protocol):
    """How a kind of scale is listened to."""

    def begin(self) -> None:
        """Forget a conversation that broke off: the line has been opened anew."""
        ...

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Wait for what the scale shows next; empty when nothing that can be read came for `SILENT_S`.

        Raises:
            LinkDownError: The line is gone, or another scale is on it.
        """
        ...

    def spoiled(self) -> Sequence[str]:
        """Return the reasons of the frames that could not be read since this was last asked, oldest first."""
        ...

    async def press(self, link: Link, press: Press) -> str | None:
        """Press a key; return why the scale refused, None when it accepted or never says.

        Raises:
            LinkDownError: The line is gone.
        """
        ...


class Scale:
    """One scale. It is the `Source` of its point, and its keys can be pressed while it runs."""

    def __init__(
        self, name: LinkId, link: Link, dialect: Dialect, report: WeightReport, division_kg: float, outlet: Outlet
    ) -> None:
        """Listen to a scale on `link`."""
        self.name = name
        self._link = link
        self._dialect = dialect
        self._report = report
        self._division_kg = division_kg
        self._outlet = outlet
        self._connected = False
        self._pressed: tuple[Press, asyncio.Future[Outcome]] | None = None
        self._needed_zero = False

    async def zero(self, by: str) -> Outcome:
        """Press the zero key for the operator `by`. The scale itself refuses outside its zero range.

        Raises:
            RefusedError: Nobody is named.
        """
        return await self._press(Press(Key.ZERO, by))

    async def tare(self, by: str) -> Outcome:
        """Press the tare key for the operator `by`; raises as `zero` does."""
        return await self._press(Press(Key.TARE, by))

    async def clear_tare(self, by: str) -> Outcome:
        """Clear the tare for the operator `by`; raises as `zero` does."""
        return await self._press(Press(Key.CLEAR_TARE, by))

    async def preset_tare(self, by: str, tare_kg: Decimal) -> Outcome:
        """Set the tare to a known mass for the operator `by`; raises as `zero` does, and for a mass below zero."""
        if not tare_kg.is_finite() or tare_kg < 0:
            raise RefusedError(f"a tare of {tare_kg} kg cannot be")
        return await self._press(Press(Key.PRESET_TARE, by, tare_kg))

    async def run(self) -> None:
        """Listen for ever; when cancelled, give the line back."""
        try:
            while True:
                try:
                    await self._listen()
                except LinkDownError as error:
                    await self._go_down(error)
                    await self._outlet.clock.sleep(REOPEN_S)
        finally:
            self._connected = False
            self._answer(Outcome(End.NOT_VERIFIED, "stopped"))
            await self._link.close()

    async def _go_down(self, error: LinkDownError) -> None:
        if isinstance(error, WrongDeviceError):
            log.warning("%s: %s", self.name, error)
        self._connected = False
        self._outlet.board.down(self.name, error.reason)
        self._answer(Outcome(End.NOT_VERIFIED, error.reason))
        await self._link.close()
        await self._record(bad(error.code))

    async def _listen(self) -> None:
        await self._link.open()
        self._dialect.begin()
        while True:
            await self._take_frames()
            self._connected = True
            if self._pressed is not None:
                await self._carry_out(self._pressed[0])

    async def _take_frames(self) -> Sequence[Shown]:
        frames = await self._dialect.listen(self._link)
        spoiled = self._dialect.spoiled()
        if frames:
            self._outlet.board.up(self.name)
        else:
            reason = spoiled[-1] if spoiled else "silent"
            self._outlet.board.down(self.name, reason)
            frames = [bad(reason)]
        for reason in spoiled:
            self._outlet.health.error(self.name, self.name, reason)
        for shown in frames:
            self._count(shown)
            await self._record(shown)
        return frames

    def _count(self, shown: Shown) -> None:
        """Count a display for the health of the scale: one without a weight was heard as well as another."""
        if shown.quality is not Quality.BAD or shown.reason is None or shown.reason in NO_WEIGHT:
            self._outlet.health.frame(self.name, self.name)
        else:
            self._outlet.health.error(self.name, self.name, shown.reason)

    async def _record(self, shown: Shown) -> None:
        clock = self._outlet.clock
        told = self._report.weigh(shown, clock.now(), clock.monotonic_s())
        if self._report.needs_zero != self._needed_zero:
            self._needed_zero = self._report.needs_zero
            log.warning("%s %s", self.name, "needs its zero key pressed" if self._needed_zero else "is at zero again")
        if told:
            await self._outlet.sink.record(told)

    async def _press(self, press: Press) -> Outcome:
        if not press.by.strip():
            raise RefusedError("a scale's key is pressed by somebody: name the operator")
        if not self._connected:
            return self._log(press, Outcome(End.REFUSED, "link-down"))
        if self._pressed is not None:
            return self._log(press, Outcome(End.REFUSED, "busy"))
        answer = asyncio.get_running_loop().create_future()
        self._pressed = press, answer
        return self._log(press, await answer)

    async def _carry_out(self, press: Press) -> None:
        clock = self._outlet.clock
        # A scale may wait for rest for many seconds, and what it shows meanwhile is not known.
        await self._record(bad("key-pressed"))
        refusal = await self._dialect.press(self._link, press)
        if refusal is not None:
            self._answer(Outcome(End.REFUSED, refusal))
            return
        end_s = clock.monotonic_s() + READ_BACK_S
        while clock.monotonic_s() < end_s:
            frames = await self._take_frames()
            if took_effect(press, frames[-1], self._division_kg):
                self._answer(Outcome(End.DONE))
                return
        self._answer(Outcome(End.NOT_VERIFIED, "no-effect"))

    def _answer(self, outcome: Outcome) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not pressed[1].done():
            pressed[1].set_result(outcome)

    def _log(self, press: Press, outcome: Outcome) -> Outcome:
        tare = "" if press.tare_kg is None else f" {press.tare_kg} kg"
        reason = f": {outcome.reason}" if outcome.reason else ""
        log.info("%s: %s%s by %s is %s%s", self.name, press.key, tare, press.by, outcome.end, reason)
        return outcome
