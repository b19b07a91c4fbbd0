"""Numbers that an agent counts in its requests, and that a device repeats in its answers: each session has its own.

Pure: bytes in, bytes out.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from firmware_sim.recording.format import LLRP, Echoed, Entry, Kind

HEAD = 10
"""Bytes in front of an LLRP message (LLRP 1.1, 17.1): version and type, 32 bits of length, 32 bits of its number."""

NUMBER = slice(6, HEAD)
UNASKED = frozenset({61, 62, 63})
"""RO_ACCESS_REPORT, KEEPALIVE, READER_EVENT_NOTIFICATION: a reader numbers these by itself."""


class Echo(Protocol):
    """How a playback knows a request in spite of its number, and repeats the number."""

    @property
    def framed(self) -> bool:
        """Whether each request is by itself: `whole` has put it together."""
        ...

    def whole(self, entries: Sequence[Entry]) -> Iterable[Entry]:
        """Return what was asked and said, cut where messages end if that can be told."""
        ...

    def masked(self, asked: bytes) -> bytes:
        """Return requests, or the beginning of one, with nothing in place of their numbers."""
        ...

    def answer(self, request: bytes, asked: bytes, said: Sequence[bytes]) -> list[bytes]:
        """Return what was said to a recorded `request`, with the numbers of what is `asked` now."""
        ...


def echo_of(echoed: Echoed) -> Echo:
    """Return what the head of a recording names."""
    return LlrpNumbers() if echoed == LLRP else Span(slice(*echoed))


class Span:
    """Bytes at one place of a request, repeated at the same place of its answer; none, if the span is empty."""

    framed = False

    def __init__(self, span: slice) -> None:
        """Repeat the bytes of a span."""
        self._span = span

    def whole(self, entries: Sequence[Entry]) -> Iterable[Entry]:
        """Return them as they are."""
        return entries

    def masked(self, asked: bytes) -> bytes:
        """Return a request with zeros in the span."""
        masked = bytearray(asked)
        masked[self._span] = bytes(len(masked[self._span]))
        return bytes(masked)

    def answer(self, request: bytes, asked: bytes, said: Sequence[bytes]) -> list[bytes]:
        """Return an answer, the first bytes of it with what they repeat."""
        del request
        answer = list(said)
        if answer and len(answer[0]) >= self._span.stop:
            first = bytearray(answer[0])
            first[self._span] = asked[self._span]
            answer[0] = bytes(first)
        return answer


class LlrpNumbers:
    """The message numbers of LLRP. An answer may come after a later request, so that all numbers are kept."""

    framed = True

    def __init__(self) -> None:
        """Know no numbers yet."""
        self._now: dict[bytes, bytes] = {}

    def whole(self, entries: Sequence[Entry]) -> Iterable[Entry]:
        """Yield one message at a time, when its last byte came; one that has no end is left out."""
        waiting = {Kind.ASKED: bytearray(), Kind.SAID: bytearray()}
        for entry in entries:
            buffer = waiting[entry.kind]
            buffer += entry.data
            for length in _lengths(bytes(buffer)):
                yield Entry(entry.at_s, entry.kind, bytes(buffer[:length]))
                del buffer[:length]

    def masked(self, asked: bytes) -> bytes:
        """Return messages without their numbers."""
        masked, start = bytearray(asked), 0
        for length in (*_lengths(asked), len(asked)):
            number = masked[start:][NUMBER]
            masked[start + NUMBER.start : start + NUMBER.start + len(number)] = bytes(len(number))
            start += length
        return bytes(masked)

    def answer(self, request: bytes, asked: bytes, said: Sequence[bytes]) -> list[bytes]:
        """Return what was said with the numbers of now."""
        self._now[request[NUMBER]] = asked[NUMBER]
        return [self._renumbered(message) for message in said]

    def _renumbered(self, message: bytes) -> bytes:
        kind = int.from_bytes(message[:2], "big") & 0x3FF
        number = message[NUMBER]
        return message if kind in UNASKED else message[: NUMBER.start] + self._now.get(number, number) + message[HEAD:]


def _lengths(data: bytes) -> Iterator[int]:
    """Yield the lengths of the whole messages that bytes begin with."""
    start = 0
    while len(data) - start >= HEAD:
        length = int.from_bytes(data[start + 2 : start + 6], "big")
        if not HEAD <= length <= len(data) - start:
            return
        yield length
        start += length
