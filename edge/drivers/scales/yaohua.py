"""Yaohua indicators set to tF=1: asked for gross and tare, and for net when there is a tare."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from coldport.clock import Clock
from edge.drivers.scales.keys import Press
from edge.drivers.scales.scale import SILENT_S
from edge.lines.scale import Key
from edge.ports import Link
from edge.protocols.mass import kilograms
from edge.protocols.shown import Shown
from edge.protocols.yaohua import GROSS, NET, TARE, Exchange, ask_weight, press_key

ANSWER_S = 0.4
"""The manual allows 0.5 s for two tries at 600 baud; at 4800 an answer takes 0.05 s."""


class YaohuaDialect:
    """Asks one indicator; see `edge.drivers.scales.scale.Dialect`. Whether it is at rest is derived: it has no flag."""

    def __init__(
        self, *, address: str, digits: int, unit: str, every_s: float, keys: Mapping[Key, str], clock: Clock
    ) -> None:
        """Ask the indicator `address` every `every_s`; `keys` holds the command of each key that it has."""
        self._address = address
        self._digits = digits
        self._unit = unit
        self._every_s = every_s
        self._keys = keys
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Ask at once."""
        self._spoiled: list[str] = []
        self._next_s = self._clock.monotonic_s()

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Ask for the weights, when it is time; a wrong or missing answer is asked for until a second has passed."""
        await self._clock.sleep(self._next_s - self._clock.monotonic_s())
        self._next_s = max(self._next_s + self._every_s, self._clock.monotonic_s())
        end_s = self._clock.monotonic_s() + SILENT_S
        while self._clock.monotonic_s() < end_s:
            gross_kg = await self._weight(link, GROSS)
            tare_kg = None if gross_kg is None else await self._weight(link, TARE)
            net_kg = await self._weight(link, NET) if tare_kg else None
            if gross_kg is not None and tare_kg is not None and bool(tare_kg) == (net_kg is not None):
                return [Shown(gross_kg=gross_kg, tare_kg=tare_kg, net_kg=net_kg)]
        return []

    def spoiled(self) -> Sequence[str]:
        """Return why replies could not be read."""
        spoiled, self._spoiled = self._spoiled, []
        return spoiled

    async def press(self, link: Link, press: Press) -> str | None:
        """Press a key; an indicator that cannot obey does not answer."""
        command = self._keys.get(press.key)
        if command is None:
            return "not-supported"
        replies = await self._exchange(link, press_key(self._address, command))
        return None if replies else "no-answer"

    async def _weight(self, link: Link, command: str) -> float | None:
        replies = await self._exchange(link, ask_weight(self._address, command, self._digits))
        value = replies[0] if replies else None
        return None if value is None else kilograms(value, self._unit)

    async def _exchange(self, link: Link, exchange: Exchange) -> Sequence[Decimal | None]:
        link.discard()
        await link.write(exchange.outgoing)
        end_s = self._clock.monotonic_s() + ANSWER_S
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            replies = exchange.replies.feed(await link.read(left_s))
            if replies:
                return replies
        self._spoiled += exchange.replies.tally.take_untold()
        return []
