"""What can be asked of a running simulation, and told to it: targets, faults, doors, values, customs' cases.

No HTTP in here.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from coldport.clock import Clock
from coldport.errors import NotFoundError, RefusedError
from firmware_sim.customs.office import Office
from firmware_sim.faults import Breakable, Fault, FaultKind, Faults
from firmware_sim.floor import Floor
from firmware_sim.scenario import possible_faults, refusal

CASE_LIMIT = 1_000
"""Cases told that wait for an officer; who has more to decide begins with these."""
A_WEEK_S = 7 * 86_400.0
ForS = Annotated[float, Meta(gt=0, le=A_WEEK_S)]

_Key = tuple[FaultKind, str, int | None]


class Target(Struct, frozen=True, kw_only=True):
    """Something that can be broken: how, which units (or antennas) of it by themselves, and how it is broken now."""

    target: str
    possible: Sequence[FaultKind]
    units: Sequence[int]
    broken: Sequence[Fault]


class Doors(Struct, frozen=True, kw_only=True):
    """How far each door is open, 0 to 1."""

    doors: Mapping[str, float]


class Values(Struct, frozen=True, kw_only=True):
    """What there is to measure in the world `at_s` after its start, by signal, as it is and not as it is read."""

    at_s: float
    values: Mapping[str, float]


class Cases(Struct, frozen=True, kw_only=True):
    """A customs office: how many inventories stand at each status, and which parcels wait for an officer."""

    standing: Mapping[str, int]
    waiting: Sequence[str]


class CaseView(Struct, frozen=True, kw_only=True):
    """One parcel's inventory at a customs office: its status; empty, it has just come."""

    logistics_no: str
    status: str


class Desk:
    """Works one floor. A fault that is to last only so long is ended by it."""

    def __init__(self, floor: Floor, clock: Clock) -> None:
        """Break nothing yet; `clock` counts how long faults last, in seconds of this machine."""
        self._floor = floor
        self._clock = clock
        self._possible: Mapping[str, Breakable] = possible_faults(floor.scenario)
        self._ending: dict[_Key, asyncio.Task[None]] = {}

    def targets(self) -> list[Target]:
        """Return everything that can be broken, by name."""
        return [self.target(name) for name in sorted(self._possible)]

    def target(self, name: str) -> Target:
        """Return one target. Raises NotFoundError when there is none of that name."""
        if name not in self._possible:
            raise NotFoundError(f"there is no target {name!r}")
        broken = [fault for fault in self._faults.active if fault.target == name]
        menu = self._possible[name]
        return Target(target=name, possible=sorted(menu.kinds), units=sorted(menu.units), broken=broken)

    def begin(self, fault: Fault, for_s: float | None = None) -> None:
        """Break something, in place of what is broken there in the same way; it ends after `for_s`, if that is given.

        Raises:
            NotFoundError: There is no such target.
            RefusedError: It cannot have such a fault, or has no such unit.
        """
        self.target(fault.target)
        refused = refusal(self._possible, fault)
        if refused is not None:
            raise RefusedError(refused)
        self.end(fault.kind, fault.target, fault.unit)
        self._faults.begin(fault)
        if for_s is not None:
            self._ending[fault.kind, fault.target, fault.unit] = asyncio.create_task(self._end_later(fault, for_s))

    def end(self, kind: FaultKind, target: str, unit: int | None) -> None:
        """Repair something; what is whole stays whole. Raises NotFoundError when there is no such target or unit."""
        named = self.target(target)
        if unit is not None and unit not in named.units:
            raise NotFoundError(f"{target!r} has no unit {unit}")
        self._stop_waiting((kind, target, unit))
        for fault in named.broken:
            if (fault.kind, fault.unit) == (kind, unit):
                self._faults.end(fault)

    def doors(self) -> Doors:
        """Return all doors."""
        world = self._floor.world
        names = [signal.removesuffix(".opening") for signal in world.signals if signal.endswith(".opening")]
        return Doors(doors={name: world.number(f"{name}.opening") for name in sorted(names)})

    def move_door(self, name: str, *, wanted: bool) -> None:
        """Open or close a door. Raises NotFoundError when there is none of that name."""
        try:
            self._floor.open_door(name, wanted=wanted)
        except KeyError as error:
            raise NotFoundError(f"there is no door {name!r}") from error

    def cases(self, office: str) -> Cases:
        """Return how a customs office stands. Raises NotFoundError when there is none of that name."""
        found = self._office(office)
        standing = Counter(found.standing().values())
        return Cases(standing=dict(sorted(standing.items())), waiting=found.waiting()[:CASE_LIMIT])

    def case(self, office: str, logistics_no: str) -> CaseView:
        """Return one case. Raises NotFoundError when there is no such office, or no inventory of such a parcel."""
        standing = self._office(office).standing()
        if logistics_no not in standing:
            raise NotFoundError(f"no inventory of {logistics_no!r} is at the office")
        return CaseView(logistics_no=logistics_no, status=standing[logistics_no])

    def decide(self, office: str, logistics_no: str, status: str) -> None:
        """Let an officer decide a case; his answer comes as every answer does.

        Raises:
            NotFoundError: There is no such office, or no inventory of such a parcel.
            RefusedError: The case is closed, or nobody can decide so.
        """
        self._office(office).decide(logistics_no, status, self._floor.world.now_s)

    def values(self, of: str | None = None) -> Values:
        """Return all numbers in the world, or those of one thing in it. Raises NotFoundError when it has none."""
        world = self._floor.world
        found = {signal: world.value(signal) for signal in sorted(world.signals)}
        numbers = {
            signal: value
            for signal, value in found.items()
            if not isinstance(value, tuple) and (of is None or signal.startswith(f"{of}."))
        }
        if not numbers:
            raise NotFoundError(f"nothing called {of!r} has a value")
        return Values(at_s=world.now_s, values=numbers)

    async def close(self) -> None:
        """Wait for no fault to end; those that there are stay."""
        for task in self._ending.values():
            task.cancel()
        await asyncio.gather(*self._ending.values(), return_exceptions=True)
        self._ending.clear()

    @property
    def _faults(self) -> Faults:
        return self._floor.faults

    def _office(self, name: str) -> Office:
        if name not in self._floor.offices:
            raise NotFoundError(f"there is no customs office {name!r}")
        return self._floor.offices[name]

    async def _end_later(self, fault: Fault, for_s: float) -> None:
        await self._clock.sleep(for_s)
        self._faults.end(fault)

    def _stop_waiting(self, key: _Key) -> None:
        task = self._ending.pop(key, None)
        if task is not None:
            task.cancel()
