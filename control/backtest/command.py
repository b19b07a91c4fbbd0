"""`coldport alarms`: what the alarms would have done, and whether they do what a test file says."""

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coldport.errors import NotFoundError, RefusedError
from coldport.settings import Problem, SiteFileError
from coldport.site import Site, load_site
from control.alarm_health import command as health
from control.alarms.definition import AlarmFile
from control.alarms.watch import HOLD_INTERVALS
from control.backtest.listing import as_lines, as_table
from control.backtest.parallel import replay_all
from control.backtest.replay import groups
from control.backtest.rule_check import failures
from control.backtest.rule_file import load_rules
from control.backtest.series import Coverage, Series, coverage, cut
from control.backtest.setting import make_up, read_definitions
from control.backtest.stored import read_stored
from control.backtest.trace import read_trace
from control.journal.sqlite import SqliteJournal, journal_path
from control.settings import ALARM_FILE

PROCESSES = 2
"""Processes of a large back-test; more would take the machine from the site that runs on it."""


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport alarms backtest`, `coldport alarms test` and `coldport alarms health`."""
    alarms = commands.add_parser(
        "alarms", help="try alarms on recorded readings", description="Try alarms on recorded or made-up readings."
    )
    actions = alarms.add_subparsers(title="actions", metavar="ACTION", required=True)
    backtest = actions.add_parser(
        "backtest",
        help="what the alarms would have done with a trace, or with what a site has stored",
        description="Shows recorded readings to the alarms, each at its own time, and prints every transition with "
        "time and reason, then how much of each point's time was known. A gap raises and clears nothing.",
    )
    backtest.add_argument("--definitions", type=Path, metavar="F", help="alarm definitions (default: the site's own)")
    backtest.add_argument("--trace", type=Path, metavar="CSV", help="t,point,value[,quality] or timestamp,value")
    backtest.add_argument("--site", type=Path, metavar="SITE", help="folder that says what the points are")
    backtest.add_argument("--data", type=Path, metavar="DIR", help="instead of a trace: the data folder of the site")
    backtest.add_argument(
        "--from", type=_moment, metavar="T", dest="start", help="leave out what was before (ISO 8601)"
    )
    backtest.add_argument("--to", type=_moment, metavar="T", dest="end", help="leave out what was from then on")
    backtest.add_argument("--point", default="trace", help="the point of a trace of timestamp,value")
    backtest.add_argument(
        "--timezone", type=_zone, default=UTC, metavar="ZONE", help="of times without one; default UTC"
    )
    backtest.add_argument("--json", action="store_true", help="print a JSON object for each transition")
    backtest.set_defaults(run=_backtest)
    test = actions.add_parser(
        "test",
        help="whether the alarms do what a test file says",
        description="Plays the readings of a test file to the alarms. Exit code 1: they did something else.",
    )
    test.add_argument("files", type=Path, nargs="+", metavar="FILE", help="see docs/how-to/test-an-alarm.md")
    test.set_defaults(run=_test)
    health.add(actions)


def _backtest(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site) if arguments.site else None
    alarms, series = _readings(arguments, site)
    if site is None:
        site, alarms = make_up(arguments.definitions, alarms, series)
    events = replay_all(groups(site, alarms, series), min(PROCESSES, os.cpu_count() or 1))
    written = as_lines if arguments.json else as_table
    sys.stdout.writelines(f"{line}\n" for line in written(events, _coverage(site, series)))
    return 0


def _test(arguments: argparse.Namespace) -> int:
    failed = 0
    for path in arguments.files:
        rules = load_rules(path)
        for index, story in enumerate(rules.stories):
            problems = failures(rules, index)
            failed += bool(problems)
            sys.stdout.write(f"{'FAILED' if problems else 'ok    '}  {story.test.name}\n")
            sys.stdout.writelines(f"        {problem}\n" for problem in problems)
    return 1 if failed else 0


def _readings(arguments: argparse.Namespace, site: Site | None) -> tuple[AlarmFile, dict[str, Series]]:
    """Return the definitions, and the readings they are tried on."""
    trace: Path | None = arguments.trace
    data: Path | None = arguments.data
    if (trace is None) == (data is None):
        raise RefusedError("give either --trace CSV or --data DIR with --site SITE")
    if site is None and (data is not None or arguments.definitions is None):
        raise RefusedError("give --site SITE: it says what the points are and has the definitions")
    start = arguments.start or datetime.min.replace(tzinfo=UTC)
    end = arguments.end or datetime.max.replace(tzinfo=UTC)
    alarms = read_definitions(arguments.definitions or arguments.site / ALARM_FILE, site)
    if data is None or site is None:
        return alarms, cut(_trace(arguments, site), start, end)
    path = journal_path(data)
    if not path.exists():
        raise NotFoundError(f"there is no journal at {path}")
    with SqliteJournal(path) as journal:
        return alarms, read_stored(journal, frozenset(site.points()), start, end)


def _trace(arguments: argparse.Namespace, site: Site | None) -> dict[str, Series]:
    path: Path = arguments.trace
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            series, problems = read_trace(str(path), lines, point=arguments.point, timezone=arguments.timezone)
    except UnicodeDecodeError as error:
        raise SiteFileError(Problem(str(path), 0, "", f"the file is not UTF-8: byte {error.start}")) from error
    except OSError as error:
        raise SiteFileError(Problem(str(path), 0, "", f"cannot be read: {error.strerror}")) from error
    known = None if site is None else site.points()
    if known is not None:
        strangers = sorted(name for name in series if name not in known)
        problems += [Problem(str(path), 0, "point", f"no point {name!r} in the site") for name in strangers[:10]]
    if problems:
        raise SiteFileError(*problems)
    return series


def _coverage(site: Site, series: Mapping[str, Series]) -> dict[str, Coverage]:
    points = site.points()
    return {
        name: coverage(one, HOLD_INTERVALS * point.every_s)
        for name, point in points.items()
        if (one := series.get(name)) is not None and len(one.at)
    }


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-07-04T00:00:00Z") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time zone like Asia/Shanghai") from error
