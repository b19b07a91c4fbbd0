"""The table of rules: which reason makes which verdict. All that is true is kept; the first of the table decides.

Its order is that of customs' practice as far as it is known (unknown, undeclared, ordered by customs, watched, image,
weight, repeated, drawn, released); the numbers are settings. Whatever is unknown, late or missing releases nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from coldport.messages.observation import Direction
from control.inspection.clearance import Clearance
from control.inspection.lane.acts import Drawn
from control.inspection.lane.evidence import Seen
from control.inspection.lane.facts import Facts
from control.inspection.lane.settings import Lane, LaneFile
from control.inspection.lane.verdict import Verdict, VerdictReason, Why, reason
from control.inspection.lane.weight import Fit, error_kg, fit, measured_kg

RULES = 1
"""The version of this table; it stands in every verdict."""

TABLE: dict[Why, Verdict] = {
    Why.LATE: Verdict.HOLD,
    Why.UNWEIGHED: Verdict.HOLD,
    Why.MULTI_TAG: Verdict.HOLD,
    Why.UNTAGGED_BESIDE: Verdict.HOLD,
    Why.WENT_BACK: Verdict.HOLD,
    Why.TAG_OF_TWO: Verdict.HOLD,
    Why.SCAN_OF_TWO: Verdict.HOLD,
    Why.SCANS_DIFFER: Verdict.HOLD,
    Why.TAG_AND_SCAN_DIFFER: Verdict.HOLD,
    Why.UNBOUND_TAG: Verdict.HOLD,
    Why.NO_TAG: Verdict.HOLD,
    Why.NO_SCAN: Verdict.HOLD,
    Why.UNNAMED: Verdict.HOLD,
    Why.UNKNOWN_PARCEL: Verdict.HOLD,
    Why.NO_INVENTORY: Verdict.HOLD,
    Why.CUSTOMS_HOLDS: Verdict.INSPECT,
    Why.CUSTOMS_REFUSES: Verdict.HOLD,
    Why.WATCHED: Verdict.INSPECT,
    Why.IMAGE_FLAGGED: Verdict.INSPECT,
    Why.WEIGHT_FAR_OFF: Verdict.INSPECT,
    Why.NO_IMAGE: Verdict.RECHECK,
    Why.BAD_WEIGHING: Verdict.RECHECK,
    Why.WEIGHT_OFF: Verdict.RECHECK,
    Why.NO_DECLARED_WEIGHT: Verdict.HOLD,
    Why.BROKEN_DOCUMENTS: Verdict.HOLD,
    Why.TOO_WARM: Verdict.INSPECT,
    Why.SEEN_EARLIER: Verdict.HOLD,
    Why.SEEN_TWICE: Verdict.HOLD,
    Why.NOT_DRAWN_YET: Verdict.HOLD,
    Why.DRAWN: Verdict.INSPECT,
    Why.RECALLED: Verdict.HOLD,
    Why.NOT_RELEASED_YET: Verdict.WAIT,
    Why.CLEARED: Verdict.RELEASE,
}
"""In the order in which reasons decide; `too-warm` is as the site says.

