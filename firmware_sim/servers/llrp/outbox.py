"""What a reader has to tell its client: reports and events, in the order in which they came to be."""

from collections.abc import Callable, Iterator
from enum import IntEnum

from firmware_sim.servers.llrp.wire import Kind, tlv

REPORT_LIMIT = 1024
"""Reports that wait for a client that is away or does not read; newer ones are dropped, and an event says so."""

EVENT_LIMIT = 256
"""Events that wait; newer ones are dropped."""


class Event(IntEnum):
    """Kinds of events a client may want to be told of (table of ReaderEventNotificationSpec)."""

    HOPPING = 0
    GPI = 1
    ROSPEC = 2
    BUFFER = 3
    EXCEPTION = 4
    RF_SURVEY = 5
    AISPEC = 6
    SINGULATION = 7
    ANTENNA = 8
    LOOP = 9


class Outbox:
    """Holds whole bodies of messages. What a client does not want to be told is not held."""

    def __init__(self, stamp: Callable[[], bytes], wanted: Callable[[Event], bool]) -> None:
        """Stamp events with the parameter `stamp` returns, the time by the reader's clock."""
        self._stamp = stamp
        self._wanted = wanted
        self._waiting: list[tuple[Kind, bytes]] = []
        self._overflowing = False

    def report(self, reports: list[bytes]) -> None:
        """Hold reports, as far as there is room."""
        room = REPORT_LIMIT - sum(kind is Kind.RO_ACCESS_REPORT for kind, _ in self._waiting)
        self._waiting += [(Kind.RO_ACCESS_REPORT, body) for body in reports[:room]]
        if len(reports) > room:
            self.overflow()

    def overflow(self) -> None:
        """Tell, once until the client has taken what waits, that something was lost (ReportBufferOverflowError)."""
        if not self._overflowing:
            self._overflowing = True
            self.tell(Event.BUFFER, tlv(251))

    def tell(self, event: Event, parameter: bytes) -> None:
        """Hold an event that happens now."""
        if self._wanted(event) and len(self._waiting) < REPORT_LIMIT + EVENT_LIMIT:
            self._waiting.append((Kind.READER_EVENT_NOTIFICATION, self.stamped(parameter)))

    def stamped(self, event: bytes) -> bytes:
        """Return the body of an event notification."""
        return tlv(246, self._stamp(), event)

    def take(self) -> Iterator[tuple[Kind, bytes]]:
        """Take everything that waits."""
        yield from self._waiting
        self.clear()

    def clear(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()
        self._overflowing = False
