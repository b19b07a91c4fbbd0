"""The reader: its ROSpecs and settings outlive a connection, and it has one client at a time."""

from collections.abc import Callable, Iterable

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.servers.llrp.capabilities import capabilities, config
from firmware_sim.servers.llrp.operations import Operations
from firmware_sim.servers.llrp.wire import (
    RESPONSE_OFFSET,
    VERSION,
    Kind,
    Message,
    Parameter,
    Problem,
    Splitter,
    Status,
    at,
    message,
    parameters,
    status,
    tlv,
    u8,
    u16,
    u32,
    u64,
)

ACCEPTED, TAKEN, TRIED = 0, 2, 4
"""ConnectionAttemptEvent: success; a client is there already; another client tried (told to the one that is there)."""

UNKNOWN_KIND = 999
_ROSPEC_EVENT = 2
_EVENT_KINDS = range(10)
_KEEPALIVE, _EVENT_SPEC, _EVENT_STATE = 220, 244, 245
_SETTINGS = frozenset({217, 219, 222, 225, 226, 237, 239, _KEEPALIVE, _EVENT_SPEC, 1023})
"""What SET_READER_CONFIG may hold (section 12.2.2); all but two are accepted and change nothing here."""

IMPINJ, IMPINJ_ENABLE, IMPINJ_ENABLED = 25882, 21, 22


class LlrpReader:
    """One reader. `connect` makes the core of a new connection; `reads` come in from the gate's antennas."""

    def __init__(
        self, name: str, antennas: int, faults: Faults, *, epoch_us: int, simulated_s: Callable[[], float]
    ) -> None:
        """Read with `antennas`; the simulation was at 0 s at `epoch_us` of UTC, and is at `simulated_s()` now."""
        self.name = name
        self.antennas = antennas
        self.faults = faults
        self.operations = Operations(antennas, epoch_us)
        self.keepalive_ms = 0
        self.event_states = dict.fromkeys(_EVENT_KINDS, False)
        self._epoch_us = epoch_us
        self._simulated_s = simulated_s
        self._live: Session | None = None

    def connect(self) -> "Session":
        """Return the core for a client that has just connected; refused when there is one already."""
        session = Session(self)
        if self._live is not None and not self._live.finished:
            self._live.tell_connection(TRIED)
            session.tell_connection(TAKEN)
            session.finished = True
            return session
        self._live = session
        session.tell_connection(ACCEPTED)
        return session

    def disconnect(self, session: "Session") -> None:
        """Forget a client whose connection is gone. What is read while nobody is there is lost."""
        if self._live is session:
            self._live = None
            self.operations.forget()

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the antennas have read."""
        if self._live is not None:
            self.operations.offer(reads, now_s)

    def utc_us(self) -> int:
        """Return the reader's clock."""
        return self._epoch_us + round(self._simulated_s() * 1e6)


