"""The reader's configuration: GET_READER_CONFIG and SET_READER_CONFIG (section 12)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from firmware_sim.servers.llrp.capabilities import GPOS
from firmware_sim.servers.llrp.outbox import Event
from firmware_sim.servers.llrp.wire import Parameter, Problem, Status, at, parameters, tlv, u8, u16, u32

_GPO, _KEEPALIVE, _GPI, _HOLD, _EVENT_SPEC, _EVENT_STATE = 219, 220, 225, 226, 244, 245
_ACCEPTED = frozenset({217, 222, 237, 239, 1023})
"""What SET_READER_CONFIG may hold besides (section 12.2.2); it is accepted and changes nothing here."""

AnyPort = TypeVar("AnyPort")


@dataclass(slots=True)
class Input:
    """A general purpose input: its level, and whether changes of it are told."""

    high: bool = False
    enabled: bool = True


@dataclass(slots=True)
class Config:
    """What outlives a connection. `inputs` and `antennas` (connected or not) count from 1, as `outputs` do.

    `identity` is the EUI-64 by which the reader calls itself.

    With `hold`, a client that comes back hears no event and no report before it has asked for them.
    """

    identity: bytes
    inputs: dict[int, Input]
    antennas: dict[int, bool]
    outputs: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(1, GPOS + 1), False))
    keepalive_ms: int = 0
    hold: bool = False
    wanted: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(Event, False))

    def wants(self, event: Event) -> bool:
        """Tell whether the client wants to be told of an event."""
        return self.wanted[event]

    def parameters(self) -> bytes:
        """Return the whole configuration; a client gets all of it whatever part it asked for."""
        events = (tlv(_EVENT_STATE, u16(kind), u8(_bit(on))) for kind, on in sorted(self.wanted.items()))
        return b"".join(
            (
                tlv(218, u8(0), u16(len(self.identity)), self.identity),
                *(tlv(221, u8(_bit(there)), u16(number), u16(0)) for number, there in self.antennas.items()),
                tlv(_EVENT_SPEC, *events),
                tlv(_KEEPALIVE, u8(1 if self.keepalive_ms else 0), u32(self.keepalive_ms)),
                *(tlv(_GPI, u16(port), u8(_bit(one.enabled)), u8(one.high)) for port, one in self.inputs.items()),
                *(tlv(_GPO, u16(port), u8(_bit(on))) for port, on in self.outputs.items()),
                tlv(_HOLD, u8(_bit(self.hold))),
            )
        )

    def apply(self, body: bytes) -> None:
        """Carry out the body of a SET_READER_CONFIG, all of it or none.

        Raises:
            Problem: It is not whole, or holds something this reader has not.
        """
        at(body, 0, 1)
        changes: dict[int, Callable[[bytes], Callable[[], None]]] = {
            _KEEPALIVE: self._keepalive,
            _EVENT_SPEC: self._events,
            _HOLD: self._hold,
            _GPI: self._input,
            _GPO: self._output,
        }
        todo = []
        for part in parameters(body[1:]):
            if part.kind in changes:
                todo.append(changes[part.kind](part.body))
            elif part.kind not in _ACCEPTED:
                raise Problem(Status.UNSUPPORTED_PARAMETER, f"parameter {part.kind} is not known here")
        for change in todo:
            change()

    def _keepalive(self, body: bytes) -> Callable[[], None]:
        period_ms = at(body, 1, 4) if at(body, 0, 1) else 0
        return lambda: setattr(self, "keepalive_ms", period_ms)

    def _hold(self, body: bytes) -> Callable[[], None]:
        hold = bool(at(body, 0, 1) & 0x80)
        return lambda: setattr(self, "hold", hold)

    def _events(self, body: bytes) -> Callable[[], None]:
        states = dict(_state(part) for part in parameters(body) if part.kind == _EVENT_STATE)
        return lambda: self.wanted.update(states)

    def _input(self, body: bytes) -> Callable[[], None]:
        one, enabled = _named(self.inputs, body, "input"), bool(at(body, 2, 1) & 0x80)
        return lambda: setattr(one, "enabled", enabled)

    def _output(self, body: bytes) -> Callable[[], None]:
        _named(self.outputs, body, "output")
        port, on = at(body, 0, 2), bool(at(body, 2, 1) & 0x80)
        return lambda: self.outputs.update({port: on})


def _named(there: Mapping[int, AnyPort], body: bytes, what: str) -> AnyPort:
    port = at(body, 0, 2)
    if port not in there:
        raise Problem(Status.FIELD_ERROR, f"there is no {what} {port}")
    return there[port]


def _state(part: Parameter) -> tuple[int, bool]:
    return at(part.body, 0, 2), bool(at(part.body, 2, 1) & 0x80)


def _bit(on: bool) -> int:  # noqa: FBT001 - one bit
    return 0x80 if on else 0
