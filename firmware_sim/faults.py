"""What can be broken on purpose. Who serves a target asks here, each time, whether it is broken now."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.device import Dice


class FaultKind(StrEnum):
    """The menu. Which of them a target can have depends on what it is; `scenario.check` tells."""

    CRC = "crc"
    """One bit of every frame that is sent is wrong."""
    SILENCE = "silence"
    """The target hears and does not answer; an LLRP reader keeps its TCP connection open meanwhile.

    A battery device is dead; a network of such devices says nothing.
    """
    STUCK = "stuck"
    """Values stay as they were when they were asked for first after the fault began."""
    SENTINEL = "sentinel"
    """Every register reads 0x8000: the probe is open."""
    EXCEPTION = "exception"
    """Every request gets the Modbus exception `code`."""
    SPLIT = "split"
    """Every byte is sent by itself."""
    DUPLICATE = "duplicate"
    """Everything that is sent is sent twice."""
    UNKNOWN_MESSAGE = "unknown-message"
    """A reader puts an LLRP message of the unknown type 999 before everything it sends."""
    UNPLUGGED = "unplugged"
    """The serial line is pulled out: the port hangs up and its name is gone."""
    OVERLOAD = "overload"
    """Far too much stands on the scale."""
    MOTION = "motion"
    """The scale is shaken and never stands still."""
    ANTENNA = "antenna"
    """The antenna `unit` of a reader is pulled off; without a `unit` all of them are."""
    OUT_OF_REACH = "out-of-reach"
    """No gateway hears a battery device; it measures and counts on."""
    COMPRESSOR = "compressor"
    """The compressor of a room has tripped and does not run."""


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is broken. Without a `unit` the whole line is."""

    kind: FaultKind
    target: Id
    unit: Annotated[int, Meta(ge=1, le=247)] | None = None
    code: Annotated[int, Meta(ge=1, le=255)] = 4


Watcher = Callable[[Fault, bool], None]


class Faults:
    """Everything that is broken now."""

    def __init__(self, dice: Dice) -> None:
        """Start with nothing broken; `dice` choose the bits that flip."""
        self._dice = dice
        self._active: set[Fault] = set()
        self._watchers: list[Watcher] = []

    def begin(self, fault: Fault) -> None:
        """Break something. Breaking it twice changes nothing."""
        if fault not in self._active:
            self._active.add(fault)
            self._tell(fault, active=True)

    def end(self, fault: Fault) -> None:
        """Repair it. What is whole stays whole."""
        if fault in self._active:
            self._active.discard(fault)
            self._tell(fault, active=False)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher(fault, active)` whenever something breaks or is repaired."""
        self._watchers.append(watcher)

    def find(self, kind: FaultKind, target: str, unit: int | None = None) -> Fault | None:
        """Return the fault of this kind that concerns a target now, or one unit on it."""
        for fault in self._active:
            if fault.kind is kind and fault.target == target and fault.unit in (None, unit):
                return fault
        return None

    def flipped(self, frame: bytes) -> bytes:
        """Return the frame with one bit changed."""
        position = self._dice.randrange(len(frame) * 8)
        spoilt = bytearray(frame)
        spoilt[position // 8] ^= 1 << position % 8
        return bytes(spoilt)

    def _tell(self, fault: Fault, *, active: bool) -> None:
        for watcher in self._watchers:
            watcher(fault, active)
