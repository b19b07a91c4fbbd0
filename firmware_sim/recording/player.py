"""The device of a recording, played: it answers what it was asked then, and says by itself what it said by itself.

Pure: time is an argument.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from firmware_sim.recording.echo import echo_of
from firmware_sim.recording.format import Echoed, Entry, Kind

GAP_S = 0.5
"""Silence after which the beginning of a request is forgotten. A request at 1200 baud takes less."""

SHORTEST_PAUSE_S = 0.02
"""Between the end of a stream and its beginning; a recording of one chunk must not be said without end at once."""


@dataclass(slots=True)
class Exchange:
    """A request, and all that the device said until the next one, each with its delay after the request."""

    request: bytes
    said: list[tuple[float, bytes]] = field(default_factory=list)


class Playback:
    """A core for one line, or one connection (`firmware_sim.servers.core.Core`).

    A recording in which nobody asked is a stream: it is said at its times, and again from its beginning. Otherwise each
    request is looked for in the recording, from the one answered last on and then from the beginning, and gets the
    answer it got then. One that is nowhere in it gets none, and is counted in `unknown`.
    """

    def __init__(self, entries: Sequence[Entry], echo: Echoed = (0, 0), speed: float = 1.0) -> None:
        """Play one connection `speed` times as fast; `echo` is what an answer repeats of its request."""
        self.unknown = 0
        self.unknown_sample = b""
        self._echo = echo_of(echo)
        self._speed = speed
        self._greeting, self._exchanges = _exchanges(self._echo.whole(entries), framed=self._echo.framed)
        self._requests = {self._echo.masked(one.request) for one in self._exchanges}
        self._position = 0
        self._due: deque[tuple[float, bytes]] = deque()
        self._heard = bytearray()
        self._heard_s = 0.0
        self._begun = False
        self._pause_s = _pause_s([at_s for at_s, _ in self._greeting]) / speed

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the agent asks, in any split."""
        if now_s - self._heard_s > GAP_S:
            self._heard.clear()
        self._heard_s = now_s
        if not self._exchanges:
            return
        self._heard += data
        while self._heard:
            found = self._find()
            if found is None:
                return
            exchange = self._exchanges[found]
            asked = bytes(self._heard[: len(exchange.request)])
            del self._heard[: len(asked)]
            self._position = (found + 1) % len(self._exchanges)
            self._due.clear()
            delays_s, said = [delay_s for delay_s, _ in exchange.said], [data for _, data in exchange.said]
            self._plan(zip(delays_s, self._echo.answer(exchange.request, asked, said), strict=True), now_s)

    def send(self, now_s: float) -> bytes:
        """Return what is due."""
        if not self._begun:
            self._begun = True
            self._plan(self._greeting, now_s)
        out = bytearray()
        while self._due and self._due[0][0] <= now_s:
            last_s, said = self._due.popleft()
            out += said
            if not self._due and not self._exchanges:
                self._plan(self._greeting, last_s + self._pause_s)
        return bytes(out)

    @property
    def finished(self) -> bool:
        """It goes on until the agent leaves."""
        return False

    def _plan(self, said: Iterable[tuple[float, bytes]], now_s: float) -> None:
        self._due.extend((now_s + delay_s / self._speed, data) for delay_s, data in said)

    def _find(self) -> int | None:
        """Return the number of the exchange that what was heard begins with; None when that is not whole yet."""
        self._skip()
        count, heard = len(self._exchanges), self._echo.masked(bytes(self._heard))
        for step in range(count):
            number = (self._position + step) % count
            if heard.startswith(self._echo.masked(self._exchanges[number].request)):
                return number
        return None

    def _skip(self) -> None:
        """Drop the bytes in front with which no request begins."""
        start = 0
        while start < len(self._heard) and not self._is_request(self._echo.masked(bytes(self._heard[start:]))):
            start += 1
        if start:
            self.unknown += 1
            self.unknown_sample = self.unknown_sample or bytes(self._heard[:start])
            del self._heard[:start]

    def _is_request(self, heard: bytes) -> bool:
        """Tell whether bytes begin with a request, or are the beginning of one."""
        return any(heard.startswith(one) or one.startswith(heard) for one in self._requests)


def _pause_s(moments_s: Sequence[float]) -> float:
    """Return how long a stream pauses before it begins again, less its first delay: as long as between its last two."""
    if not moments_s:
        return 0.0
    last = moments_s[-2:]
    return max(SHORTEST_PAUSE_S, last[-1] - last[0]) - moments_s[0]


def _exchanges(entries: Iterable[Entry], *, framed: bool) -> tuple[list[tuple[float, bytes]], list[Exchange]]:
    """Return what the device said before it was asked anything, and the requests with what it said after each.

    What was asked in several pieces with nothing said between is one request, unless each piece is `framed` as one.
    """
    greeting: list[tuple[float, bytes]] = []
    exchanges: list[Exchange] = []
    asked_s, is_asking = 0.0, False
    for entry in entries:
        if entry.kind is Kind.ASKED:
            if framed or not is_asking:
                exchanges.append(Exchange(b""))
            exchanges[-1].request += entry.data
            asked_s = entry.at_s
        elif exchanges:
            exchanges[-1].said.append((entry.at_s - asked_s, entry.data))
        else:
            greeting.append((entry.at_s, entry.data))
        is_asking = entry.kind is Kind.ASKED
    return greeting, exchanges
