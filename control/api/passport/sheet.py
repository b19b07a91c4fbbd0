"""What everybody may know of a passport, gathered from the events, the lot and the historian, and kept for a minute.

It is kept because the page is open to all: whoever asks for one thing again and again costs nothing but the answer.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError, UnavailableError
from control.api.context import Context
from control.api.passport.cold import curve_of
from control.api.passport.curve import Curve
from control.api.passport.trace import story_of
from control.passport.passports import Passport, name_of
from control.passport.story import Story

SETTLED = timedelta(seconds=10)
"""Before this a reading may be on its way, and the end of a curve would look like a gap."""
KEEP_S = 60.0
KEEP_LIMIT = 500
"""Answers that are kept: of a name or a lot one; a curve has some 20 kB, so 10 MB at most."""

Value = TypeVar("Value")


class Sheet(Struct, frozen=True, kw_only=True):
    """All of it. `until` is when the curve ends; `curve` is None when there is none, or it cannot be had now."""

    passport: Passport
    name: str
    address: str
    site: str
    story: Story
    curve: Curve | None
    until: datetime | None


class Kept(Generic[Value]):
    """Answers by key, each for `KEEP_S`; above `KEEP_LIMIT` the oldest goes."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        """Begin empty."""
        self._now_s = monotonic_s
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    async def get(self, key: str, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Return what is kept of a key, or ask anew; what `ask` raises is not kept."""
        kept = self._kept.get(key)
        if kept is not None and self._now_s() - kept[0] < KEEP_S:
            return kept[1]
        value = await ask()
        self._kept.pop(key, None)
        self._kept[key] = (self._now_s(), value)
        if len(self._kept) > KEEP_LIMIT:
            self._kept.popitem(last=False)
        return value


class Sheets:
    """The sheets of one site."""

    def __init__(self, context: Context) -> None:
        """Gather from the parts behind the routes."""
        self._context = context
        self._stories: Kept[Story] = Kept(context.clock.monotonic_s)
        self._curves: Kept[Curve | None] = Kept(context.clock.monotonic_s)

    async def sheet(self, passport: Passport, language: str) -> Sheet:
        """Return what everybody may know of a passport; raises UnavailableError when the events are away."""
        context, issued = self._context, passport.issued
        name = name_of(issued)
        desk = context.desk
        curve = await self._curves.get(issued.lot, lambda: self._curve(issued.lot)) if issued.lot is not None else None
        return Sheet(
            passport=passport,
            name=name,
            address=context.passports.address_of(name),
            site=desk.site.name.zh if language == "zh" else desk.site.name.en,
            story=await self._stories.get(name, lambda: story_of(issued, desk.site, context.traces)),
            curve=curve,
            until=curve.columns[-1].end if curve is not None else None,
        )

    async def _curve(self, name: str | None) -> Curve | None:
        context = self._context
        try:
            lot = context.desk.lot(name or "")
            until = context.desk.now() - SETTLED
            curve = await context.archive.ask(
                lambda: curve_of(lot, until, context.desk.site, context.archive.buckets_now)
            )
        except (NotFoundError, RefusedError, UnavailableError):
            return None  # what else is known of the thing is shown all the same
        return curve if curve.columns else None
