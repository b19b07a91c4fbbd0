"""The file of a rule test: readings as somebody writes them down, and what the alarms must do with them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.errors import MalformedError
from coldport.ids import Id
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import SITE_FILE, Site, load_site
from control.alarms.definition import AlarmFile
from control.backtest.notation import Slot, expand, length
from control.backtest.setting import read_definitions
from control.settings import ALARM_FILE

TEST_LIMIT = 1_000
"""Tests of one file; more are more files."""


class Expected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One occurrence of an alarm: when it must occur and when its condition must return, from the start of the test.

    Without `returns` it must still be there at the end. `point` may be left out when the test has one series.
    """

    alarm: Id
    point: str | None = None
    occurs: str
    returns: str | None = None


class Active(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alarms must be true at a moment: exactly these, each `alarm` or `alarm.point`."""

    at: str
    alarms: tuple[str, ...]


class RuleTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story: readings `every` so often, by point, and what must become of them.

    `only` names the alarms that are looked at; without it all are. An occurrence that is not expected fails the test,
    unless the test says nothing but what is `active` when.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    every: str
    series: dict[str, str]
    only: tuple[Id, ...] = ()
    alarms: tuple[Expected, ...] = ()
    active: tuple[Active, ...] = ()


class RuleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `definitions` and `site` are paths from where the file is.

    Without `definitions` it is the site's `alarms.toml`; without `site` it is the folder of the file, when that is one.
    """

    definitions: str | None = None
    site: str | None = None
    tests: Annotated[tuple[RuleTest, ...], Meta(min_length=1, max_length=TEST_LIMIT)]


class Story(Struct, frozen=True):
    """A rule test, read: its step, and the readings by point."""

    test: RuleTest
    every: timedelta
    slots: dict[str, list[Slot]]


class Rules(Struct, frozen=True):
    """A rule file with all that it names. `file` finds the lines of what failed."""

    file: SiteFile
    definitions: Path
    site: Site | None
    alarms: AlarmFile
    stories: list[Story]


def load_rules(path: Path) -> Rules:
    """Read a rule file, its site and its definitions.

    Raises:
        SiteFileError: One of the files cannot be used; every problem of a file is named with its line.
    """
    file = read(path)
    rules = file.convert(RuleFile)
    folder = path.parent
    site = None
    if rules.site is not None or (folder / SITE_FILE).exists():
        site = load_site(folder / (rules.site or "."))
    if rules.definitions is None and site is None:
        raise SiteFileError(file.problem("$.definitions", "say where the definitions are, or name a site"))
    definitions = folder / (rules.definitions or Path(rules.site or ".") / ALARM_FILE)
    alarms = read_definitions(definitions, site)
    problems = list(_faults(file, rules, alarms, site))
    if problems:
        raise SiteFileError(*problems)
    return Rules(file, definitions, site, alarms, [_story(test) for test in rules.tests])


def points_meant(expected: Expected, test: RuleTest) -> Sequence[str]:
    """Return the point an expectation is about; more or none when it does not say."""
    return [expected.point] if expected.point is not None else list(test.series)


def _story(test: RuleTest) -> Story:
    return Story(test, length(test.every), {point: expand(text) for point, text in test.series.items()})


def _faults(file: SiteFile, rules: RuleFile, alarms: AlarmFile, site: Site | None) -> Iterator[Problem]:
    """Give what in the tests cannot be meant."""
    names = {definition.id for definition in alarms.alarms}
    points = None if site is None else site.points()
    for index, test in enumerate(rules.tests):
        place = f"$.tests[{index}]"
        for key, text in _lengths(test):
            yield from _unreadable(file, f"{place}.{key}", length, text)
        if test.every in ("0h", "0m", "0s"):
            yield file.problem(f"{place}.every", "readings come with some time between them")
        for point, text in test.series.items():
            yield from _unreadable(file, f"{place}.series.{point}", expand, text)
            if points is not None and point not in points:
                yield file.problem(f"{place}.series.{point}", f"no point {point!r} in {SITE_FILE}")
        if not test.series:
            yield file.problem(f"{place}.series", "a test needs readings")
        for name in sorted({*test.only, *(one.alarm for one in test.alarms)} - names):
            yield file.problem(f"{place}.alarms", f"no alarm {name!r} in the definitions")
        for number, one in enumerate(test.alarms):
            if len(points_meant(one, test)) != 1:
                yield file.problem(f"{place}.alarms[{number}]", "say which point: the test has several")


def _lengths(test: RuleTest) -> Iterator[tuple[str, str]]:
    yield "every", test.every
    for number, one in enumerate(test.alarms):
        yield f"alarms[{number}].occurs", one.occurs
        if one.returns is not None:
            yield f"alarms[{number}].returns", one.returns
    for number, moment in enumerate(test.active):
        yield f"active[{number}].at", moment.at


def _unreadable(file: SiteFile, place: str, reads: Callable[[str], object], text: str) -> Iterator[Problem]:
    try:
        reads(text)
    except MalformedError as error:
        yield file.problem(place, str(error))
