"""Follows the journal into the record: what each point went through, and what late readings change about it.

Books (`control.alarms.record`) take every reading. When some came too late to be judged live, and the historian has
them, their span is folded again, and what nobody was told is told: a `Reviewed` entry, which the alarm engine acts on.
What is remembered is a short cut, kept in a file; without it the journal is folded from its beginning.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct, field

from coldport.clock import Clock
from coldport.ids import PointId
from coldport.messages.alarm import Alarm, Priority
from coldport.messages.observation import Observation, Reading, Weight
from coldport.site import Point, Site
from control.alarms.definition import AlarmFile, points_of
from control.alarms.engine import AHEAD_S, horizon, usable_value
from control.alarms.record.book import Book, BookState, Known
from control.alarms.record.review import Told, ended, onset, open_unseen, remember, review
from control.entries import Entry, Observed, Reviewed, Transitioned
from control.historian.buckets import milliseconds, moment
from control.ports import Historian, Journal

ENTRY_LIMIT = 50
"""Entries taken at a time: at most 25,000 readings, a tenth of a second on another thread."""

LINGER_S = 1.0
"""How long late readings gather before they are folded in."""

PART = 20_000
"""Readings asked of the historian at a time; it gives ten times as many, if a point is read more often than said."""

SAVE_EVERY = 200_000
"""Readings after which what is remembered is saved: a start folds them in about a second."""

log = logging.getLogger("control.record")


class Remembered(Struct):
    """What the file holds. One of another `form` is not used."""

    form: int = 1
    number: int = 0
    books: dict[str, BookState] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)


class HistorianHistory:
    """The readings of a point as the historian keeps them, asked for in parts."""

    def __init__(self, historian: Historian, points: dict[PointId, Point]) -> None:
        """Read from `historian`; a part is as long as `PART` readings of the point take."""
        self._historian = historian
        self._points = points

    def read(self, point: str, after: datetime, through: datetime) -> Iterator[Known]:
        """Give the readings with `after < at <= through`, sorted; raises UnavailableError."""
        name = PointId(point)
        part = timedelta(seconds=PART * min(self._points[name].every_s, 3_600))
        start, end = moment(milliseconds(after) + 1), moment(milliseconds(through) + 1)
        while start < end:
            for sample in self._historian.samples(name, start, min(start + part, end)):
                yield Known(sample.observed_at, sample.value)
            start += part


class RecordFollower:
    """The record of a site's points."""

    def __init__(
        self,
        site: Site,
        alarms: AlarmFile,
        journal: Journal,
        historian: Historian,
        tell: Callable[[Reviewed], None],
        clock: Clock,
        file: Path | None = None,
    ) -> None:
        """Go on from `file`, when it can be used. `tell` puts a review on record."""
        self._journal, self._historian, self._tell, self._clock, self._file = journal, historian, tell, clock, file
        self._ranks = {d.id: -list(Priority).index(d.priority) for d in alarms.alarms}
        self._memory = _load(file)
        points = site.points()
        self._horizons = {name: horizon(point) for name, point in points.items() if not point.recorded}
        watched = {point.id for definition in alarms.alarms for point in points_of(definition, site)}
        self._books = {
            name: Book(
                point,
                [d for d in alarms.alarms if point in points_of(d, site)],
                self._memory.books.setdefault(name, BookState()),
            )
            for name, point in points.items()
            if name in watched
        }
        self._history = HistorianHistory(historian, points)
        self._unsaved = 0
        self._untold: list[Reviewed] = []

    def book(self, point: str) -> Book | None:
        """Return the record of a point, or None when no alarm watches it."""
        return self._books.get(PointId(point))

    async def step(self) -> None:
        """Do one piece of work: the loop body for `coldport.supervise.for_ever`; raises UnavailableError."""
        read = await asyncio.to_thread(self._take_next)
        if read == ENTRY_LIMIT:
            return
        await asyncio.to_thread(self._review)
        while self._untold:
            self._tell(self._untold[0])
            del self._untold[0]
        if self._unsaved >= SAVE_EVERY:
            await asyncio.to_thread(self.save)
        await self._clock.sleep(LINGER_S)

    def save(self) -> None:
        """Keep what is remembered; when that fails the next start takes longer."""
        if self._file is None or self._untold:
            return
        self._unsaved = 0
        beside = self._file.with_suffix(".new")
        try:
            beside.write_bytes(msgspec.msgpack.encode(self._memory))
            beside.replace(self._file)
        except OSError as error:
            log.warning("the record was not saved, the next start takes longer: %s", error)

    def _take_next(self) -> int:
        entries = self._journal.read(self._memory.number, ENTRY_LIMIT)
        for entry in entries:
            self._take(entry)
            self._memory.number = entry.number
        return len(entries)

    def _take(self, entry: Entry) -> None:
        content = entry.content
        if isinstance(content, Observed):
            for observation in content.observations:
                self._observe(observation, entry.recorded_at)
            self._unsaved += len(content.observations)
        elif isinstance(content, Transitioned):
            self._hear(content.alarm)
        elif isinstance(content, Reviewed):
            self._told(content.point).take(content)

    def _observe(self, observation: Observation, recorded_at: datetime) -> None:
        book = self._books.get(PointId(observation.point))
        at = observation.observed_at
        if book is None or not isinstance(observation, Reading | Weight):
            return
        if at > recorded_at + timedelta(seconds=AHEAD_S):
            return
        oldest = self._horizons.get(PointId(observation.point))
        late = oldest is not None and recorded_at - at > oldest
        # The historian keeps milliseconds; both must speak of the same moment.
        book.take(moment(milliseconds(at)), usable_value(observation), late=late)

    def _hear(self, alarm: Alarm) -> None:
        """Remember what was told. An alarm that occurs when its condition is known to hold for longer has its onset."""
        told, book = self._told(alarm.point), self.book(alarm.point)
        if remember(told.alarms, alarm) and not alarm.historical and book is not None:
            revised = onset(told, alarm, book.record())
            if revised is not None:
                now = self._clock.now()
                one = Reviewed(point=alarm.point, at=now, since=revised.now, until=revised.was, revised=(revised,))
                self._untold.append(one)

    def _review(self) -> None:
        """Fold in what was late, if the historian has it, and note what must be told."""
        waiting = [(name, book) for name, book in self._books.items() if not book.settled]
        if waiting and self._historian.applied() >= self._memory.number:
            for name, book in waiting:
                self._settle(name, book)
        for point, told in self._memory.told.items():
            known = self.book(point)
            if told.open and known is not None and known.settled:
                self._note(ended(told, known.record(), known.begun(), self._rank, self._clock.now()))

    def _settle(self, name: str, book: Book) -> None:
        unseen = book.unseen()
        book.settle(self._history)
        told, record = self._told(name), book.record()
        said = review(told, unseen, record, self._rank, self._clock.now())
        told.open |= open_unseen(told, unseen, record, book.begun())
        self._note(said)

    def _note(self, said: Reviewed | None) -> None:
        if said is not None:
            self._untold.append(said)

    def _told(self, point: str) -> Told:
        return self._memory.told.setdefault(point, Told())

    def _rank(self, definition: str) -> int:
        return self._ranks.get(definition, -len(Priority))


def _load(file: Path | None) -> Remembered:
    if file is None or not file.exists():
        return Remembered()
    try:
        remembered = msgspec.msgpack.decode(file.read_bytes(), type=Remembered)
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s is not used, the whole journal is folded: %s", file, error)
        return Remembered()
    return remembered if remembered.form == Remembered().form else Remembered()
