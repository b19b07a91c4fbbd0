"""Frames cut out of the stream of a scale that speaks unasked. What cannot be read is counted and passed over."""

import re
from collections.abc import Callable
from typing import Generic, TypeVar

from edge.protocols.framing import FrameError, Tally

Frame = TypeVar("Frame")

LINE_LIMIT = 64
"""Bytes of a line. The longest weight of the text dialects has 22."""

_LINE_END = re.compile(rb"[\r\n]+")


class FrameStream(Generic[Frame]):
    """Frames of fixed length that can be known by their shape.

    Bytes that do not fit the shape are passed over one by one. A frame that fits and cannot be read costs one byte, not
    its length, because its beginning may have stood in the middle of a torn one.
    """

    def __init__(self, shape: re.Pattern[bytes], size: int, read: Callable[[bytes], Frame]) -> None:
        """Begin with an empty buffer. `shape` fits exactly `size` bytes; `read` raises FrameError."""
        self._shape = shape
        self._size = size
        self._read = read
        self._buffer = bytearray()
        self.tally = Tally()

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take what has arrived; return the frames completed by it. Less than a frame is kept."""
        self._buffer += chunk
        frames = []
        start = 0
        while found := self._shape.search(self._buffer, start):
            self.tally.skipped_bytes += found.start() - start
            try:
                frames.append(self._read(found.group()))
            except FrameError as error:
                self.tally.spoil(error.reason, found.group())
                start = found.start() + 1
            else:
                start = found.end()
        rest = max(start, len(self._buffer) - self._size + 1)
        self.tally.skipped_bytes += rest - start
        del self._buffer[:rest]
        return frames


class LineStream(Generic[Frame]):
    """Lines that end in CR, LF or both. One that is too long is dropped whole, as is one that cannot be read."""

    def __init__(self, read: Callable[[bytes], Frame]) -> None:
        """Begin with an empty buffer; `read` gets a line without its end and raises FrameError."""
        self._read = read
        self._buffer = bytearray()
        self._skipping = False
        self.tally = Tally()

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take what has arrived; return what its whole lines say. Less than a line is kept."""
        *lines, rest = _LINE_END.split(self._buffer + chunk)
        frames = []
        for line in lines:
            if self._skipping or not line:
                self._skipping = False
                continue
            try:
                frames.append(self._read_line(bytes(line)))
            except FrameError as error:
                self.tally.spoil(error.reason, line)
        if len(rest) > LINE_LIMIT:
            if not self._skipping:
                self.tally.spoil("line-too-long", rest)
            self._skipping = True
            rest = bytearray()
        self._buffer = bytearray(rest)
        return frames

    def _read_line(self, line: bytes) -> Frame:
        if len(line) > LINE_LIMIT:
            raise FrameError("line-too-long", f"a line of {len(line)} bytes")
        return self._read(line)
