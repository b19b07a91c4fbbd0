"""How healthy an alarm system is: its rate, floods, nuisances and answers, beside what operators can bear.

Pure: occurrences in, figures out. The targets are those of EEMUA 191 and ISA-18.2 as their users quote them; an aim
whose `source` is "site" is a proposal.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from coldport.messages.alarm import Alarm, Priority, Suppression

TEN_MINUTES = timedelta(minutes=10)
FLOOD_BEGINS, FLOOD_ENDS = 10, 5
"""New alarms in ten minutes: a flood begins at ten, and ends below five."""

CHATTER_EDGES, CHATTER_SPAN = 3, timedelta(minutes=1)
"""An alarm chatters when it moves three times, up or down, within a minute."""

FLEETING = timedelta(seconds=10)
"""An alarm that is over before anybody can have done something."""

STALE = timedelta(hours=24)
"""An alarm that stands for a day is no call to act any more."""

TOP = 10

SYSTEM = "system"
"""Who acknowledges what overflows; no person, and no answer."""

Verdict = Literal["good", "bearable", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One figure beside its target: good up to `aim`, bearable up to `most`."""

    name: str
    value: float
    unit: str
    aim: float
    most: float
    source: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodSpan:
    """One flood: how many alarms were raised while it lasted."""

    start: datetime
    end: datetime
    alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One alarm's part of the load. `alarm` is `definition.point`."""

    alarm: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How long alarms of one priority waited for a person, in seconds; None when none was acknowledged."""

    priority: Priority
    raised: int
    acknowledged: int
    median_s: float | None
    p90_s: float | None
    longest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmHealth:
    """The health of the alarms of a site from `start` up to `end`. `suppressed` counts those that are so now."""

    start: datetime
    end: datetime
    raised: int
    kpis: tuple[Kpi, ...]
    floods: tuple[FloodSpan, ...]
    top: tuple[Share, ...]
    by_priority: dict[Priority, int]
    chattering: tuple[str, ...]
    fleeting: int
    stale: tuple[str, ...]
    answers: tuple[Answers, ...]
    suppressed: dict[Suppression, int]


def alarm_health(alarms: Iterable[Alarm], start: datetime, end: datetime) -> AlarmHealth:
    """Return the health from `start` (included) to `end` (excluded).

    Args:
        alarms: The newest state of every occurrence that stood at some time in the span; others do no harm. Those found
            in late readings are left out: nobody was called by them.
        start: First moment.
        end: Last moment; later than `start`.
    """
    calls = (alarm for alarm in alarms if alarm.occurred_at < end and not alarm.historical)
    known = sorted(calls, key=lambda alarm: (alarm.occurred_at, alarm.id))
    raised = [alarm for alarm in known if alarm.occurred_at >= start]
    times = [alarm.occurred_at for alarm in raised]
    floods = flood_spans(times, end)
    counts = Counter(_name(alarm) for alarm in raised)
    top = tuple(
        Share(alarm=name, count=count, share=count / len(raised))
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    )
    chattering = chattering_alarms(known, start, end)
    fleeting = sum(_is_fleeting(alarm) and _name(alarm) not in chattering for alarm in raised)
    stale = tuple(alarm.id for alarm in known if _stood(alarm, end) >= STALE and _ended(alarm, end) > start)
    held = Counter(alarm.suppressed.kind for alarm in known if alarm.suppressed)
    return AlarmHealth(
        start=start,
        end=end,
        raised=len(raised),
        kpis=tuple(_kpis(times, floods, len(chattering) + fleeting, len(stale), start, end)),
        floods=floods,
        top=top,
        by_priority={priority: sum(a.priority is priority for a in raised) for priority in Priority},
        chattering=chattering,
        fleeting=fleeting,
        stale=stale,
        suppressed={kind: held[kind] for kind in Suppression if kind is not Suppression.NONE},
        answers=tuple(_answers(priority, raised) for priority in Priority),
    )


def flood_spans(times: Sequence[datetime], end: datetime) -> tuple[FloodSpan, ...]:
    """Return the floods in rising `times` of new alarms, from the first alarm of each; one that lasts ends at `end`."""
    floods: list[FloodSpan] = []
    first, free = None, 0  # the first alarm of the flood that is on; the first that belongs to no flood yet
    for index, at in enumerate(times):
        if first is not None and _calm_from(times, index) < at:
            floods.append(FloodSpan(start=times[first], end=_calm_from(times, index), alarms=index - first))
            first, free = None, index
        recent = max(free, bisect_right(times, at - TEN_MINUTES))
        if first is None and index + 1 - recent >= FLOOD_BEGINS:
            first = recent
    if first is not None:
        over = min(_calm_from(times, len(times)), end)
        floods.append(FloodSpan(start=times[first], end=over, alarms=len(times) - first))
    return tuple(floods)


def _calm_from(times: Sequence[datetime], count: int) -> datetime:
    """Return from when on the last ten minutes hold fewer than five of the first `count` alarms."""
    return times[count - FLOOD_ENDS] + TEN_MINUTES


def chattering_alarms(alarms: Iterable[Alarm], start: datetime, end: datetime) -> tuple[str, ...]:
    """Return the alarms that moved, up or down, three times within a minute of the span."""
    edges: dict[str, list[datetime]] = defaultdict(list)
    for alarm in alarms:
        moved = (alarm.occurred_at, alarm.returned_at)
        edges[_name(alarm)] += [at for at in moved if at is not None and start <= at < end]
    return tuple(sorted(name for name, times in edges.items() if _chatters(sorted(times))))


def _chatters(times: Sequence[datetime]) -> bool:
    return any(later - at <= CHATTER_SPAN for at, later in zip(times, times[CHATTER_EDGES - 1 :], strict=False))


def _kpis(
    times: Sequence[datetime],
    floods: Sequence[FloodSpan],
    nuisances: int,
    stale: int,
    start: datetime,
    end: datetime,
) -> Iterable[Kpi]:
    span_s = (end - start).total_seconds()
    flooded_s = sum((min(flood.end, end) - flood.start).total_seconds() for flood in floods)
    hours = Counter(int((at - start).total_seconds() // 3600) for at in times)
    overloaded = sum(count > 30 for count in hours.values())
    busiest = max((bisect_left(times, at + TEN_MINUTES) - index for index, at in enumerate(times)), default=0)
    share = 100 * overloaded / max(1.0, span_s / 3600)
    eemua = "EEMUA 191 / ISA-18.2"
    yield _kpi("per-ten-minutes", len(times) * 600 / span_s, "alarms", (1, 2), eemua)
    yield _kpi("busiest-ten-minutes", busiest, "alarms", (9, 9), eemua)
    yield _kpi("time-in-flood", 100 * flooded_s / span_s, "%", (1, 1), eemua)
    yield _kpi("hours-over-thirty", share, "%", (1, 1), "site")
    yield _kpi("chattering-and-fleeting", nuisances, "alarms", (0, 0), "site")
    yield _kpi("stale", stale, "alarms", (4, 4), "site")


def _kpi(name: str, value: float, unit: str, limits: tuple[float, float], source: str) -> Kpi:
    aim, most = limits
    verdict: Verdict = "good" if value <= aim else "bearable" if value <= most else "bad"
    return Kpi(name=name, value=value, unit=unit, aim=aim, most=most, source=source, verdict=verdict)


def _answers(priority: Priority, raised: Sequence[Alarm]) -> Answers:
    some = [alarm for alarm in raised if alarm.priority is priority]
    waits = sorted(
        max(0.0, (alarm.acknowledged_at - alarm.occurred_at).total_seconds())
        for alarm in some
        if alarm.acknowledged_at is not None and alarm.acknowledged_by not in (None, SYSTEM)
    )
    return Answers(
        priority=priority,
        raised=len(some),
        acknowledged=len(waits),
        median_s=percentile(waits, 50),
        p90_s=percentile(waits, 90),
        longest_s=waits[-1] if waits else None,
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the least of the rising `values` that at least `percent` of them do not exceed; None of none.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50)
    2.0
    """
    return values[max(0, -(-percent * len(values) // 100) - 1)] if values else None


def _name(alarm: Alarm) -> str:
    return f"{alarm.definition}.{alarm.point}"


def _ended(alarm: Alarm, end: datetime) -> datetime:
    return min(alarm.returned_at or end, end)


def _stood(alarm: Alarm, end: datetime) -> timedelta:
    return _ended(alarm, end) - alarm.occurred_at


def _is_fleeting(alarm: Alarm) -> bool:
    if alarm.returned_at is None or alarm.returned_at - alarm.occurred_at > FLEETING:
        return False
    return alarm.acknowledged_at is None or alarm.acknowledged_at >= alarm.returned_at
