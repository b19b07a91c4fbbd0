"""`coldport alarms health`: how healthy the alarms of a site were in a span, out of its journal."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from coldport.clock import SystemClock
from coldport.errors import RefusedError
from coldport.site import load_site
from control.alarm_health.report import as_markdown
from control.alarm_history import newest_states
from control.alarms.performance import alarm_health
from control.journal.reader import JournalReader
from control.journal.sqlite import journal_path

SPAN = timedelta(days=30)
"""What is looked at when nothing is said: the month of a monthly report."""


def add(actions: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport alarms health`."""
    health = actions.add_parser(
        "health",
        help="how healthy the alarms of a site are: rate, floods, nuisances, answers",
        description="Reads the journal, which may be in use, and prints a report as Markdown or JSON.",
    )
    health.add_argument("site", type=Path, metavar="SITE", help="folder with site.toml and the other files")
    health.add_argument("--data", type=Path, metavar="DIR", required=True, help="data folder of the site")
    health.add_argument(
        "--from", metavar="T", dest="start", help="first moment (ISO 8601; default: 30 days before --to)"
    )
    health.add_argument("--to", metavar="T", dest="end", help="last moment, excluded (default: now)")
    health.add_argument("--language", choices=("en", "zh"), default="en", help="of the report")
    health.add_argument("--json", action="store_true", help="print the figures as JSON")
    health.set_defaults(run=_health)


def _health(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    zone = ZoneInfo(site.timezone)
    end = _moment(arguments.end, zone) if arguments.end else SystemClock().now()
    start = _moment(arguments.start, zone) if arguments.start else end - SPAN
    if start >= end:
        raise RefusedError(f"the span is empty: from {start.isoformat()} to {end.isoformat()}")
    with JournalReader(journal_path(arguments.data)) as journal:
        alarms = newest_states(journal.events()).values()
    health = alarm_health(alarms, start, end)
    said = msgspec.json.encode(health).decode() + "\n" if arguments.json else None
    sys.stdout.write(said or as_markdown(health, site, arguments.language))
    return 0


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a moment; without an offset it is local time of the site."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"{text!r} is no moment as 2026-11-01T00:00 or 2026-11-01") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
