"""What a notice says, in the language of the site: where, what, since when, how it stands, and what to do."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.settings import load
from coldport.site import Site
from control.alarms.definition import LEVELS, Definition, Kind
from control.notify.notice import Why
from control.notify.settings import NotifyFile

DIGEST_LINES = 10
"""Alarms that a digest names; the page has the others."""

Words = Annotated[str, Meta(min_length=1)]


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language."""

    why: dict[Why, Words]
    priority: dict[Priority, Words]
    state: dict[AlarmState, Words]
    line: dict[str, Words]


def catalogue(language: Literal["zh", "en"]) -> Catalogue:
    """Read the words of a language."""
    return load(Path(__file__).parent / "words" / f"{language}.toml", Catalogue)


class Texts:
    """Writes notices."""

    def __init__(self, site: Site, definitions: Sequence[Definition], settings: NotifyFile, words: Catalogue) -> None:
        """Write in `words`; times are local ones of the site."""
        self._site = site
        self._language = settings.language
        self._link = settings.link
        self._words = words
        self._definitions = {definition.id: definition for definition in definitions}
        self._places = {point.id: (zone, point) for zone in site.zones for point in zone.points}
        self._zone = ZoneInfo(site.timezone)

    def single(self, why: Why, alarm: Alarm, raised: int) -> tuple[str, str]:
        """Return title and text about one alarm that was raised `raised` times since it was last told of."""
        words, definition = self._words, self._definitions.get(alarm.definition)
        lines = [self._line("point", label=self._label(alarm), point=alarm.point)]
        lines += self._figures(alarm, definition)
        lines.append(self._line("since", at=self._local(alarm.occurred_at)))
        if alarm.returned_at:
            lines.append(self._line("until", at=self._local(alarm.returned_at)))
        if alarm.historical:
            lines.append(self._line("historical"))
        lines.append(self._line("state", state=words.state[alarm.state]))
        if alarm.acknowledged_by:
            lines.append(self._line("by", by=alarm.acknowledged_by))
        if alarm.first_out:
            lines.append(self._line("first_out"))
        if raised > 1:
            lines.append(self._line("raised", count=raised))
        if definition and why is not Why.RETURNED:
            lines.append(self._line("action", action=getattr(definition.action, self._language)))
        lines += [*self._linked(), self._line("id", id=alarm.id)]
        return self._title("title", why, alarm), "\n".join(lines)

    def digest(self, items: Sequence[tuple[Why, Alarm]]) -> tuple[str, str]:
        """Return title and text about many alarms."""
        active = sum(alarm.returned_at is None for _, alarm in items)
        lines = [self._title("digest_item", why, alarm) for why, alarm in items[:DIGEST_LINES]]
        if len(items) > DIGEST_LINES:
            lines.append(self._line("digest_more", count=len(items) - DIGEST_LINES))
        return self._line("digest_title", count=len(items), active=active), "\n".join([*lines, *self._linked()])

    def test(self) -> tuple[str, str]:
        """Return title and text of a notice that only shows that the way works."""
        site = getattr(self._site.name, self._language)
        return self._words.why[Why.TEST], "\n".join([self._line("test", site=site), *self._linked()])

    def _figures(self, alarm: Alarm, definition: Definition | None) -> list[str]:
        place = self._places.get(alarm.point)
        unit = place[1].quantity.unit if place else ""
        value = None if alarm.value is None else f"{alarm.value:g}"
        if definition is None or definition.limit is None:
            return [self._line("only_value", value=value, unit=unit).rstrip()] if value else []
        limit = f"{definition.limit:g}"
        if value is None or definition.kind is Kind.STALE:
            return [self._line("only_limit", limit=limit, unit=definition.unit).rstrip()]
        if definition.kind not in LEVELS:  # the limit is one of something made of the value
            return [self._line("only_value", value=value, unit=unit).rstrip()]
        return [self._line("value", value=value, limit=limit, unit=unit).rstrip()]

    def _title(self, key: str, why: Why, alarm: Alarm) -> str:
        place, definition = self._places.get(alarm.point), self._definitions.get(alarm.definition)
        return self._line(
            key,
            priority=self._words.priority[alarm.priority],
            zone=getattr(place[0].name, self._language) if place else alarm.point,
            name=getattr(definition.name, self._language) if definition else alarm.definition,
            why=self._words.why[why],
            label=self._label(alarm),
        )

    def _label(self, alarm: Alarm) -> str:
        place = self._places.get(alarm.point)
        return (place[1].label if place else None) or alarm.point

    def _linked(self) -> list[str]:
        return [self._line("link", link=self._link)] if self._link else []

    def _line(self, key: str, **values: object) -> str:
        return self._words.line[key].format(**values)

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"
