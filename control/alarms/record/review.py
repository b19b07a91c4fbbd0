"""What late readings change: excursions nobody was told of, onsets that were earlier, gaps that are none. Pure.

The record with the late readings is held against the occurrences that were told. An excursion that became one unseen
and was told later has its onset revised; one that was not told, and is over, is found. What is found in one gap of a
point is one finding, whatever the number of limits that were passed in it: somebody has to look at the goods once. What
happened while it could be seen is the live view's, which may have masked it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from coldport.messages.alarm import Alarm
from control.alarms.record.book import SPAN_LIMIT, Unseen
from control.alarms.record.spans import Ending, Excursion, Gap, PointRecord
from control.entries import Found, Reviewed, Revised

FINDING_LIMIT = 50
"""Findings, revisions and closed gaps of one review, each; the record has them all."""

WORTH_REVISING = timedelta(seconds=1)
"""An onset that is earlier by less is the same: stores keep milliseconds, and a person looks at minutes."""

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Told(Struct):
    """What people were told of a point: its occurrences, the gaps of which something was found, and those closed.

    `open` are conditions that began unseen and still hold, each by its definition and the moment its on-delay was over;
    the live view will tell of them, and then it is known when they occurred.
    """

    alarms: list[Alarm] = field(default_factory=list)
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    closed: list[tuple[datetime, datetime]] = field(default_factory=list)
    open: set[tuple[str, datetime]] = field(default_factory=set)

    def take(self, reviewed: Reviewed) -> None:
        """Remember a review that is on record."""
        self.gaps += [(found.gap_start, found.gap_end) for found in reviewed.found]
        self.closed += reviewed.closed
        del self.gaps[:-SPAN_LIMIT], self.closed[:-SPAN_LIMIT]


def remember(alarms: list[Alarm], alarm: Alarm) -> bool:
    """Keep an occurrence as it stands now; return whether it is new. One that moved again is among the last."""
    for index in range(len(alarms) - 1, -1, -1):
        if alarms[index].id == alarm.id:
            alarms[index] = alarm
            return False
    alarms.append(alarm)
    del alarms[:-SPAN_LIMIT]
    return True


def onset(told: Told, alarm: Alarm, record: PointRecord) -> Revised | None:
    """Return when an alarm that has just occurred really did, if its condition began unseen and has held since."""
    for one in _open(record):
        mine = {key for key in told.open if key[0] == one.definition and one.onset <= key[1] <= one.raised_at}
        if one.definition == alarm.definition and mine:
            told.open -= mine
            if alarm.occurred_at - one.raised_at >= WORTH_REVISING:
                return Revised(definition=one.definition, was=alarm.occurred_at, now=one.raised_at)
    return None


def open_unseen(
    told: Told, unseen: Sequence[Unseen], record: PointRecord, begun: set[tuple[str, datetime]]
) -> set[tuple[str, datetime]]:
    """Return the conditions that began unseen, still hold and have not been told, as `Told.open` keeps them.

    `begun` hold for less than their on-delay yet, each with its onset; of them it is enough that a part is unseen.
    """
    # Its onset may have been seen: what was read since then counts towards the delay and was not.
    pending = {key for key in begun if any(key[1] < gap.end for _, gap, _ in unseen)}
    return pending | {
        (one.definition, one.raised_at)
        for one in _open(record)
        if _gap_of(one, unseen) is not None and not _was_told(told, one)
    }


def ended(
    told: Told, record: PointRecord, begun: set[tuple[str, datetime]], rank: Callable[[str], int], at: datetime
) -> Reviewed | None:
    """Return the findings among the conditions that began unseen and were over before the live view told of them."""
    over: dict[Gap, list[Excursion]] = {}
    for one in record.excursions:
        if _began_open(told, one) and one.cleared_at is not None and not _was_told(told, one):
            over.setdefault(Gap(one.onset, one.returned_at or one.raised_at), []).append(one)
    told.open = {(one.definition, one.raised_at) for one in _open(record) if _began_open(told, one)} | (
        told.open & begun
    )
    if not over:
        return None
    since, until = min(gap.start for gap in over), max(gap.end for gap in over)
    return Reviewed(point=record.point, at=at, since=since, until=until, found=tuple(_findings(over, rank)))


def _began_open(told: Told, one: Excursion) -> bool:
    """Whether it is, or is a part of, what was known to hold and had not been told."""
    return any(definition == one.definition and raised_at <= one.raised_at for definition, raised_at in told.open)


def _was_answered(told: Told, one: Excursion) -> bool:
    """Whether it lies, in part at least, in a gap of which something was found before."""
    return any(start < (one.cleared_at or _FOR_EVER) and one.onset < end for start, end in told.gaps)


def _was_told(told: Told, one: Excursion) -> bool:
    return any(alarm.definition == one.definition and _meet(alarm, one) for alarm in told.alarms)


def _open(record: PointRecord) -> list[Excursion]:
    return [one for one in record.excursions if one.ending is Ending.OPEN]


def _gap_of(one: Excursion, unseen: Iterable[Unseen]) -> Gap | None:
    near = [gap for since, gap, _ in unseen if since < one.raised_at and one.onset < gap.end]
    # A value is held into a gap, so one that was over before it may belong to it; rather to one that it lies in.
    return next((gap for gap in near if gap.start < (one.cleared_at or _FOR_EVER)), near[0] if near else None)


def review(
    told: Told, unseen: Sequence[Unseen], after: PointRecord, rank: Callable[[str], int], at: datetime
) -> Reviewed | None:
    """Return what the record says now that nobody was told, or None when nobody has to know.

    Args:
        told: What was told of the point.
        unseen: The stretches of which nothing was known before the late readings came.
        after: The record with them.
        rank: How grave an alarm of a definition is; the greatest stands for all that is found in one gap.
        at: When this is told.
    """
    found: dict[Gap, list[Excursion]] = {}
    revised: list[Revised] = []
    for one in after.excursions:
        gap = _gap_of(one, unseen)
        if gap is None or _began_open(told, one):
            continue
        same = [alarm for alarm in told.alarms if alarm.definition == one.definition and _meet(alarm, one)]
        if same:
            first = min(same, key=lambda alarm: alarm.occurred_at)
            if first.occurred_at - one.raised_at >= WORTH_REVISING:
                revised.append(Revised(definition=one.definition, was=first.occurred_at, now=one.raised_at))
        elif one.cleared_at is not None and not _was_answered(told, one):
            found.setdefault(gap, []).append(one)
    closed = [
        gap
        for _, gap, silent in unseen
        if silent and (gap.start, gap.end) not in told.closed and not _remains(gap, after.gaps)
    ]
    if not (found or revised or closed):
        return None
    return Reviewed(
        point=after.point,
        at=at,
        since=min((one.gap.start for one in unseen), default=at),
        until=max((one.gap.end for one in unseen), default=at),
        found=tuple(_findings(found, rank))[:FINDING_LIMIT],
        revised=tuple(revised[:FINDING_LIMIT]),
        closed=tuple((gap.start, gap.end) for gap in closed[:FINDING_LIMIT]),
    )


def _meet(alarm: Alarm, one: Excursion) -> bool:
    return alarm.occurred_at <= (one.cleared_at or _FOR_EVER) and one.onset <= (alarm.returned_at or _FOR_EVER)


def _remains(gap: Gap, gaps: Iterable[Gap]) -> bool:
    """Whether some of a gap is still one."""
    return any(other.start < gap.end and gap.start < other.end for other in gaps)


def _findings(found: dict[Gap, list[Excursion]], rank: Callable[[str], int]) -> Iterator[Found]:
    for gap, some in found.items():
        gravest = max(some, key=lambda one: (rank(one.definition), one.known_s))
        yield Found(
            definition=gravest.definition,
            version=gravest.version,
            onset=gravest.onset,
            raised_at=gravest.raised_at,
            returned_at=gravest.returned_at or gravest.raised_at,
            worst=gravest.worst,
            worst_at=gravest.worst_at,
            known_s=gravest.known_s,
            unknown_s=gravest.unknown_s,
            others=len(some) - 1,
            gap_start=gap.start,
            gap_end=gap.end,
        )
