"""Times in which warm air says nothing about the goods: a defrost, an open door, goods brought in, a start-up.

A mask postpones the raising of HI alarms of air, and of nothing else: never LO, never HIHI, never a product probe,
never the record. An alarm that would have been raised under the mask is raised when the mask ends, if its condition
still holds; a mask ends at its cap whatever happens. It takes nothing back that has been raised.

Because it ends alarms late, that a cause lasts too long must be an alarm of its own: `coldport check` asks for one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id

MASK_ON = 0.5
"""A cause is 0 or 1."""


class Cause(StrEnum):
    """What makes the air warm for a while."""

    DOOR = "door"
    DEFROST = "defrost"
    LOAD = "load"
    """Goods were brought into the zone, as its lots say; there are no points to watch."""
    START_UP = "start-up"
    """The points came back on: power, or a compressor that stood."""


class MaskRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cause of warm air in some zones.

    The mask is on while one of `points` is on and `recovery_s` after (a start-up or a load: `recovery_s` from its
    begin), at most `cap_s` in all. With `on_delay_s` an alarm under it is raised when its condition has held that
    long; without, at the end of the mask.
    """

    id: Id
    cause: Cause
    zones: Annotated[tuple[Id, ...], Meta(min_length=1)]
    points: tuple[Id, ...] = ()
    recovery_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    cap_s: Annotated[float, Meta(gt=0, le=86_400)]
    on_delay_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None


class MaskState(Struct):
    """What is remembered of a mask: its newest time and that before, which of its points are on, and were heard of."""

    begun: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, datetime] | None = None
    on: set[str] = set()
    heard: set[str] = set()


class Mask:
    """One mask as it goes."""

    __slots__ = ("_cap", "_longer", "_recovery", "rule", "state")

    def __init__(self, rule: MaskRule, state: MaskState) -> None:
        """Go on from `state`, which becomes the mask's own."""
        self.rule = rule
        self.state = state
        self._cap = timedelta(seconds=rule.cap_s)
        self._recovery = timedelta(seconds=rule.recovery_s)
        self._longer = None if rule.on_delay_s is None else timedelta(seconds=rule.on_delay_s)

    def changes(self, point: str, value: float) -> bool:
        """Whether `hear` would change anything; nearly always not."""
        return (value > MASK_ON) is not (point in self.state.on) or point not in self.state.heard

    def hear(self, point: str, value: float, at: datetime) -> None:
        """Take in the value of one of the mask's points."""
        state = self.state
        on, was_on, known = value > MASK_ON, point in state.on, point in state.heard
        state.heard.add(point)
        if on:
            state.on.add(point)
        else:
            state.on.discard(point)
        if self.rule.cause is Cause.START_UP:
            if on and known and not was_on:
                self.begin(at)
        elif on and not was_on:
            self._extend(at, self._cap)
        elif was_on and not state.on:
            self._end(at)

    def begin(self, at: datetime) -> None:
        """Begin what has no points that say when it ends."""
        self._extend(at, self._recovery)

    def postponed(self, due: datetime, since: datetime) -> datetime:
        """Return when an alarm due at `due`, its condition true since `since`, may be raised.

        What is due in the moment in which the mask begins was due before it.
        """
        begun, until = self.state.begun, self.state.until
        if self.state.before is not None and begun is not None and due <= begun:
            begun, until = self.state.before
        if begun is None or until is None or not begun < due < until:
            return due
        return until if self._longer is None else max(due, min(until, since + self._longer))

    def _extend(self, at: datetime, length: timedelta) -> None:
        """Begin anew, or go on: what follows upon itself is one time with one cap."""
        state = self.state
        if state.begun is None or state.until is None:
            state.begun = at
        elif at >= state.until:
            state.before = state.begun, state.until
            state.begun = at
        state.until = min(state.begun + self._cap, at + length)

    def _end(self, at: datetime) -> None:
        state = self.state
        if state.begun is not None and state.until is not None and at < state.until:
            state.until = min(state.begun + self._cap, at + self._recovery)


def postponed(masks: Iterable[Mask], due: datetime, since: datetime) -> datetime:
    """Return when an alarm may be raised under several masks: one may end in another."""
    moved = True
    while moved:
        moved = False
        for mask in masks:
            later = mask.postponed(due, since)
            moved |= later > due
            due = later
    return due
