"""One scale on its own line: what it shows becomes weights, its silence a bad one. The dialect is a module of its own.

A weight is recorded when what the scale shows has changed, and at least once a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coldport.ids import LinkId, PointId
from coldport.messages.observation import Quality, Weight
from edge.observe import UNNUMBERED
from edge.ports import Link, LinkDownError, Outlet
from edge.stability import StabilityRule, StabilityWatch

SILENT_S = 1.0
"""A scale that has shown nothing for so long is silent; what it showed before is not shown on."""

REPEAT_S = 1.0
"""A weight that does not change is recorded this often, so that it is seen to be alive."""

REOPEN_S = 1.0
"""A line that is gone is tried again this often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a scale showed once, each mass as it gave it. `device_stable` is None when it has no such flag."""

    gross_kg: float | None = None
    tare_kg: float | None = None
    net_kg: float | None = None
    device_stable: bool | None = None
    quality: Quality = Quality.GOOD
    reason: str | None = None


class Dialect(Protocol):
    """How a kind of scale is listened to."""

    def begin(self) -> None:
        """Forget a conversation that broke off: the line has been opened anew."""
        ...

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Wait for what the scale shows next; empty when it was silent for `SILENT_S`.

        Raises:
            LinkDownError: The line is gone.
        """
        ...


class WeightReport:
    """Which of the many frames of a scale become weights. Pure: the moment of each frame is an argument."""

    def __init__(self, point: PointId, rule: StabilityRule) -> None:
        """Report for `point`; nothing has been reported yet."""
        self._point = point
        self._watch = StabilityWatch(rule)
        self._last: tuple[object, ...] = ()
        self._last_s = 0.0

    def weigh(self, shown: Shown, now: datetime, now_s: float) -> Weight | None:
        """Return a weight if there is something new to say, or a second has passed."""
        mass_kg = shown.net_kg if shown.gross_kg is None else shown.gross_kg
        verdict = self._watch.judge(now_s, mass_kg, device_stable=shown.device_stable)
        state = (shown, verdict.stable)
        if state == self._last and now_s - self._last_s < REPEAT_S:
            return None
        self._last, self._last_s = state, now_s
        return Weight(
            seq=UNNUMBERED,
            point=self._point,
            observed_at=now,
            spooled_at=now,
            gross_kg=shown.gross_kg,
            tare_kg=shown.tare_kg,
            net_kg=shown.net_kg,
            stable=verdict.stable,
            stable_by=verdict.by,
            quality=shown.quality,
            reason=shown.reason,
        )


class Scale:
    """One scale. It is the `Source` of its point."""

    def __init__(self, name: LinkId, link: Link, dialect: Dialect, report: WeightReport, outlet: Outlet) -> None:
        """Listen to a scale on `link`."""
        self.name = name
        self._link = link
        self._dialect = dialect
        self._report = report
        self._outlet = outlet

    async def run(self) -> None:
        """Listen for ever; when cancelled, give the line back."""
        try:
            while True:
                try:
                    await self._listen()
                except LinkDownError as error:
                    self._outlet.board.down(self.name, error.reason)
                    await self._link.close()
                    await self._record(Shown(quality=Quality.BAD, reason="link-down"))
                    await self._outlet.clock.sleep(REOPEN_S)
        finally:
            await self._link.close()

    async def _listen(self) -> None:
        await self._link.open()
        self._dialect.begin()
        while True:
            frames = await self._dialect.listen(self._link)
            if frames:
                self._outlet.board.up(self.name)
            else:
                self._outlet.board.down(self.name, "silent")
                frames = [Shown(quality=Quality.BAD, reason="silent")]
            for shown in frames:
                await self._record(shown)

    async def _record(self, shown: Shown) -> None:
        clock = self._outlet.clock
        weight = self._report.weigh(shown, clock.now(), clock.monotonic_s())
        if weight is not None:
            await self._outlet.sink.record([weight])
