"""The world: devices, the wires between them, and the order in which things happen.

At every moment the devices that are due, and those one of whose inputs has changed, are updated in the order in which
they were named. Wires go forward only, from a device to one named after it, so one pass settles a moment.
"""

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from firmware_sim.devices.device import Device, Value

Watcher = Callable[[float, Value], None]


@dataclass(frozen=True, slots=True)
class Wire:
    """An output that feeds an input, both written `device.name`. `source` may also be a signal set from outside."""

    source: str
    target: str


class World:
    """Runs devices up to a moment. It has no clock: whoever calls `run_until` decides how fast time goes."""

    def __init__(self, devices: Mapping[str, Device], wires: Sequence[Wire], start: Mapping[str, Value]) -> None:
        """Wire the devices.

        Args:
            devices: By name, sources before what they feed.
            wires: Every input of every device, once.
            start: The signals set from outside, with the value they have first.

        Raises:
            ValueError: A wire goes backward, or comes from nowhere.
        """
        self.now_s = 0.0
        self._devices = list(devices.values())
        self._names = list(devices)
        self._values: dict[str, Value] = dict(start)
        self._inputs: list[dict[str, Value]] = [{} for _ in self._devices]
        self._feeds: dict[str, list[tuple[int, str]]] = {}
        self._watchers: dict[str, list[Watcher]] = {}
        self._due = set(range(len(self._devices)))
        self._call_at_s: list[float] = [math.inf] * len(self._devices)
        self._calls: list[tuple[float, int]] = []  # a heap; an entry counts only while `_call_at_s` still says the same
        numbers = {name: index for index, name in enumerate(self._names)}
        for wire in wires:
            device, _, name = wire.target.partition(".")
            source = wire.source.partition(".")[0]
            if wire.source not in start and numbers.get(source, len(numbers)) >= numbers[device]:
                raise ValueError(f"a wire goes from {wire.source} to {wire.target}, which is not forward")
            self._feeds.setdefault(wire.source, []).append((numbers[device], name))
        for signal, value in start.items():
            self._spread(signal, value)

    def set(self, signal: str, value: Value) -> None:
        """Set a signal that comes from outside the world; it takes effect at the next `run_until`.

        Raises:
            KeyError: There is no such signal.
        """
        if signal not in self._values:
            raise KeyError(signal)
        self._emit(signal, value)

    def value(self, signal: str) -> Value:
        """Return what a signal is now. Raises KeyError when it is not there (yet)."""
        return self._values[signal]

    def number(self, signal: str) -> float:
        """Return what a signal is now, one that is a number."""
        value = self._values[signal]
        if isinstance(value, tuple):
            raise TypeError(f"{signal} is not a number")
        return value

    def watch(self, signal: str, watcher: Watcher) -> None:
        """Call `watcher(now_s, value)` whenever a signal changes."""
        self._watchers.setdefault(signal, []).append(watcher)

    @property
    def signals(self) -> Sequence[str]:
        """Return the names of all signals seen so far."""
        return list(self._values)

    def next_call_s(self) -> float:
        """Return the moment at which a device wants to be woken next; infinity when none does."""
        if self._due:
            return self.now_s
        while self._calls and self._calls[0][0] != self._call_at_s[self._calls[0][1]]:
            heapq.heappop(self._calls)
        return self._calls[0][0] if self._calls else math.inf

    def run_until(self, end_s: float) -> None:
        """Let everything happen up to and including `end_s`."""
        while self.next_call_s() <= end_s:
            self._moment(max(self.now_s, self.next_call_s()))
        self.now_s = max(self.now_s, end_s)

    def _moment(self, now_s: float) -> None:
        self.now_s = now_s
        while self._calls and self._calls[0][0] <= now_s:
            call_s, index = heapq.heappop(self._calls)
            if call_s == self._call_at_s[index]:
                self._due.add(index)
        while self._due:
            index = min(self._due)
            self._due.discard(index)
            self._wake(index)

    def _wake(self, index: int) -> None:
        name = self._names[index]
        update = self._devices[index].update(self.now_s, self._inputs[index])
        call_at_s = math.inf if update.call_at_s is None else update.call_at_s
        if call_at_s <= self.now_s:
            raise ValueError(f"{name} wants to be woken at {call_at_s}, which is not after {self.now_s}")
        self._call_at_s[index] = call_at_s
        heapq.heappush(self._calls, (call_at_s, index))
        for output, value in update.outputs.items():
            self._emit(f"{name}.{output}", value)

    def _emit(self, signal: str, value: Value) -> None:
        if self._values.get(signal) == value:
            return
        self._values[signal] = value
        for watcher in self._watchers.get(signal, ()):
            watcher(self.now_s, value)
        self._spread(signal, value)

    def _spread(self, signal: str, value: Value) -> None:
        for index, name in self._feeds.get(signal, ()):
            self._inputs[index][name] = value
            self._due.add(index)