Three are not in it: `went-round` (a parcel that would go round once too often is held), `came-late` (what was learnt
after a verdict cannot make it a release), `overruled` (by two persons).
"""

_PLACES = {why: place for place, why in enumerate(TABLE)}


class Earlier(Struct, frozen=True, kw_only=True):
    """How a parcel stood when it came: since when it is on the lanes, its last verdict, how often it was sent round."""

    first_at: datetime | None = None
    verdict: Verdict | None = None
    went_round: bool = False
    """Whether it was held only because it went round too often."""
    rounds: int = 0


class Case(Struct, frozen=True, kw_only=True):
    """What a parcel is judged by: `bound` says whose each of `epcs` is. `drawn` is None when its day has no seed."""

    lane: Lane
    file: LaneFile
    seen: Seen
    epcs: tuple[str, ...]
    bound: tuple[str | None, ...]
    scanned: tuple[str, ...]
    facts: Facts | None
    earlier: Earlier
    drawn: Drawn | None
    rate: float

    @property
    def logistics_no(self) -> str | None:
        """The one number it is called by, if there is one."""
        names = {name for name in (*self.bound, *self.scanned) if name is not None}
        return names.pop() if len(names) == 1 else None


def decide(case: Case) -> tuple[Verdict, tuple[VerdictReason, ...]]:
    """Return the verdict and all reasons, the one that decided first."""
    found = [one for find in _FINDERS for one in find(case)]
    found.sort(key=lambda one: _PLACES[one.why])
    found = found or [reason(Why.CLEARED)]
    verdict = verdict_of(found[0].why, case.file)
    if verdict in (Verdict.WAIT, Verdict.RECHECK) and case.earlier.rounds >= case.file.rounds:
        return Verdict.HOLD, (reason(Why.WENT_ROUND, rounds=case.earlier.rounds), *found)
    return verdict, tuple(found)


def verdict_of(why: Why, file: LaneFile) -> Verdict:
    """Return the verdict that a reason of the table makes."""
    return file.too_warm if why is Why.TOO_WARM else TABLE[why]


def customs(facts: Facts) -> Iterator[VerdictReason]:
    """Find what customs, or a watch list, has against a parcel, or has not said yet."""
    match facts.clearance:
        case Clearance.RELEASED:
            pass
        case Clearance.NONE:
            yield reason(Why.NO_INVENTORY)
        case Clearance.PENDING:
            yield reason(Why.NOT_RELEASED_YET)
        case Clearance.INSPECT | Clearance.SUSPENDED | Clearance.DETAINED:
            yield reason(Why.CUSTOMS_HOLDS, clearance=facts.clearance.value)
        case _:
            yield reason(Why.CUSTOMS_REFUSES, clearance=facts.clearance.value)
    if facts.watch is not None:
        yield reason(Why.WATCHED, entry=facts.watch)


def _whose(case: Case) -> Iterator[VerdictReason]:
    """Whose parcel is it: two tags, or a tag and a label that say different things, are never guessed about."""
    seen, bound, scanned = case.seen, set(case.bound), set(case.scanned)
    by_tag = [one for one in case.bound if one is not None]
    if len(case.epcs) > 1 and len(bound) > 1:
        yield reason(Why.MULTI_TAG, tags=len(case.epcs))
    if None in bound:
        yield reason(Why.UNBOUND_TAG, epc=case.epcs[case.bound.index(None)])
    if len(scanned) > 1:
        yield reason(Why.SCANS_DIFFER, one=case.scanned[0], other=case.scanned[-1])
    if by_tag and scanned and set(by_tag) != scanned:
        yield reason(Why.TAG_AND_SCAN_DIFFER, tag=by_tag[0], scan=case.scanned[0])
    if seen.tag_of_two:
        yield reason(Why.TAG_OF_TWO)
    if seen.scan_of_two:
        yield reason(Why.SCAN_OF_TWO)


def _missing(case: Case) -> Iterator[VerdictReason]:
    """What the gate and the scanner did not see, or saw of something else."""
    passages, lane = case.seen.passages, case.lane
    if case.epcs and any(one.epc is None for one in passages):
        yield reason(Why.UNTAGGED_BESIDE)
    if any(one.direction is Direction.OUT for one in passages):
        yield reason(Why.WENT_BACK)
    if lane.tag_required and not case.epcs:
        yield reason(Why.NO_TAG)
    if lane.scan_required and not case.scanned:
        yield reason(Why.NO_SCAN)
    if not case.epcs and not case.scanned:
        yield reason(Why.UNNAMED)


def _when(case: Case) -> Iterator[VerdictReason]:
    """How long ago: a gateway that was cut off, or whose clock is wrong, tells of parcels that are long through."""
    moments = (case.seen.weighing.placed_at, *(one.observed_at for one in case.seen.passages))
    late_s = max(abs((case.seen.heard_at - moment).total_seconds()) for moment in moments)
    if late_s > case.lane.late_s + max(0.0, case.lane.gate_before_s[1]):
        yield reason(Why.LATE, seconds=round(late_s, 1))


def _papers(case: Case) -> Iterator[VerdictReason]:
    """What is declared."""
    facts = case.facts
    if facts is None:
        return
    if not facts.known:
        yield reason(Why.UNKNOWN_PARCEL)
        return
    yield from customs(facts)
    if facts.findings:
        yield reason(Why.BROKEN_DOCUMENTS, rules=", ".join(facts.findings))


def _image(case: Case) -> Iterator[VerdictReason]:
    if any(one.suspicious for one in case.seen.images):
        yield reason(Why.IMAGE_FLAGGED)
    if case.lane.image_required and not case.seen.images:
        yield reason(Why.NO_IMAGE)


def _weight(case: Case) -> Iterator[VerdictReason]:
    weighing, scale = case.seen.weighing, case.lane.scale_type
    measured = measured_kg(weighing, scale)
    declared = case.facts.declared_kg if case.facts and case.facts.known else None
    if measured is None:
        yield reason(Why.BAD_WEIGHING, reason=weighing.reason or "no-mass")
    elif case.facts and case.facts.known and (declared is None or declared <= 0):
        yield reason(Why.NO_DECLARED_WEIGHT)
    elif declared is not None:
        error = error_kg(measured + scale.tare_kg, scale)
        how = fit(measured, declared, error, case.file.weight)
        if how is not Fit.RIGHT:
            why = Why.WEIGHT_OFF if how is Fit.OFF else Why.WEIGHT_FAR_OFF
            yield reason(why, measured_kg=measured, declared_kg=declared, error_kg=error)


def _dwell(case: Case) -> Iterator[VerdictReason]:
    facts, placed_at = case.facts, case.seen.weighing.placed_at
    if facts is None or not facts.cold:
        return
    moments = (facts.cold_since, case.earlier.first_at, *(one.observed_at for one in case.seen.passages))
    since = min(one for one in (*moments, placed_at) if one is not None)
    limit_s = case.file.dwell_s if facts.dwell_limit_s is None else facts.dwell_limit_s
    if placed_at - since > timedelta(seconds=limit_s):
        yield reason(Why.TOO_WARM, seconds=round((placed_at - since).total_seconds(), 1), limit_s=limit_s)


def _repeated(case: Case) -> Iterator[VerdictReason]:
    facts, earlier = case.facts, case.earlier
    seen_at = facts.seen_at if facts is not None else None
    if seen_at is not None and case.seen.weighing.placed_at - seen_at < timedelta(days=case.file.repeat_days):
        yield reason(Why.SEEN_EARLIER, at=seen_at.isoformat())
    if earlier.verdict not in (None, Verdict.WAIT, Verdict.RECHECK) and not earlier.went_round:
        yield reason(Why.SEEN_TWICE, verdict=str(earlier.verdict))


def _draw(case: Case) -> Iterator[VerdictReason]:
    if case.facts is None or not case.facts.known or case.rate == 0:
        return
    if case.drawn is None:
        yield reason(Why.NOT_DRAWN_YET)
    elif case.drawn.selected:
        yield reason(Why.DRAWN, rate=case.rate, stratum=case.drawn.stratum)


_FINDERS: tuple[Callable[[Case], Iterator[VerdictReason]], ...] = (
    _when,
    _whose,
    _missing,
    _papers,
    _image,
    _weight,
    _dwell,
    _repeated,
    _draw,
)
