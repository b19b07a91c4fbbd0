"""Vehicle passes (核放单): drawn up, answered by customs, weighed, judged, and through the gate.

A vehicle goes through on an approved pass whose last weighing lets it: the masses agree, the plate is the one on the
pass and, where seals were read, they are the ones on it. What only wants a look may be let through by two people; what
is stopped may not.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.gate.acts import (
    Answer,
    Binding,
    GateAct,
    GateJudged,
    GateOverridden,
    GatePassed,
    GateVerdict,
    PassAnswered,
    PassCancelled,
    PassDrawn,
    PassKind,
    VehicleWeighed,
)
from control.inspection.gate.container import is_container
from control.inspection.gate.weighbridge import Band, Comparison, Outcome, Weighbridge

PASS_LIMIT = 20_000
"""Passes that are remembered, of those that are over the last ones: five hundred vehicles a day for a month."""


class PassState(StrEnum):
    """Where a pass stands."""

    DRAWN = "drawn"
    WITH_OFFICER = "with-officer"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    THROUGH = "through"


ANSWERS: Mapping[Answer, PassState] = {
    Answer.APPROVED: PassState.APPROVED,
    Answer.WITH_OFFICER: PassState.WITH_OFFICER,
    Answer.REJECTED: PassState.REJECTED,
}

OVER = frozenset({PassState.REJECTED, PassState.CANCELLED, PassState.THROUGH})

REASONS: Mapping[Outcome, tuple[GateVerdict, str | None]] = {
    Outcome.WITHIN: (GateVerdict.OPEN, None),
    Outcome.NOT_WEIGHED: (GateVerdict.LOOK, "not-weighed"),
    Outcome.OVER_SOFT: (GateVerdict.LOOK, "mass-differs"),
    Outcome.OVER_HARD: (GateVerdict.SHUT, "mass-differs-widely"),
}

_GRAVITY = {GateVerdict.SHUT: 0, GateVerdict.LOOK: 1, GateVerdict.OPEN: 2}


class Pass(Struct, frozen=True, kw_only=True):
    """A pass as it stands. `answered` is the newest answer of customs, `judged` what its last weighing led to."""

    drawn: PassDrawn
    state: PassState = PassState.DRAWN
    answered: PassAnswered | None = None
    judged: GateJudged | None = None
    overridden: GateOverridden | None = None
    passed: GatePassed | None = None

    @property
    def may_pass(self) -> bool:
        """Whether the barrier may open."""
        if self.state is not PassState.APPROVED or self.judged is None:
            return False
        return self.judged.verdict is GateVerdict.OPEN or self.overridden is not None


class PassesState(Struct):
    """What a snapshot holds."""

    by_number: dict[str, Pass] = field(default_factory=dict)


class Passes:
    """The passes of one site, in the order in which they were drawn up."""

    def __init__(self, band: Band, bridge: Weighbridge, state: PassesState | None = None) -> None:
        """Judge by the site's band and weighbridge, going on from `state`, which becomes the passes' own."""
        self._band = band
        self._bridge = bridge
        self.state = state if state is not None else PassesState()

    def find(self, number: str) -> Pass:
        """Return a pass; raises NotFoundError."""
        found = self.state.by_number.get(number)
        if found is None:
            raise NotFoundError(f"no vehicle pass {number!r}")
        return found

    def check(self, act: GateAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        if isinstance(act, PassDrawn):
            self._check_drawn(act)
            return
        standing = self.find(act.number)
        if isinstance(act, PassAnswered):
            return  # an answer that comes late or again is none of its sender's fault: `take` knows what to make of it
        if standing.state in OVER:
            raise RefusedError(f"vehicle pass {act.number!r} is {standing.state}")
        if isinstance(act, GateOverridden):
            _check_override(standing, act)
        if isinstance(act, GatePassed) and not standing.may_pass:
            raise RefusedError(f"vehicle pass {act.number!r} does not open the gate: {_why_shut(standing)}")

    def take(self, act: GateAct | GateJudged) -> list[GateJudged]:
        """Take in what happened, as the journal has it; return what follows from it, to be written with it."""
        if isinstance(act, PassDrawn):
            self.state.by_number[act.number] = Pass(drawn=act)
            self._forget()
            return []
        standing = self.state.by_number[act.number]
        self.state.by_number[act.number] = _moved(standing, act)
        return [self.judge(standing, act)] if isinstance(act, VehicleWeighed) else []

    def judge(self, standing: Pass, weighed: VehicleWeighed) -> GateJudged:
        """Return what a weighing leads to, with every reason, the gravest first."""
        drawn = standing.drawn
        masses = drawn.masses
        declared_kg = masses.vehicle_kg + masses.frame_kg if drawn.kind is PassKind.EMPTY else masses.total_kg
        comparison = Comparison.of(declared_kg, weighed.collected_kg, self._band, self._bridge)
        found = [REASONS[comparison.outcome]]
        if weighed.plate != drawn.plate:
            found.append((GateVerdict.SHUT, "other-plate"))
        if drawn.seals and not weighed.seals:
            found.append((GateVerdict.LOOK, "seals-not-read"))
        elif set(weighed.seals) != set(drawn.seals):
            found.append((GateVerdict.SHUT, "other-seals"))
        found.sort(key=lambda one: _GRAVITY[one[0]])
        return GateJudged(
            number=drawn.number,
            verdict=found[0][0],
            reasons=tuple(reason for _, reason in found if reason is not None),
            comparison=comparison,
            at=weighed.at,
        )

    def _check_drawn(self, act: PassDrawn) -> None:
        if act.number in self.state.by_number:
            raise RefusedError(f"there is a vehicle pass {act.number!r} already")
        if len(self.state.by_number) >= PASS_LIMIT and all(
            one.state not in OVER for one in self.state.by_number.values()
        ):
            raise RefusedError(f"{PASS_LIMIT} vehicle passes are open")
        problem = next((said for wrong, said in _WRONG if wrong(act)), None)
        if problem is not None:
            raise RefusedError(f"vehicle pass {act.number!r}: {problem}")

    def _forget(self) -> None:
        surplus = len(self.state.by_number) - PASS_LIMIT
        if surplus > 0:
            over = [number for number, one in self.state.by_number.items() if one.state in OVER]
            for number in over[:surplus]:
                del self.state.by_number[number]


_WRONG: tuple[tuple[Callable[[PassDrawn], bool], str], ...] = (
    (
        lambda drawn: not drawn.kind.has_documents and bool(drawn.documents or drawn.binding),
        "a pass of this kind has neither binding nor documents",
    ),
    (
        lambda drawn: drawn.kind.has_documents and not (drawn.documents and drawn.binding),
        "it names its documents and how they are bound",
    ),
    (
        lambda drawn: (
            drawn.binding is not None
            and drawn.binding is not Binding.ONE_VEHICLE_MANY_DOCUMENTS
            and len(drawn.documents) > 1
        ),
        "only one vehicle with many documents (1) carries more than one",
    ),
    (
        lambda drawn: drawn.kind is PassKind.EMPTY and bool(drawn.masses.goods_gross_kg),
        "an empty vehicle carries no goods",
    ),
    (
        lambda drawn: drawn.container is not None and not is_container(drawn.container),
        "the check digit of the container number does not fit (ISO 6346)",
    ),
)


def _check_override(standing: Pass, act: GateOverridden) -> None:
    if act.by == act.approved_by:
        raise RefusedError("two different people let a vehicle through")
    if standing.judged is None or standing.judged.verdict is not GateVerdict.LOOK:
        raise RefusedError(f"vehicle pass {act.number!r} is not one that wants a look")


def _why_shut(standing: Pass) -> str:
    if standing.state is not PassState.APPROVED:
        return f"it is {standing.state}"
    return ", ".join(standing.judged.reasons) if standing.judged else "not-weighed"


def _moved(standing: Pass, act: GateAct | GateJudged) -> Pass:
    """Return a pass after something happened to it; what comes too late moves nothing."""
    if isinstance(act, PassAnswered):
        return _answered(standing, act)
    changed: dict[str, object] = {}
    match act:
        case PassCancelled():
            changed = {"state": PassState.CANCELLED}
        case VehicleWeighed():
            changed = {"judged": None, "overridden": None}
        case GateJudged():
            changed = {"judged": act}
        case GateOverridden():
            changed = {"overridden": act}
        case GatePassed():
            changed = {"state": PassState.THROUGH, "passed": act}
    return msgspec.structs.replace(standing, **changed)


def _answered(standing: Pass, act: PassAnswered) -> Pass:
    if standing.answered is not None and act.at <= standing.answered.at:
        return standing
    ended = standing.state in (PassState.CANCELLED, PassState.THROUGH)
    return msgspec.structs.replace(standing, answered=act, state=standing.state if ended else ANSWERS[act.answer])
