"""What can be broken on purpose. Who serves a target asks here, each time, whether it is broken now."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.device import Dice


class FaultKind(StrEnum):
    """The menu. Which of them a target can have depends on what it is; `scenario.possible_faults` tells."""

    CRC = "crc"
    """One bit of every frame that is sent is wrong."""
    SILENCE = "silence"
    """The target hears and does not answer; its TCP connections stay open, and new ones are taken.

    A battery device is dead; a network of such devices says nothing.
    """
    HALF_OPEN = "half-open"
    """The TCP connections that there are when it begins are dead and never closed, not even when it has ended.

    New ones are served, as by a device that has started again and remembers nobody.
    """
    UNPLUGGED = "unplugged"
    """The line is gone: a serial port hangs up and its name is gone, a TCP port is closed and refuses."""
    SLOW = "slow"
    """Every answer comes `delay_s` later, and its bytes take `factor` times as long on the wire."""
    SPLIT = "split"
    """Every byte is sent by itself."""
    DUPLICATE = "duplicate"
    """Everything that is sent is sent twice."""
    SWALLOW = "swallow"
    """Every answer number `every` is lost."""
    STUCK = "stuck"
    """Values stay as they were when they were asked for first after the fault began."""
    DRIFT = "drift"
    """Values creep away by `per_h` an hour, in their own unit."""
    SPIKE = "spike"
    """Values are off by `by`, in their own unit, for the first second of every `every_s`."""
    SENTINEL = "sentinel"
    """Every register reads 0x8000: the probe is open."""
    EXCEPTION = "exception"
    """Every request gets the Modbus exception `code`; 6 is a device that is busy."""
    OVERLOAD = "overload"
    """Far too much stands on the scale."""
    MOTION = "motion"
    """The scale is shaken and never stands still."""
    UNKNOWN_MESSAGE = "unknown-message"
    """A reader puts an LLRP message of the unknown type 999 before everything it sends."""
    OCCUPIED = "occupied"
    """A client that nobody knows has the reader: whoever connects is refused (ConnectionAttemptEvent, status 2)."""
    UPTIME = "uptime"
    """A reader has forgotten what time it is, and tells how long it has been on instead."""
    CLOCK_STEP = "clock-step"
    """The clock of a device is `step_s` ahead (behind, if it is negative)."""
    ANTENNA = "antenna"
    """The antenna `unit` of a reader is pulled off; without a `unit` all of them are."""
    OUT_OF_REACH = "out-of-reach"
    """No gateway hears a battery device; it measures and counts on."""
    REJECT = "reject"
    """A customs office rejects whatever is declared."""
    DISORDER = "disorder"
    """Answers of a customs office come up to `delay_s` later, so that they overtake each other."""
    COMPRESSOR = "compressor"
    """The compressor of a room has tripped and does not run."""


FaultKinds = frozenset[FaultKind]

ANY_LINE: FaultKinds = frozenset(
    {FaultKind.SILENCE, FaultKind.UNPLUGGED, FaultKind.SLOW, FaultKind.SPLIT, FaultKind.DUPLICATE}
)
"""What can be broken of a line that bytes travel on, whatever it is made of."""

TCP_LINE: FaultKinds = ANY_LINE | {FaultKind.HALF_OPEN}
VALUES: FaultKinds = frozenset({FaultKind.STUCK, FaultKind.DRIFT, FaultKind.SPIKE})
"""What can be wrong with something that measures."""

DEFAULTS: Mapping[FaultKind, Mapping[str, float]] = {
    FaultKind.EXCEPTION: {"code": 4},
    FaultKind.SLOW: {"delay_s": 1.0, "factor": 1.0},
    FaultKind.SWALLOW: {"every": 3},
    FaultKind.DRIFT: {"per_h": 2.0},
    FaultKind.SPIKE: {"by": 50.0, "every_s": 10.0},
    FaultKind.CLOCK_STEP: {"step_s": 3600.0},
    FaultKind.DISORDER: {"delay_s": 30.0},
}
"""The parameters that a kind has, and what they are when a fault names none. The other kinds have none."""

SPIKE_S = 1.0
UNIT_KINDS: FaultKinds = frozenset(
    {
        *VALUES,
        FaultKind.ANTENNA,
        FaultKind.CRC,
        FaultKind.EXCEPTION,
        FaultKind.SENTINEL,
        FaultKind.SILENCE,
        FaultKind.SWALLOW,
    }
)
"""The kinds that one unit of a line (or one antenna) can have by itself."""

ANTENNA_KINDS: FaultKinds = frozenset({FaultKind.ANTENNA})
LINE_UNIT_KINDS = UNIT_KINDS - ANTENNA_KINDS

_A_DAY_S = 86_400


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that is broken. Without a `unit` the whole line is. What the rest means, its kind says."""

    kind: FaultKind
    target: Id
    unit: Annotated[int, Meta(ge=1, le=247)] | None = None
    code: Annotated[int, Meta(ge=1, le=255)] | None = None
    delay_s: Annotated[float, Meta(ge=0, le=60)] | None = None
    factor: Annotated[float, Meta(ge=1, le=1000)] | None = None
    every: Annotated[int, Meta(ge=1, le=1000)] | None = None
    per_h: Annotated[float, Meta(ge=-100_000, le=100_000)] | None = None
    by: Annotated[float, Meta(ge=-1_000_000, le=1_000_000)] | None = None
    every_s: Annotated[float, Meta(gt=SPIKE_S, le=_A_DAY_S)] | None = None
    step_s: Annotated[float, Meta(ge=-365 * _A_DAY_S, le=365 * _A_DAY_S)] | None = None

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, what this kind of fault does not have."""
        mine = DEFAULTS.get(self.kind, {})
        for name in self.__struct_fields__[3:]:
            if getattr(self, name) is not None and name not in mine:
                raise ValueError(f"{self.kind} has no `{name}`; it has {', '.join(mine) or 'no parameters'}")
        if self.unit is not None and self.kind not in UNIT_KINDS:
            raise ValueError(f"{self.kind} concerns the whole target and has no `unit`")

    def parameter(self, name: str) -> float:
        """Return a parameter that this kind has, its default when it was not given."""
        value = getattr(self, name)
        return float(DEFAULTS[self.kind][name] if value is None else value)


class Breakable(NamedTuple):
    """What a target can have. `units` are the units on a line, or the antennas of a reader; each can have `of_unit`."""

    kinds: FaultKinds
    units: frozenset[int] = frozenset()
    of_unit: FaultKinds = LINE_UNIT_KINDS

    def refusal(self, fault: Fault) -> str | None:
        """Return why the target cannot have such a fault; None when it can."""
        if fault.kind not in self.kinds:
            return f"{fault.target!r} can have {', '.join(sorted(self.kinds))}"
        if fault.unit is None or (fault.unit in self.units and fault.kind in self.of_unit):
            return None
        if not self.units or fault.kind not in self.of_unit:
            return f"{fault.kind} of {fault.target!r} has no `unit`"
        return f"{fault.target!r} has no unit {fault.unit}; it has {', '.join(map(str, sorted(self.units)))}"


Watcher = Callable[[Fault, bool], None]


class Faults:
    """Everything that is broken now."""

    def __init__(self, dice: Dice, now_s: Callable[[], float] = lambda: 0.0) -> None:
        """Start with nothing broken; `dice` choose the bits that flip, `now_s` are the seconds of the world."""
        self._dice = dice
        self._now_s = now_s
        self._began_s: dict[Fault, float] = {}
        self._begun: dict[tuple[FaultKind, str], int] = {}
        self._answers: dict[tuple[str, int | None], int] = {}
        self._watchers: list[Watcher] = []

    @property
    def now_s(self) -> float:
        """Return the seconds of the world."""
        return self._now_s()

    @property
    def active(self) -> list[Fault]:
        """Return what is broken, in the order in which it broke."""
        return list(self._began_s)

    def begin(self, fault: Fault) -> None:
        """Break something. Breaking it twice changes nothing."""
        if fault not in self._began_s:
            self._began_s[fault] = self._now_s()
            key = fault.kind, fault.target
            self._begun[key] = self._begun.get(key, 0) + 1
            self._tell(fault, active=True)

    def end(self, fault: Fault) -> None:
        """Repair it. What is whole stays whole."""
        if self._began_s.pop(fault, None) is not None:
            self._tell(fault, active=False)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher(fault, active)` whenever something breaks or is repaired."""
        self._watchers.append(watcher)

    def find(self, kind: FaultKind, target: str, unit: int | None = None) -> Fault | None:
        """Return the fault of this kind that concerns a target now, or one unit on it."""
        for fault in self._began_s:
            if fault.kind is kind and fault.target == target and fault.unit in (None, unit):
                return fault
        return None

    def began_s(self, fault: Fault) -> float:
        """Return when something that is broken broke, in seconds of the world."""
        return self._began_s[fault]

    def begun(self, kind: FaultKind, target: str) -> int:
        """Return how often a target has broken in this way so far."""
        return self._begun.get((kind, target), 0)

    def flipped(self, frame: bytes) -> bytes:
        """Return the frame with one bit changed."""
        position = self._dice.randrange(len(frame) * 8)
        spoilt = bytearray(frame)
        spoilt[position // 8] ^= 1 << position % 8
        return bytes(spoilt)

    def swallows(self, target: str, unit: int | None = None) -> bool:
        """Count an answer of a target, or one unit on it; tell whether it is lost."""
        fault = self.find(FaultKind.SWALLOW, target, unit)
        if fault is None:
            self._answers.pop((target, unit), None)
            return False
        count = self._answers[target, unit] = self._answers.get((target, unit), 0) + 1
        return count % round(fault.parameter("every")) == 0

    def step_s(self, target: str) -> float:
        """Return how far the clock of a target is ahead."""
        fault = self.find(FaultKind.CLOCK_STEP, target)
        return 0.0 if fault is None else fault.parameter("step_s")

    def _tell(self, fault: Fault, *, active: bool) -> None:
        for watcher in self._watchers:
            watcher(fault, active)
