"""One connection to the reader: requests are answered in their turn, and what the reader has to tell comes between."""

from collections.abc import Callable
from typing import Protocol

from firmware_sim.faults import FaultKind, Faults
from firmware_sim.servers.llrp.capabilities import Hardware, capabilities
from firmware_sim.servers.llrp.config import Config
from firmware_sim.servers.llrp.operations import Operations
from firmware_sim.servers.llrp.outbox import Outbox
from firmware_sim.servers.llrp.wire import (
    RESPONSE_OFFSET,
    V1_0_1,
    V1_1,
    Kind,
    Message,
    Problem,
    Splitter,
    Status,
    at,
    message,
    status,
    tlv,
    u8,
    u16,
    u32,
)

UNKNOWN_KIND = 999
IMPINJ, IMPINJ_ENABLE, IMPINJ_ENABLED = 25882, 21, 22
_VERSION_KINDS = (Kind.GET_SUPPORTED_VERSION, Kind.SET_PROTOCOL_VERSION)


class Reader(Protocol):
    """What a session needs of the reader it belongs to."""

    name: str
    faults: Faults
    newest: int
    hardware: Hardware
    config: Config
    operations: Operations
    outbox: Outbox


class Session:
    """One connection. `finished` once it is to be closed."""

    def __init__(self, reader: Reader) -> None:
        """Begin, with nothing said yet."""
        operations = reader.operations
        self.finished = False
        self._reader = reader
        self._splitter = Splitter()
        self._out = bytearray()
        self._number = 0
        self._version = V1_0_1
        self._holding = reader.config.hold
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
        keepalive_ms = self._reader.config.keepalive_ms
        if keepalive_ms:
            if self._keepalive_due_s is None:
                self._keepalive_due_s = now_s + keepalive_ms / 1000
            if now_s >= self._keepalive_due_s:
                self._keepalive_due_s = now_s + keepalive_ms / 1000
                self._say(Kind.KEEPALIVE)
        return self._spoken()

    def tell_connection(self, attempt: int) -> None:
        """Send a ConnectionAttemptEvent. No setting keeps it back."""
        self._say(Kind.READER_EVENT_NOTIFICATION, self._reader.outbox.stamped(tlv(256, u16(attempt))))

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
        """Put what the reader has to tell behind what has been said."""
        if not self._holding:
            for kind, body in self._reader.outbox.take():
                self._say(kind, body)

    def _handle(self, request: Message, now_s: float) -> None:
        if request.kind in _VERSION_KINDS and self._reader.newest >= V1_1:
            self._negotiate(request)
        elif request.version != self._version:
            self._error(request, Status.UNSUPPORTED_VERSION, f"version {request.version} is not spoken here")
        elif request.reserved:
            self._error(request, Status.FIELD_ERROR, "reserved bits of the header are set")
        elif request.kind == Kind.CLOSE_CONNECTION:
            self._reply(Kind.CLOSE_CONNECTION_RESPONSE, request, status())
            self.finished = True
        elif request.kind == Kind.GET_REPORT:
            self._reader.operations.get_report()
        elif request.kind == Kind.ENABLE_EVENTS_AND_REPORTS:
            self._holding = False
        elif request.kind == Kind.CUSTOM_MESSAGE:
            self._custom(request)
        elif request.kind in self._answers:
            self._answer(request, now_s)
        elif request.kind != Kind.KEEPALIVE_ACK:
            self._error(request, Status.UNSUPPORTED_MESSAGE, f"message type {request.kind} is not known here")

    def _negotiate(self, request: Message) -> None:
        """Answer the two messages of version 1.1 that a client may send before it knows what the reader speaks."""
        said, body = status(), b""
        if request.kind == Kind.GET_SUPPORTED_VERSION:
            body = u8(self._version) + u8(self._reader.newest)
        elif request.body[:1] in (u8(V1_0_1), u8(V1_1)):
            self._version = request.body[0]
        else:
            said = status(Status.UNSUPPORTED_VERSION, f"this reader speaks versions 1 to {self._reader.newest}")
        self._out += message(request.kind + RESPONSE_OFFSET, request.number, body + said, V1_1)

    def _answer(self, request: Message, now_s: float) -> None:
        try:
            body = status() + self._answers[request.kind](request.body, now_s)
        except Problem as problem:
            body = status(problem.status, str(problem))
        self._reply(request.kind + RESPONSE_OFFSET, request, body)

    def _error(self, request: Message, code: Status, text: str) -> None:
        self._reply(Kind.ERROR_MESSAGE, request, status(code, text))

    def _custom(self, request: Message) -> None:
        if request.body[:5] == u32(IMPINJ) + u8(IMPINJ_ENABLE):
            self._reply(Kind.CUSTOM_MESSAGE, request, u32(IMPINJ) + u8(IMPINJ_ENABLED) + status())
        else:
            self._error(request, Status.UNSUPPORTED_MESSAGE, "this custom message is not known here")

    def _capabilities(self, body: bytes, now_s: float) -> bytes:
        del now_s
        return capabilities(at(body, 0, 1), self._reader.hardware)

    def _config(self, body: bytes, now_s: float) -> bytes:
        del now_s
        at(body, 0, 7)  # the request is whole
        return self._reader.config.parameters()

    def _configure(self, body: bytes, now_s: float) -> bytes:
        del now_s
        before_ms = self._reader.config.keepalive_ms
        self._reader.config.apply(body)
        if self._reader.config.keepalive_ms != before_ms:
            self._keepalive_due_s = None
        return b""

    def _reply(self, kind: int, request: Message, body: bytes) -> None:
        self._out += message(kind, request.number, body, self._version)

    def _say(self, kind: int, body: bytes = b"") -> None:
        self._number += 1
        self._out += message(kind, self._number, body, self._version)


def _delete_access(body: bytes, now_s: float) -> bytes:
    """DELETE_ACCESSSPEC: there are none, so only "all of them" can be deleted."""
    del now_s
    if at(body, 0, 4):
        raise Problem(Status.FIELD_ERROR, "there are no AccessSpecs")
    return b""
