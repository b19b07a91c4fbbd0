"""Parcels that have been on the lanes, and the tags stuck to them: what is remembered of one until it comes again."""

from datetime import date, datetime, timedelta

from msgspec import Struct, field

from coldport.errors import RefusedError
from coldport.messages.observation import Moment
from control.inspection.lane.acts import Judged, TagBound
from control.inspection.lane.rules import Earlier
from control.inspection.lane.verdict import Verdict, Why

PARCEL_LIMIT = 200_000
"""Parcels remembered: a day and a half of the largest centre known (130,000). Older ones the floor's records know."""
TAG_LIMIT = 400_000
"""Tags bound to parcels: twice the parcels, for tags are stuck on before a parcel comes."""


class Standing(Struct, kw_only=True):
    """How a parcel stands by the lanes.

    `judged` is its verdict's id, of `presentation`; `before` says how it stood when that presentation came. `rolled`
    names the days and lanes on which it was in the draw.
    """

    judged: str
    presentation: str
    lane: str
    verdict: Verdict
    at: Moment
    first_at: Moment
    rounds: int = 0
    went_round: bool = False
    before: Earlier = field(default_factory=Earlier)
    rolled: tuple[tuple[date, str], ...] = ()

    def earlier(self, presentation: str) -> Earlier:
        """Return how it stood when `presentation` came."""
        if presentation == self.presentation:
            return self.before
        return Earlier(first_at=self.first_at, verdict=self.verdict, went_round=self.went_round, rounds=self.rounds)


class ParcelState(Struct):
    """Parcels by logistics number, those heard of last at the end; tags by EPC."""

    standing: dict[str, Standing] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def check_tag(state: ParcelState, act: TagBound) -> None:
    """Raise RefusedError when a tag is on another parcel and nobody said that it was taken off."""
    on = state.tags.get(act.epc)
    if on is not None and on != act.logistics_no and not act.again:
        raise RefusedError(f"tag {act.epc} is on parcel {on!r} already; say that it is used again if it was taken off")


def bind(state: ParcelState, act: TagBound) -> None:
    """Take in that a tag was stuck to a parcel."""
    state.tags.pop(act.epc, None)
    state.tags[act.epc] = act.logistics_no
    if len(state.tags) > TAG_LIMIT:
        del state.tags[next(iter(state.tags))]


def lately(state: ParcelState, logistics_no: str, at: datetime, within: timedelta) -> Standing | None:
    """Return how a parcel stands that was on a lane `within` some time before `at`; what was earlier is another one."""
    standing = state.standing.get(logistics_no)
    return standing if standing is not None and at - standing.at < within else None


def stand(state: ParcelState, judged: Judged, within: timedelta) -> bool:
    """Take in a verdict; tell whether its draw is one that this parcel had not been in on that day and lane."""
    if judged.logistics_no is None:
        return False
    was = lately(state, judged.logistics_no, judged.at, within)
    state.standing.pop(judged.logistics_no, None)
    before = was.earlier(judged.presentation) if was is not None else Earlier()
    round_again = judged.verdict in (Verdict.WAIT, Verdict.RECHECK)
    rolled = was.rolled if was is not None else ()
    roll = (judged.drawn.day, judged.lane) if judged.drawn is not None else None
    is_new = roll is not None and roll not in rolled
    if roll is not None and is_new:
        rolled = (*[one for one in rolled if one[0] == roll[0]], roll)
    state.standing[judged.logistics_no] = Standing(
        judged=judged.id,
        presentation=judged.presentation,
        lane=judged.lane,
        verdict=judged.verdict,
        at=judged.at,
        first_at=before.first_at or judged.at,
        rounds=before.rounds + round_again,
        went_round=bool(judged.reasons) and judged.reasons[0].why is Why.WENT_ROUND,
        before=before,
        rolled=rolled,
    )
    if len(state.standing) > PARCEL_LIMIT:
        del state.standing[next(iter(state.standing))]
    return is_new