class Session:
    """One connection. `finished` once it is to be closed."""

    def __init__(self, reader: LlrpReader) -> None:
        """Begin, with nothing said yet."""
        operations = reader.operations
        self.finished = False
        self._reader = reader
        self._splitter = Splitter()
        self._out = bytearray()
        self._number = 0
        self._keepalive_due_s: float | None = None
        self._answers: dict[int, Callable[[bytes, float], bytes]] = {
            Kind.GET_READER_CAPABILITIES: self._capabilities,
            Kind.GET_READER_CONFIG: self._config,
            Kind.SET_READER_CONFIG: self._configure,
            Kind.ADD_ROSPEC: operations.add,
            Kind.DELETE_ROSPEC: operations.delete,
            Kind.START_ROSPEC: operations.start,
            Kind.STOP_ROSPEC: operations.stop,
            Kind.ENABLE_ROSPEC: operations.enable,
            Kind.DISABLE_ROSPEC: operations.disable,
            Kind.GET_ROSPECS: operations.get,
            Kind.DELETE_ACCESSSPEC: _delete_access,
        }

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the connection; each request is answered in its turn."""
        if self._reader.faults.find(FaultKind.SILENCE, self._reader.name):
            return
        for request in self._splitter.feed(data):
            self._handle(request, now_s)
            self._gather()
        self.finished = self.finished or self._splitter.lost

    def send(self, now_s: float) -> bytes:
        """Return answers, events, reports and keepalives that are due."""
        if self.finished:  # the last words, after which the client that is there goes on
            return self._spoken()
        self._reader.operations.tick(now_s)
        self._gather()
        if self._reader.keepalive_ms:
            if self._keepalive_due_s is None:
                self._keepalive_due_s = now_s + self._reader.keepalive_ms / 1000
            if now_s >= self._keepalive_due_s:
                self._keepalive_due_s = now_s + self._reader.keepalive_ms / 1000
                self._say(Kind.KEEPALIVE)
        return self._spoken()

    def tell_connection(self, attempt: int) -> None:
        """Send a ConnectionAttemptEvent."""
        self._event(tlv(256, u16(attempt)))

    def _spoken(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        if self._reader.faults.find(FaultKind.SILENCE, self._reader.name):
            return b""
        if out and self._reader.faults.find(FaultKind.UNKNOWN_MESSAGE, self._reader.name):
            self._number += 1
            return message(UNKNOWN_KIND, self._number, b"\x5a" * 7) + out
        return out

    def _gather(self) -> None:
        """Put what the ROSpecs have to say behind what has been said."""
        operations = self._reader.operations
        for report in operations.reports:
            self._say(Kind.RO_ACCESS_REPORT, report)
        if self._reader.event_states[_ROSPEC_EVENT]:
            for event in operations.events:
                self._event(event)
        operations.reports.clear()
        operations.events.clear()

    def _handle(self, request: Message, now_s: float) -> None:
        if request.version != VERSION:
            self._error(request, Status.UNSUPPORTED_VERSION, f"version {request.version} is not spoken here")
        elif request.reserved:
            self._error(request, Status.FIELD_ERROR, "reserved bits of the header are set")
        elif request.kind == Kind.CLOSE_CONNECTION:
            self._out += message(Kind.CLOSE_CONNECTION_RESPONSE, request.number, status())
            self.finished = True
        elif request.kind == Kind.GET_REPORT:
            self._reader.operations.get_report()
        elif request.kind == Kind.CUSTOM_MESSAGE:
            self._custom(request)
        elif request.kind in self._answers:
            self._answer(request, now_s)
        elif request.kind not in (Kind.KEEPALIVE_ACK, Kind.ENABLE_EVENTS_AND_REPORTS):
            self._error(request, Status.UNSUPPORTED_MESSAGE, f"message type {request.kind} is not known here")

    def _answer(self, request: Message, now_s: float) -> None:
        try:
            body = status() + self._answers[request.kind](request.body, now_s)
        except Problem as problem:
            body = status(problem.status, str(problem))
        self._out += message(request.kind + RESPONSE_OFFSET, request.number, body)

    def _error(self, request: Message, code: Status, text: str) -> None:
        self._out += message(Kind.ERROR_MESSAGE, request.number, status(code, text))

    def _custom(self, request: Message) -> None:
        if request.body[:5] == u32(IMPINJ) + u8(IMPINJ_ENABLE):
            body = u32(IMPINJ) + u8(IMPINJ_ENABLED) + status()
            self._out += message(Kind.CUSTOM_MESSAGE, request.number, body)
        else:
            self._error(request, Status.UNSUPPORTED_MESSAGE, "this custom message is not known here")

    def _capabilities(self, body: bytes, now_s: float) -> bytes:
        del now_s
        return capabilities(at(body, 0, 1), self._reader.antennas)

    def _config(self, body: bytes, now_s: float) -> bytes:
        del now_s
        at(body, 0, 7)  # the request is whole
        return config(self._reader.antennas, self._reader.keepalive_ms, self._reader.event_states)

    def _configure(self, body: bytes, now_s: float) -> bytes:
        at(body, 0, 1)
        parts = parameters(body[1:])
        for part in parts:
            if part.kind not in _SETTINGS:
                raise Problem(Status.UNSUPPORTED_PARAMETER, f"parameter {part.kind} is not known here")
        for part in parts:
            if part.kind == _KEEPALIVE:
                self._reader.keepalive_ms = at(part.body, 1, 4) if at(part.body, 0, 1) else 0
                self._keepalive_due_s = now_s + self._reader.keepalive_ms / 1000
            elif part.kind == _EVENT_SPEC:
                self._choose_events(part)
        return b""

    def _choose_events(self, spec: Parameter) -> None:
        for event in parameters(spec.body):
            if event.kind == _EVENT_STATE:
                self._reader.event_states[at(event.body, 0, 2)] = bool(at(event.body, 2, 1) & 0x80)

    def _event(self, event: bytes) -> None:
        self._say(Kind.READER_EVENT_NOTIFICATION, tlv(246, tlv(128, u64(self._reader.utc_us())), event))

    def _say(self, kind: Kind, body: bytes = b"") -> None:
        self._number += 1
        self._out += message(kind, self._number, body)


def _delete_access(body: bytes, now_s: float) -> bytes:
    """DELETE_ACCESSSPEC: there are none, so only "all of them" can be deleted."""
    del now_s
    if at(body, 0, 4):
        raise Problem(Status.FIELD_ERROR, "there are no AccessSpecs")
    return b""
