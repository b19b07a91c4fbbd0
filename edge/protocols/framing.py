"""What every protocol shares: the error of a frame that cannot be read, and the count a reader keeps of them."""

from collections import deque
from dataclasses import dataclass, field

from coldport.errors import MalformedError

UNTOLD_LIMIT = 100
"""Reasons that wait to be told: five seconds of a scale at 20 frames a second of which each is spoiled."""

SAMPLE_LIMIT = 64
"""Bytes kept of a spoiled frame: any scale or Modbus-temperature frame is shorter, so the sample is whole."""


class FrameError(MalformedError):
    """A device sent what cannot be read, or refused.

    `reason` is short enough to go on the wire as the reason of a bad reading: `crc`, `wrong-unit`, `exception-2`.
    """

    code = "malformed-frame"

    def __init__(self, reason: str, text: str) -> None:
        """Say `text` to people and `reason` to machines (`[a-z0-9-]`, at most 40)."""
        super().__init__(text)
        self.reason = reason


class StreamLostError(FrameError):
    """The beginning of the next frame can no longer be found. Only a new connection helps."""


@dataclass(slots=True)
class Tally:
    """What a reader of a stream could not use. A sample of each reason is kept, so that a person can look at it."""

    spoiled: int = 0
    """Frames that were complete and wrong."""
    skipped_bytes: int = 0
    """Bytes passed over while looking for the beginning of a frame."""
    samples: dict[str, bytes] = field(default_factory=dict)
    """By reason, the first spoiled frame."""
    untold: deque[str] = field(default_factory=lambda: deque(maxlen=UNTOLD_LIMIT))
    """The reasons of the latest, for the health of the device."""

    def spoil(self, reason: str, frame: bytes | bytearray) -> None:
        """Count a spoiled frame. `reason` comes from this code, never from the device, so the samples are few."""
        self.spoiled += 1
        self.samples.setdefault(reason, bytes(frame[:SAMPLE_LIMIT]))
        self.untold.append(reason)

    def take_untold(self) -> list[str]:
        """Return the reasons of what was spoiled since this was last asked, oldest first."""
        told = list(self.untold)
        self.untold.clear()
        return told
