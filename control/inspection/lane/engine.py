"""The lanes of a site: a fold of what was seen and done, and the verdicts that follow from it.

`take` folds the journal, verdicts included, and decides nothing; `judge` says what is due and folds it. After a restart
what stands written stands, and what has no verdict yet is judged then: no parcel has two, none is lost.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Observation, Passage, Weighing
from control.inspection.clearance import Clearance
from control.inspection.lane import evidence
from control.inspection.lane.acts import (
    DrawCommitted,
    DrawRevealed,
    Imaged,
    Judged,
    LaneAct,
    Overridden,
    RateSet,
    Scanned,
    TagBound,
)
from control.inspection.lane.board import Board, show
from control.inspection.lane.draw import (
    DrawState,
    SeedOf,
    Told,
    check_draw,
    count_drawn,
    drawn_of,
    rate_of,
    take_draw,
    told,
)
from control.inspection.lane.evidence import Crossed, Evidence, LaneState, Shown, Weighed
from control.inspection.lane.facts import Facts, Lookup
from control.inspection.lane.label import parcel_number
from control.inspection.lane.parcels import ParcelState, Standing, bind, check_tag, lately, stand
from control.inspection.lane.rules import RULES, Case, Earlier, customs, decide, verdict_of
from control.inspection.lane.settings import Lane, LaneFile
from control.inspection.lane.verdict import Verdict, VerdictReason, Why, reason
from control.inspection.lane.weight import Band, error_kg, measured_kg

SCAN_LIMIT = 2_000
"""Names of scans remembered: an hour of a fast hand at each of four stations that were cut off."""


class LanesState(Struct):
    """What a snapshot holds of the lanes; `boards` by lane, `scans` the names of the last scans, oldest first."""

    lanes: dict[str, LaneState] = field(default_factory=dict)
    parcels: ParcelState = field(default_factory=ParcelState)
    draw: DrawState = field(default_factory=DrawState)
    boards: dict[str, Board] = field(default_factory=dict)
    scans: dict[str, None] = field(default_factory=dict)


class Lanes:
    """All lanes of one site."""

    def __init__(self, file: LaneFile, zone: tzinfo, seed_of: SeedOf, state: LanesState | None = None) -> None:
        """Go on from what is known. A draw's day is one of `zone`; `seed_of` knows its seed while it is secret."""
        self.state = state or LanesState()
        self._file = file
        self._zone = zone
        self._repeat = timedelta(days=file.repeat_days)
        self._seed_of = seed_of
        self._lanes = {lane.id: lane for lane in file.lanes}
        self._by_point = {point: lane for lane in file.lanes for point in (lane.gate, lane.scale)}
        for name in self._lanes:
            self.state.lanes.setdefault(name, LaneState())
            self.state.boards.setdefault(name, Board())

    def check(self, act: LaneAct, now: datetime, lookup: Lookup) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            NotFoundError: No such lane, parcel or day.
            RefusedError: It contradicts what is on record, lies ahead of `now`, or needs two persons or customs' word.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        match act:
            case Scanned() | Imaged():
                if act.lane not in self._lanes:
                    raise NotFoundError(f"the site has no lane {act.lane!r}")
            case TagBound():
                check_tag(self.state.parcels, act)
            case Overridden():
                self._check_overridden(act, lookup)
            case DrawCommitted() | DrawRevealed() | RateSet():
                check_draw(self.state.draw, act)

    def see(self, observation: Observation, heard_at: datetime) -> None:
        """Take in what a gateway observed; what is not of a lane's gate or scale is left alone."""
        lane = self._by_point.get(observation.point)
        if lane is None:
            return
        is_mine = (isinstance(observation, Weighing) and observation.point == lane.scale) or (
            isinstance(observation, Passage) and observation.point == lane.gate
        )
        if is_mine and isinstance(observation, Weighing | Passage):
            self._add(lane, observation, heard_at)

    def take(self, act: LaneAct | Judged, heard_at: datetime) -> None:
        """Take in what the journal says; what is of a lane that the site no longer has is left alone."""
        match act:
            case Scanned() | Imaged():
                if isinstance(act, Scanned) and act.id is not None:
                    self._name(act.id)
                if act.lane in self._lanes:
                    self._add(self._lanes[act.lane], act, heard_at)
            case TagBound():
                bind(self.state.parcels, act)
            case Judged():
                self._stand(act)
            case DrawCommitted() | DrawRevealed() | RateSet():
                take_draw(self.state.draw, act)
            case Overridden():
                pass  # the verdict that follows from it says all

    def is_known(self, scanned: Scanned) -> bool:
        """Whether a scan of this name is on record already."""
        return scanned.id in self.state.scans

    def wake(self, at: datetime) -> None:
        """Take in that control started: nobody waited for anything while it was away."""
        for state in self.state.lanes.values():
            state.awake_since = at

    def due_at(self) -> datetime | None:
        """Return when the next verdict is due, or None while nothing waits for one."""
        return min(
            (at for name, lane in self._lanes.items() for at in self._due(self.state.lanes[name], lane)), default=None
        )

    def judge(self, now: datetime, lookup: Lookup) -> list[Judged]:
        """Return the verdicts that are due at `now`, taken in already, in the order in which the parcels came."""
        judged: list[Judged] = []
        for name, lane in self._lanes.items():
            state = self.state.lanes[name]
            if state.open_from is None:
                continue
            for weighed in evidence.open_weighed(state):
                if now >= evidence.due_at(state, lane, weighed):
                    judged += self._take_each(self._weighed(lane, weighed, now, lookup))
                    weighed.again = False
            for crossed in evidence.open_crossed(state, lane):
                if now >= evidence.lost_at(state, lane, crossed):
                    judged += self._take_each(self._lost(lane, crossed, now, lookup))
            evidence.settle(state, lane)
        return judged

    def reconsider(self, logistics_no: str, now: datetime, facts: Facts) -> list[Judged]:
        """Return what becomes of a released parcel when customs or a watch list has changed; taken in already.

        Nothing when it was not released, or may still be. Whether it has left by now the floor knows, not the lane.
        """
        standing = self.state.parcels.standing.get(logistics_no)
        if standing is None or standing.verdict is not Verdict.RELEASE:
            return []
        found = [*customs(facts)] if facts.known else [reason(Why.UNKNOWN_PARCEL)]
        if not found:
            return []
        first = verdict_of(found[0].why, self._file)
        verdict = first if first is Verdict.INSPECT else Verdict.HOLD
        # Whatever it was before it was let go: what must not go on does not go round, it is taken out.
        reasons = (*found, reason(Why.RECALLED)) if first is verdict else (reason(Why.RECALLED), *found)
        return self._take_each([self._instead(standing, logistics_no, now, verdict, reasons, facts)])

    def overrule(self, act: Overridden, now: datetime, facts: Facts) -> list[Judged]:
        """Return the verdict that two persons gave instead of the lane's; `act` was checked. It is taken in already."""
        standing = self.state.parcels.standing[act.logistics_no]
        said = reason(Why.OVERRULED, by=act.by, approved_by=act.approved_by, text=act.reason)
        return self._take_each([self._instead(standing, act.logistics_no, now, act.verdict, (said,), facts)])

    @property
    def settings(self) -> Sequence[Lane]:
        """The lanes as the site has set them up."""
        return self._file.lanes

    def shown(self, lane: str) -> Shown | None:
        """Return the verdict that a lane shows."""
        return self.state.lanes[lane].shown

    def standing(self, logistics_no: str) -> Standing:
        """Return how a parcel stands; raises NotFoundError."""
        found = self.state.parcels.standing.get(logistics_no)
        if found is None:
            raise NotFoundError(f"no parcel {logistics_no!r} was on a lane lately")
        return found

    def board(self, lane: str) -> Board:
        """Return what a lane's screens are shown."""
        return self.state.boards[lane]

    def is_busy(self, lane: str) -> bool:
        """Whether something on a lane waits for its verdict."""
        return self.state.lanes[lane].open_from is not None

    @property
    def weight(self) -> Band:
        """How far a mass may be off the declared one."""
        return self._file.weight

    def draw_of(self, day: date) -> Told:
        """Return the draw of a day as anybody may see it; raises NotFoundError."""
        return told(self.state.draw, self._file.draw.rates, day)

    def _name(self, scan: str) -> None:
        self.state.scans[scan] = None
        if len(self.state.scans) > SCAN_LIMIT:
            del self.state.scans[next(iter(self.state.scans))]

    def _add(self, lane: Lane, what: Evidence, heard_at: datetime) -> None:
        evidence.add(self.state.lanes[lane.id], lane, what, heard_at)

    def _due(self, state: LaneState, lane: Lane) -> Iterator[datetime]:
        yield from (evidence.due_at(state, lane, one) for one in evidence.open_weighed(state))
        yield from (evidence.lost_at(state, lane, one) for one in evidence.open_crossed(state, lane))

    def _take_each(self, judged: list[Judged]) -> list[Judged]:
        for one in judged:
            self._stand(one)
        return judged

    def _weighed(self, lane: Lane, weighed: Weighed, now: datetime, lookup: Lookup) -> list[Judged]:
        """Judge one parcel: for the first time, or again because something came after its verdict."""
        case = self._case(lane, weighed, lookup)
        verdict, reasons = decide(case)
        if weighed.judged is not None:
            worse = weighed.verdict is Verdict.RELEASE and verdict is not Verdict.RELEASE
            named = case.logistics_no is not None and case.logistics_no != weighed.logistics_no
            if not worse and not named:
                return []
            # It may be past the diverter: it is neither let go nor sent round any more.
            if verdict is not Verdict.INSPECT:
                verdict = Verdict.HOLD
            reasons = (
                (reason(Why.CAME_LATE), *reasons) if verdict is Verdict.HOLD else (*reasons, reason(Why.CAME_LATE))
            )
        scale, measured = lane.scale_type, measured_kg(weighed.weighing, lane.scale_type)
        return [
            Judged(
                id=_next(weighed.presentation, weighed.judged),
                presentation=weighed.presentation,
                lane=lane.id,
                at=now,
                verdict=verdict,
                reasons=reasons,
                rules=RULES,
                supersedes=weighed.judged,
                logistics_no=case.logistics_no,
                epcs=case.epcs,
                codes=tuple(dict.fromkeys(one.code for one in case.seen.scans)),
                measured_kg=measured,
                error_kg=None if measured is None else error_kg(measured + scale.tare_kg, scale),
                declared_kg=case.facts.declared_kg if case.facts else None,
                clearance=case.facts.clearance if case.facts else Clearance.NONE,
                seen_at=weighed.at,
                drawn=case.drawn,
            )
        ]

    def _lost(self, lane: Lane, crossed: Crossed, now: datetime, lookup: Lookup) -> list[Judged]:
        """Say of a tag that no weight came for it; nothing where its label was weighed a little too early or late."""
        epc = crossed.passage.epc or ""
        name = self.state.parcels.tags.get(epc)
        if name is not None and evidence.was_weighed(self.state.lanes[lane.id], lane, crossed, name):
            crossed.judged = True
            return []
        presentation = f"{lane.id}.{crossed.at:%Y%m%dT%H%M%S}{crossed.at.microsecond // 1000:03}-{epc}"
        facts = lookup(name) if name is not None else None
        return [
            Judged(
                id=_next(presentation, None),
                presentation=presentation,
                lane=lane.id,
                at=now,
                verdict=Verdict.HOLD,
                reasons=(reason(Why.UNWEIGHED), *((reason(Why.UNBOUND_TAG, epc=epc),) if name is None else ())),
                rules=RULES,
                logistics_no=name,
                epcs=(epc,),
                declared_kg=facts.declared_kg if facts else None,
                clearance=facts.clearance if facts else Clearance.NONE,
                seen_at=crossed.at,
            )
        ]

    def _instead(
        self,
        standing: Standing,
        logistics_no: str,
        now: datetime,
        verdict: Verdict,
        reasons: tuple[VerdictReason, ...],
        facts: Facts,
    ) -> Judged:
        return Judged(
            id=_next(standing.presentation, standing.judged),
            presentation=standing.presentation,
            lane=standing.lane,
            at=now,
            verdict=verdict,
            reasons=reasons,
            rules=RULES,
            supersedes=standing.judged,
            logistics_no=logistics_no,
            declared_kg=facts.declared_kg,
            clearance=facts.clearance,
        )

    def _case(self, lane: Lane, weighed: Weighed, lookup: Lookup) -> Case:
        seen = evidence.seen_of(self.state.lanes[lane.id], lane, weighed)
        epcs = tuple(dict.fromkeys(one.epc for one in seen.passages if one.epc is not None))
        case = Case(
            lane=lane,
            file=self._file,
            seen=seen,
            epcs=epcs,
            bound=tuple(self.state.parcels.tags.get(epc) for epc in epcs),
            scanned=tuple(dict.fromkeys(parcel_number(one.code) for one in seen.scans)),
            facts=None,
            earlier=Earlier(),
            drawn=None,
            rate=0.0,
        )
        name = case.logistics_no
        if name is None:
            return case
        return self._with_facts(case, name, weighed, lookup(name))

    def _with_facts(self, case: Case, name: str, weighed: Weighed, facts: Facts) -> Case:
        day = self._day(weighed.at)
        rate = rate_of(self.state.draw, self._file.draw.rates, facts.stratum)
        standing = lately(self.state.parcels, name, weighed.at, self._repeat)
        if (
            standing is not None
        ):  # its own verdicts here are on record too: how it stands says more than that it was here
            facts = msgspec.structs.replace(facts, seen_at=None)
        return msgspec.structs.replace(
            case,
            facts=facts,
            earlier=standing.earlier(weighed.presentation) if standing is not None else Earlier(),
            drawn=drawn_of(self._seed(day), day, (name, case.lane.id), (facts.stratum, rate)) if facts.known else None,
            rate=rate,
        )

    def _seed(self, day: date) -> bytes | None:
        """Return the seed of a day, or None unless its hash was committed: no other may decide."""
        committed = self.state.draw.days.get(day.isoformat())
        return self._seed_of(day) if committed is not None else None

    def _stand(self, judged: Judged) -> None:
        self._show(judged)
        if stand(self.state.parcels, judged, self._repeat) and judged.drawn is not None:
            count_drawn(self.state.draw, judged.drawn)
        state = self.state.lanes.get(judged.lane)
        if state is None or (judged.seen_at is None and judged.supersedes is None):
            return
        evidence.mark(state, judged)

    def _show(self, judged: Judged) -> None:
        board = self.state.boards.get(judged.lane)
        if board is not None:
            standing = self.state.parcels.standing.get(judged.logistics_no or "")
            show(board, judged, standing, self._day)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _check_overridden(self, act: Overridden, lookup: Lookup) -> None:
        standing = self.standing(act.logistics_no)
        if act.by.strip().casefold() == act.approved_by.strip().casefold():
            raise RefusedError("a verdict is overruled by two persons; both names are the same")
        if standing.judged != act.judged:
            raise RefusedError(f"verdict {act.judged!r} does not stand any more, {standing.judged!r} does")
        if act.verdict is Verdict.WAIT:
            raise RefusedError("to wait is no verdict that people give")
        if standing.verdict is act.verdict:
            raise RefusedError(f"the verdict is {act.verdict.value} already")
        clearance = lookup(act.logistics_no).clearance
        if act.verdict is Verdict.RELEASE and clearance is not Clearance.RELEASED and not self._file.override_customs:
            raise RefusedError(f"customs has not released parcel {act.logistics_no!r}: {clearance.value}")


def _next(presentation: str, judged: str | None) -> str:
    """Return the id of the verdict that takes the place of `judged`: the presentation's name and a number."""
    return f"{presentation}.{int(judged.rpartition('.')[2]) + 1 if judged else 1}"
