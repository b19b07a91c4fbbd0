"""One RFID gate whose reader tells in JSON what it sees: Impinj and Zebra, over a broker or HTTP."""

import logging
from random import Random
from typing import Protocol

from edge.drivers.gates.report import GateReport, GateSettings
from edge.ports import Feed, LinkDownError, Outlet
from edge.protocols.framing import FrameError
from edge.protocols.json_stream import ObjectStream
from edge.protocols.reader_events import ReaderEvent, ReaderProblem

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Between two attempts to open the feed."""

LOOK_S = 5.0
"""Between two looks at a feed of which nothing comes: whether it is still there, and whether the reader is silent."""

JITTER = 0.2
"""Each wait is made longer by up to this part, so that many gateways do not come back in step."""

log = logging.getLogger("edge.gate")


class JsonReader(Protocol):
    """What a maker's events mean, one object at a time."""

    def read(self, text: bytes, now_s: float) -> list[ReaderEvent]:
        """Read an object; raises FrameError."""
        ...


class JsonGate:
    """One reader. It is the `Source` of its point."""

    def __init__(
        self, settings: GateSettings, feed: Feed, reader: JsonReader, outlet: Outlet, silent_s: float, dice: Random
    ) -> None:
        """Read events from `feed`. A reader of which nothing comes for `silent_s` is silent: its beacon is missing."""
        self.name = settings.name
        self._feed = feed
        self._reader = reader
        self._report = GateReport(settings, outlet)
        self._clock = outlet.clock
        self._silent_s = silent_s
        self._dice = dice
        self._wait_s = FIRST_WAIT_S

    async def run(self) -> None:
        """Read for ever; when cancelled, give the feed back."""
        try:
            while True:
                try:
                    await self._feed.open()
                    await self._listen()
                except LinkDownError as error:
                    log.info("%s: %s", self.name, error)
                    self._report.down(error.reason)
                await self._feed.close()
                wait_s = self._wait_s * (1 + JITTER * self._dice.random())
                self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
                await self._clock.sleep(wait_s)
        finally:
            await self._feed.close()

    async def _listen(self) -> None:
        """Read what comes. A silent reader is told, and listened for; a stream of its own is asked for anew.

        Raises:
            LinkDownError: The feed has ended, or of a stream nothing comes: its connection may be one of a reader that
                has started again and knows nothing of it.
        """
        self._report.begin()
        stream = ObjectStream(lines=not self._feed.whole)
        heard_s = self._clock.monotonic_s()
        while True:
            left_s = heard_s + self._silent_s - self._clock.monotonic_s()
            chunk = await self._feed.read(min(LOOK_S, max(0.0, left_s)))
            now_s = self._clock.monotonic_s()
            if chunk:
                heard_s, self._wait_s = now_s, FIRST_WAIT_S
                self._report.up()
                await self._report.tell(self._read(stream, chunk, now_s))
            elif now_s >= heard_s + self._silent_s:
                if not self._feed.whole:
                    raise LinkDownError(f"nothing has come for {self._silent_s:.0f} s", "silent")
                self._report.down("silent")
                heard_s = now_s

    def _read(self, stream: ObjectStream, chunk: bytes, now_s: float) -> list[ReaderEvent]:
        objects = stream.feed(chunk)
        if self._feed.whole:
            objects += stream.end()
        events: list[ReaderEvent] = []
        for one in objects:
            try:
                if isinstance(one, FrameError):
                    raise one
                events += self._reader.read(one, now_s)
            except FrameError as error:
                events.append(ReaderProblem(reason=error.reason, text=str(error)))
        return events
