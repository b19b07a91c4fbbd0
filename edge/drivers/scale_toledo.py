"""Toledo continuous output: the scale speaks unasked, so nothing is ever sent to it."""

from collections.abc import Sequence

from coldport.clock import Clock
from edge.drivers.scale import SILENT_S, Shown
from edge.ports import Link
from edge.protocols.toledo import ContinuousFrame, ContinuousReader


class ToledoDialect:
    """Listens to one scale; see `edge.drivers.scale.Dialect`."""

    def __init__(self, clock: Clock, *, with_checksum: bool) -> None:
        """Expect frames with or without a checksum, as the scale is set."""
        self._clock = clock
        self._with_checksum = with_checksum
        self.begin()

    def begin(self) -> None:
        """Look for the next frame from scratch."""
        self._reader = ContinuousReader(with_checksum=self._with_checksum)

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Wait for whole frames; bytes that make none are silence."""
        end_s = self._clock.monotonic_s() + SILENT_S
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            frames = self._reader.feed(await link.read(left_s))
            if frames:
                return [_shown(frame) for frame in frames]
        return []


def _shown(frame: ContinuousFrame) -> Shown:
    return Shown(
        gross_kg=None if frame.net else frame.shown_kg,
        net_kg=frame.shown_kg if frame.net else None,
        tare_kg=frame.tare_kg,
        device_stable=not frame.moving,
        quality=frame.quality,
        reason=frame.reason,
    )
