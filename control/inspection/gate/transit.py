"""A transit leg: from the site to the port under seal, and written off there. One table says what may follow what."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.gate.acts import LegAct, LegMoved, LegPlanned, LegStep, Seals

LEG_LIMIT = 10_000
"""Legs that are remembered, of those that are over the last ones: a hundred vehicles a day for three months."""
STEP_LIMIT = 500
"""Steps of one leg: a lock that opens and closes every five minutes fills two days."""


class LegState(StrEnum):
    """Where a leg stands. A mismatch is of seals: other ones were read at the port than were put on."""

    PLANNED = "planned"
    LOADED = "loaded"
    SEALED = "sealed"
    IN_TRANSIT = "in-transit"
    ALERT = "alert"
    ARRIVED = "arrived"
    SEAL_CHECKED = "seal-checked"
    MISMATCH = "mismatch"
    WRITTEN_OFF = "written-off"
    CANCELLED = "cancelled"


RULES: Mapping[tuple[LegState, LegStep], LegState] = {
    (LegState.PLANNED, LegStep.LOAD): LegState.LOADED,
    (LegState.PLANNED, LegStep.CANCEL): LegState.CANCELLED,
    (LegState.LOADED, LegStep.SEAL): LegState.SEALED,
    (LegState.LOADED, LegStep.CANCEL): LegState.CANCELLED,
    (LegState.SEALED, LegStep.LEAVE): LegState.IN_TRANSIT,
    (LegState.IN_TRANSIT, LegStep.ALERT): LegState.ALERT,
    (LegState.ALERT, LegStep.ALERT): LegState.ALERT,
    (LegState.ALERT, LegStep.CALM): LegState.IN_TRANSIT,
    (LegState.IN_TRANSIT, LegStep.ARRIVE): LegState.ARRIVED,
    (LegState.ALERT, LegStep.ARRIVE): LegState.ARRIVED,
    (LegState.ARRIVED, LegStep.CHECK): LegState.SEAL_CHECKED,
    (LegState.MISMATCH, LegStep.SETTLE): LegState.SEAL_CHECKED,
    (LegState.SEAL_CHECKED, LegStep.WRITE_OFF): LegState.WRITTEN_OFF,
}
"""A check that finds other seals leads to MISMATCH instead; everything else is as the table says."""

OVER = frozenset({LegState.WRITTEN_OFF, LegState.CANCELLED})


class Leg(Struct, frozen=True, kw_only=True):
    """A leg as it stands: its plan, the seals put on, and every step with its moment, the last one last."""

    plan: LegPlanned
    state: LegState = LegState.PLANNED
    seals: Seals = ()
    steps: tuple[LegMoved, ...] = ()

    def moment(self, step: LegStep) -> datetime | None:
        """When a step was taken, the first time."""
        return next((taken.at for taken in self.steps if taken.step is step), None)


class LegsState(Struct):
    """What a snapshot holds."""

    by_id: dict[str, Leg] = field(default_factory=dict)


class Legs:
    """The transit legs of a site, in the order in which they were planned."""

    def __init__(self, state: LegsState | None = None) -> None:
        """Go on from `state`, which becomes the legs' own."""
        self.state = state if state is not None else LegsState()

    def find(self, leg: str) -> Leg:
        """Return a leg; raises NotFoundError."""
        found = self.state.by_id.get(leg)
        if found is None:
            raise NotFoundError(f"no transit leg {leg!r}")
        return found

    def check(self, act: LegAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        if isinstance(act, LegPlanned):
            self._check_planned(act)
        else:
            _check_moved(self.find(act.leg), act)

    def take(self, act: LegAct) -> Leg:
        """Take in what happened, as the journal has it; return the leg."""
        if isinstance(act, LegPlanned):
            leg = Leg(plan=act)
        else:
            before = self.state.by_id[act.leg]
            leg = msgspec.structs.replace(
                before,
                state=_next(before, act),
                seals=act.seals if act.step is LegStep.SEAL else before.seals,
                steps=(*before.steps, act),
            )
        self.state.by_id[leg.plan.leg] = leg
        self._forget()
        return leg

    def _check_planned(self, act: LegPlanned) -> None:
        if act.leg in self.state.by_id:
            raise RefusedError(f"there is a transit leg {act.leg!r} already")
        if act.arrives_at <= act.leaves_at:
            raise RefusedError("a leg arrives after it leaves")
        if len(self.state.by_id) >= LEG_LIMIT and not any(leg.state in OVER for leg in self.state.by_id.values()):
            raise RefusedError(f"{LEG_LIMIT} transit legs are not over yet")

    def _forget(self) -> None:
        surplus = len(self.state.by_id) - LEG_LIMIT
        if surplus > 0:
            over = [name for name, leg in self.state.by_id.items() if leg.state in OVER]
            for name in over[:surplus]:
                del self.state.by_id[name]


def _next(leg: Leg, act: LegMoved) -> LegState:
    if act.step is LegStep.CHECK and set(act.seals) != set(leg.seals):
        return LegState.MISMATCH
    return RULES.get((leg.state, act.step), leg.state)


def _check_moved(leg: Leg, act: LegMoved) -> None:
    if (leg.state, act.step) not in RULES:
        raise RefusedError(f"a leg that is {leg.state} cannot {act.step}")
    if len(leg.steps) >= STEP_LIMIT and act.step is LegStep.ALERT:
        raise RefusedError(f"the leg has {STEP_LIMIT} steps already")
    if leg.steps and act.at < leg.steps[-1].at:
        raise RefusedError(f"the leg moved at {leg.steps[-1].at.isoformat()}, which is later")
    if act.step in (LegStep.SEAL, LegStep.CHECK) and not act.seals:
        raise RefusedError(f"to {act.step} names the seals")
    if act.step in (LegStep.ALERT, LegStep.SETTLE) and not act.text:
        raise RefusedError(f"to {act.step} says what it is about")
    if act.step is LegStep.SETTLE and act.approved_by in (None, act.by):
        raise RefusedError("a mismatch of seals is settled by two different people")
