"""MT-SICS: the scale is asked for its tare and its weight, again and again.

Asked, and not set to repeat by itself (`SIR`), because a scale that was switched off and on has forgotten such a
setting. The tare tells whether the weight shown is gross or net; it is asked for before and after each weight, for
somebody may press the key in between, and the one after is also the one before the next. Where a serial number is
expected, it is asked for before anything else, and again after each silence, in which the scale may have been changed.
"""

from collections.abc import Sequence

from coldport.clock import Clock
from edge.drivers.scales.keys import Press
from edge.drivers.scales.scale import WrongDeviceError
from edge.lines.scale import Key
from edge.ports import Link
from edge.protocols.framing import FrameError
from edge.protocols.shown import Shown, bad
from edge.protocols.sics import (
    CLEAR_TARE,
    SERIAL_NUMBER,
    TARE,
    TARE_WEIGHT,
    WEIGHT_NOW,
    ZERO,
    Command,
    Conversation,
    DoneReply,
    RefusedReply,
    Reply,
    WeightReply,
    preset_tare,
)

TRIES = 3
"""Weights asked for while the tare changes: nobody presses the key four times in a fifth of a second."""

_KEYS = {Key.ZERO: ZERO, Key.TARE: TARE, Key.CLEAR_TARE: CLEAR_TARE}


class SicsDialect:
    """Asks one scale; see `edge.drivers.scales.scale.Dialect`."""

    def __init__(self, every_s: float, clock: Clock, serial_number: str | None = None) -> None:
        """Ask every `every_s`, and read no other scale than that with `serial_number`, if one is given."""
        self._serial_number = serial_number
        self._every_s = every_s
        self._clock = clock
        self._next_s = clock.monotonic_s()
        self.begin()

    def begin(self) -> None:
        """Forget what was asked."""
        self._conversation = Conversation()
        self._has_tare = True
        self._known = self._serial_number is None
        self._before_kg: float | None = None

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Ask for tare and weight, when it is time; a second without an answer is silence."""
        await self._clock.sleep(self._next_s - self._clock.monotonic_s())
        self._next_s = max(self._next_s + self._every_s, self._clock.monotonic_s())
        try:
            await self._identify(link)
            return [await self._weigh(link)]
        except FrameError as error:
            self._before_kg = None
            if error.reason != "timeout":
                return [bad(error.reason)]
            self._known = self._serial_number is None
            return []

    def spoiled(self) -> Sequence[str]:
        """Return nothing: a reply that cannot be read is a display without a weight."""
        return ()

    async def press(self, link: Link, press: Press) -> str | None:
        """Press a key. No answer is no refusal: what the scale shows then tells."""
        command = preset_tare(press.tare_kg) if press.tare_kg is not None else _KEYS[press.key]
        try:
            reply = await self._ask(link, command)
        except FrameError:
            return None
        return reply.reason if isinstance(reply, RefusedReply | WeightReply) else None

    async def _identify(self, link: Link) -> None:
        if self._known or self._serial_number is None:
            return
        reply = await self._ask(link, SERIAL_NUMBER)
        found = reply.texts[0] if isinstance(reply, DoneReply) and reply.texts else "unnamed"
        if found != self._serial_number:
            raise WrongDeviceError(self._serial_number, found)
        self._known = True

    async def _weigh(self, link: Link) -> Shown:
        for _ in range(TRIES):
            before_kg = await self._tare_kg(link) if self._before_kg is None else self._before_kg
            reply = await self._ask(link, WEIGHT_NOW)
            self._before_kg = after_kg = await self._tare_kg(link)
            if not isinstance(reply, WeightReply):
                return bad(reply.reason if isinstance(reply, RefusedReply) else "not-a-weight")
            if after_kg == before_kg:
                return _shown(reply, after_kg if self._has_tare else None)
        return bad("tare-unknown")

    async def _tare_kg(self, link: Link) -> float:
        """Return the tare; 0 for a scale without one, which shows gross weights only."""
        reply = await self._ask(link, TARE_WEIGHT) if self._has_tare else None
        if isinstance(reply, RefusedReply) and reply.reason == "syntax":
            self._has_tare = False
        if not self._has_tare:
            return 0.0
        if not isinstance(reply, WeightReply) or reply.mass_kg is None:
            raise FrameError("tare-unknown", f"{reply} does not tell the tare")
        return reply.mass_kg

    async def _ask(self, link: Link, command: Command) -> Reply:
        self._conversation.feed(await link.read(0))
        await link.write(self._conversation.ask(command))
        end_s = self._clock.monotonic_s() + command.timeout_s
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            for heard in self._conversation.feed(await link.read(left_s)):
                if isinstance(heard, FrameError):
                    self._conversation.give_up()
                    raise heard
                if heard.asked is command:
                    return heard.reply
        raise self._conversation.give_up()


def _shown(reply: WeightReply, tare_kg: float | None) -> Shown:
    """Sort what the display shows: with a tare in memory it is net, without one it is gross."""
    return Shown(
        gross_kg=None if tare_kg else reply.mass_kg,
        tare_kg=tare_kg,
        net_kg=reply.mass_kg if tare_kg else None,
        device_stable=reply.stable,
        quality=reply.quality,
        reason=reply.reason,
    )
