"""Plays the stories of a rule file to the alarms and holds what they did against what was expected."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from coldport.settings import Problem
from coldport.site import Point, Site
from control.alarms.definition import AlarmFile
from control.backtest.notation import length, written
from control.backtest.replay import Event, groups, replay
from control.backtest.rule_file import Rules, RuleTest, Story, points_meant
from control.backtest.series import Series, series_of
from control.backtest.setting import make_up

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When every story begins; nothing depends on it."""

Occurrence = tuple[timedelta, timedelta | None]
"""When an alarm occurred and when it returned, from the start; None: it had not by the end."""


def failures(rules: Rules, index: int) -> list[Problem]:
    """Play one story; return what was not as expected, each with its line."""
    story = rules.stories[index]
    test, place = story.test, f"$.tests[{index}]"
    happened = _occurrences(_play(rules, story))
    looked_at = frozenset(test.only) or frozenset(definition.id for definition in rules.alarms.alarms)
    said = [
        *_against_expected(test, place, {key: some for key, some in happened.items() if key[0] in looked_at}),
        *_against_active(test, place, {key: some for key, some in happened.items() if key[0] in looked_at}),
    ]
    return [rules.file.problem(path, message) for path, message in said]


def _play(rules: Rules, story: Story) -> list[Event]:
    series = {
        point: series_of((START + slot * story.every, value) for slot, value in slots)
        for point, slots in story.slots.items()
    }
    site, alarms = _setting(rules, story, series)
    return [event for group in groups(site, alarms, series) for event in replay(group)]


def _setting(rules: Rules, story: Story, series: dict[str, Series]) -> tuple[Site, AlarmFile]:
    """Return the site in which each point of the story is read as often as the story says."""
    site, alarms = (rules.site, rules.alarms) if rules.site else make_up(rules.definitions, rules.alarms, series)
    every_s = story.every.total_seconds()

    def paced(point: Point) -> Point:
        return msgspec.structs.replace(point, every_s=every_s) if point.id in series else point

    zones = tuple(msgspec.structs.replace(zone, points=tuple(map(paced, zone.points))) for zone in site.zones)
    return msgspec.structs.replace(site, zones=zones), alarms


def _occurrences(events: Sequence[Event]) -> dict[tuple[str, str], list[Occurrence]]:
    """Return the occurrences of each alarm, by definition and point, in their order."""
    found: dict[tuple[str, str], list[Occurrence]] = {}
    for event in events:
        mine = found.setdefault((event.definition, event.point), [])
        if event.event == "occur":
            mine.append((event.t - START, None))
        else:
            mine[-1] = (mine[-1][0], event.t - START)
    return found


def _against_expected(
    test: RuleTest, place: str, happened: dict[tuple[str, str], list[Occurrence]]
) -> Iterator[tuple[str, str]]:
    left = {key: list(some) for key, some in happened.items()}
    for number, one in enumerate(test.alarms):
        [point] = points_meant(one, test)
        wanted = length(one.occurs), None if one.returns is None else length(one.returns)
        mine = left.get((one.alarm, point), [])
        got = mine.pop(0) if mine else None
        if got != wanted:
            said = "it did not occur" if got is None else f"got {_told(got)}"
            yield f"{place}.alarms[{number}]", f"{one.alarm} at {point}: expected {_told(wanted)}, {said}"
    if not test.alarms and test.active:
        return  # a test that says only what is true at some moments says nothing of the rest
    for (definition, point), some in left.items():
        for got in some:
            yield f"{place}.name", f"{definition} at {point}: not expected, got {_told(got)}"


def _against_active(
    test: RuleTest, place: str, happened: dict[tuple[str, str], list[Occurrence]]
) -> Iterator[tuple[str, str]]:
    for number, moment in enumerate(test.active):
        at = length(moment.at)
        true = sorted(
            f"{definition}.{point}"
            for (definition, point), some in happened.items()
            if any(occurred <= at and (returned is None or at < returned) for occurred, returned in some)
        )
        wanted = sorted(_whole(name, test) for name in moment.alarms)
        if true != wanted:
            said = f"at {moment.at}: expected {_listed(wanted)}, got {_listed(true)}"
            yield f"{place}.active[{number}]", said


def _whole(name: str, test: RuleTest) -> str:
    """Return `alarm.point`; an alarm alone is meant at the point of the only series."""
    return name if "." in name or len(test.series) != 1 else f"{name}.{next(iter(test.series))}"


def _told(occurrence: Occurrence) -> str:
    occurred, returned = occurrence
    return f"{written(occurred)} to {'the end' if returned is None else written(returned)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "no alarm"
