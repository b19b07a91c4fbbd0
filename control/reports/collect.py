"""Gathers what a report is made of: readings, alarms, people's acts, lots, from the journal itself.

From the journal and not from the historian, because the journal is what is chained and sealed, and can be read while
control runs.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.errors import RefusedError
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Observation, Reading
from coldport.site import Point
from control.entries import Acknowledged, Acted, Entry, Observed, Started, Tampered, Transitioned
from control.exposure.custody import LotMoved, LotReceived, LotShipped, LotStated
from control.exposure.lots import Lots
from control.historian.buckets import milliseconds
from control.journal.reader import JournalReader
from control.reports.series import Series

LATE = timedelta(days=3)
"""How long after the end of a span its readings may have been recorded: a gateway holds what it could not send for 72
hours unless its site says otherwise; the report says up to when it looked."""

EARLY = timedelta(seconds=60)
"""A gateway's clock may be ahead of control's: its readings are recorded before they were made."""

READING_LIMIT = 5_000_000
"""Readings of one report: a week of eight points at 1 Hz, 85 MB."""


Act = Acknowledged | Acted | LotReceived | LotMoved | LotShipped | LotStated
"""What somebody put their name to."""


class Delivered(Struct):
    """What one gateway's spool delivered for a report. `least_delay_s`: from its own stamp to control's record."""

    first_seq: int
    last_seq: int
    readings: int
    least_delay_s: float


class Facts(Struct):
    """What was found. `alarms` stand as they last were; `starts` are those of control."""

    series: dict[str, Series]
    alarms: dict[str, Alarm] = field(default_factory=dict)
    sources: dict[tuple[str, str], Delivered] = field(default_factory=dict)
    starts: list[datetime] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    tampered: int = 0


def find_lots(journal: JournalReader) -> Lots:
    """Return every lot on record, with where it was when."""
    lots = Lots()
    for entry in journal.events():
        if isinstance(entry.content, LotReceived | LotMoved | LotShipped):
            lots.take(entry.content)
    return lots


def collect(
    journal: JournalReader, points: Collection[Point], start: datetime, end: datetime, expires: Mapping[str, datetime]
) -> Facts:
    """Return what is on record of `points` from `start` to `end`; `expires`: when their sensors' certificates end.

    Raises:
        RefusedError: There are more readings than a report may have.
        UnavailableError: The journal cannot be read.
    """
    facts = Facts(series={point.id: Series(point, expires.get(point.id)) for point in points})
    read = 0
    first = journal.before(start - EARLY)
    for entry in journal.entries(first, end + LATE, facts.series):
        content = entry.content
        if isinstance(content, Observed):
            read += _observe(facts, content, entry.recorded_at, (milliseconds(start), milliseconds(end)))
            if read > READING_LIMIT:
                raise RefusedError(f"more than {READING_LIMIT:,} readings: report a shorter span")
        elif isinstance(content, Started):
            facts.starts.append(content.at)
    for entry in journal.events():
        _happen(facts, entry, start, end)
    for series in facts.series.values():
        series.sort()
    return facts


def _observe(facts: Facts, observed: Observed, recorded_at: datetime, span_ms: tuple[int, int]) -> int:
    read = 0
    for observation in observed.observations:
        series = facts.series.get(observation.point)
        if series is None:
            continue
        at_ms = milliseconds(observation.observed_at)
        if not span_ms[0] - series.hold_ms <= at_ms < span_ms[1]:
            continue
        if isinstance(observation, Reading):
            series.add(at_ms, observation.value, observation.quality, observation.reason)
            read += 1
            _deliver(facts, (observed.gateway, observed.boot_id), observation, recorded_at)
    return read


def _deliver(facts: Facts, spool: tuple[str, str], observation: Observation, recorded_at: datetime) -> None:
    delay_s = (recorded_at - observation.spooled_at).total_seconds()
    known = facts.sources.get(spool)
    if known is None:
        facts.sources[spool] = Delivered(observation.seq, observation.seq, 1, delay_s)
        return
    known.first_seq = min(known.first_seq, observation.seq)
    known.last_seq = max(known.last_seq, observation.seq)
    known.readings += 1
    known.least_delay_s = min(known.least_delay_s, delay_s)


def _happen(facts: Facts, entry: Entry, start: datetime, end: datetime) -> None:
    content = entry.content
    if isinstance(content, Tampered):
        facts.tampered += start <= content.first.observed_at < end and content.first.point in facts.series
    elif isinstance(content, Transitioned):
        alarm = content.alarm
        if alarm.point in facts.series and alarm.occurred_at < end and (alarm.returned_at or end) >= start:
            facts.alarms[alarm.id] = alarm
        else:
            facts.alarms.pop(alarm.id, None)
    elif isinstance(content, Acted) and is_alarm_itself(content.alarm):
        if content.alarm.split(".")[1] in facts.series and start <= content.at < end:
            facts.acts.append(content)
    elif isinstance(content, Act):
        facts.acts.append(content)


def is_alarm_itself(name: str) -> bool:
    """Whether a name is that of an alarm, `definition.point`, and not of one occurrence of it."""
    return name.count(".") == 1
