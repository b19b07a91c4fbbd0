"""Scales that speak unasked. Nothing is sent to them but a key, and to a key they give no answer that counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from coldport.clock import Clock
from edge.drivers.scales.keys import Press
from edge.drivers.scales.scale import SILENT_S
from edge.lines.scale import Key
from edge.ports import Link
from edge.protocols.framing import Tally
from edge.protocols.shown import Shown


class Stream(Protocol):
    """What cuts frames out of bytes; see `edge.protocols.streams`."""

    def feed(self, chunk: bytes) -> Sequence[Shown]:
        """Take what has arrived; return the frames completed by it."""
        ...

    @property
    def tally(self) -> Tally:
        """What could not be used."""
        ...


class StreamDialect:
    """Listens to one scale; see `edge.drivers.scales.scale.Dialect`."""

    def __init__(self, stream: Callable[[], Stream], keys: Mapping[Key, str], clock: Clock) -> None:
        """Read with a new `stream` whenever the line is opened; `keys` is what to send for each key it has."""
        self._new_stream = stream
        self._keys = keys
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Look for the next frame from scratch."""
        self._stream = self._new_stream()

    async def listen(self, link: Link) -> Sequence[Shown]:
        """Wait for whole frames."""
        end_s = self._clock.monotonic_s() + SILENT_S
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            frames = self._stream.feed(await link.read(left_s))
            if frames:
                return frames
        return []

    def spoiled(self) -> Sequence[str]:
        """Return why frames could not be read."""
        return self._stream.tally.take_untold()

    async def press(self, link: Link, press: Press) -> str | None:
        """Send a key. Frames from before it are dropped, so that what is read back came after."""
        if press.key not in self._keys:
            return "not-supported"
        await link.write(self._keys[press.key].encode("ascii"))
        self._stream.feed(await link.read(0))
        return None
