"""What a simulated device is.

A device knows the time only as an argument and the world only by its inputs. It says when it wants to be woken; no
device waits for anything by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MovingTag:
    """A tag on a belt: at `since_s` it was at `at_m` along it, and has moved at `speed_m_per_s` since; 0: it stands.

    It is `beside_m` off the middle of the belt, and loses `loss_db` by how it lies.
    """

    epc: bytes
    since_s: float
    at_m: float
    speed_m_per_s: float
    beside_m: float = 0.0
    loss_db: float = 0.0


@dataclass(frozen=True, slots=True)
class TagRead:
    """One tag seen once by one antenna, at `at_s` of the simulation. `channel` counts from 1."""

    epc: bytes
    antenna: int
    rssi_dbm: int
    channel: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What a battery device measured at `at_s` of the simulation, and whether its contact was open."""

    at_s: float
    temperature_c: float
    humidity_percent: float
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a battery device sends at `at_s`, with its count of what it has sent before: a sample, or old ones."""

    at_s: float
    number: int
    battery_percent: float
    sample: Sample | None
    history: tuple[Sample, ...]


Value = float | tuple[MovingTag, ...] | tuple[TagRead, ...] | tuple[Report, ...]
"""What goes over a wire between devices."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an update brought: outputs by name (those absent stay), and when to wake the device; None: on input only."""

    outputs: Mapping[str, Value] = field(default_factory=dict)
    call_at_s: float | None = None


class Device(Protocol):
    """A device as the world sees it."""

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move on to `now_s`, which never goes back, with every input as it is at that moment."""
        ...


class Dice(Protocol):
    """The part of `random.Random` devices use. Always seeded, and one for each device."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        ...

    def uniform(self, a: float, b: float) -> float:
        """Return a number between `a` and `b`."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """Return a normally distributed number."""
        ...

    def randrange(self, start: int, /) -> int:
        """Return a whole number from 0 up to `start`, that excluded."""
        ...


def number(inputs: Mapping[str, Value], name: str) -> float:
    """Return an input that must be a number.

    Raises:
        TypeError: The wiring brings something else there; a bug in it.
    """
    value = inputs[name]
    if isinstance(value, tuple):
        raise TypeError(f"input {name!r} is wired to something that is not a number")
    return value
