"""Which of the many frames of a scale become weights, and which end a load. Pure: the moment of each is an argument."""

from datetime import datetime

from msgspec.structs import replace

from coldport.ids import PointId
from coldport.messages.observation import Quality, Weighing, Weight
from edge.drivers.scales.load_cycle import Captured, LoadCycle
from edge.drivers.scales.stability import StabilityRule, StabilityWatch
from edge.observe import UNNUMBERED
from edge.protocols.shown import Shown

REPEAT_S = 1.0
"""A weight that does not change is recorded this often, so that it is seen to be alive."""


class WeightReport:
    """Reports one scale: a weight when what it shows has changed and at least once a second, a weighing for each load.

    While the empty platform is off its zero its good weights are uncertain, `needs-zero`. They are not corrected.
    """

    def __init__(self, point: PointId, rule: StabilityRule, cycle: LoadCycle | None = None) -> None:
        """Report for `point`; nothing has been reported yet. Without a `cycle` there are no weighings."""
        self._point = point
        self._watch = StabilityWatch(rule)
        self._cycle = cycle
        self._last: tuple[object, ...] = ()
        self._last_s = 0.0

    @property
    def needs_zero(self) -> bool:
        """Whether somebody should press the zero key."""
        return self._cycle is not None and self._cycle.needs_zero

    def weigh(self, shown: Shown, now: datetime, now_s: float) -> list[Weight | Weighing]:
        """Return what there is to say of a frame, the weight before the weighing."""
        verdict = self._watch.judge(now_s, shown.load_kg, device_stable=shown.device_stable)
        captured = self._cycle.follow(shown, verdict, now, now_s) if self._cycle else None
        state = (shown, verdict.stable, self.needs_zero)
        told: list[Weight | Weighing] = []
        if state != self._last or now_s - self._last_s >= REPEAT_S:
            self._last, self._last_s = state, now_s
            weight = Weight(
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
            if self.needs_zero and shown.quality is Quality.GOOD:
                weight = replace(weight, quality=Quality.UNCERTAIN, reason="needs-zero")
            told.append(weight)
        if captured is not None:
            told.append(self._weighing(captured, now))
        return told

    def _weighing(self, captured: Captured, now: datetime) -> Weighing:
        return Weighing(
            seq=UNNUMBERED,
            point=self._point,
            observed_at=now,
            spooled_at=now,
            number=captured.number,
            placed_at=captured.placed_at,
            gross_kg=captured.shown.gross_kg,
            tare_kg=captured.shown.tare_kg,
            net_kg=captured.shown.net_kg,
            stable_by=captured.stable_by,
            quality=captured.shown.quality,
            reason=captured.shown.reason,
        )
