"""`coldport records`: prove the record, print it, take it out."""

import argparse
import contextlib
import json
import sqlite3
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coldport.clock import SystemClock
from coldport.errors import NotFoundError, RefusedError, UnavailableError
from coldport.ids import SiteId
from coldport.site import load_site
from control.entries import Pruned
from control.historian.open import open_historian
from control.journal.reader import JournalReader
from control.journal.sqlite import SqliteJournal, journal_path
from control.printing.files import write_whole
from control.products import load_products
from control.records.key import key_path, public_hex, site_key
from control.records.retention import Series, due_before, prune
from control.records.roots import Roots, roots_path
from control.reports.export import FORMATS, EventRow, ReadingRow, events, export, points_of, readings
from control.reports.make import Books, Request, make
from control.reports.render import Witness, render
from control.settings import load_alarms, load_control
from control.verifier import BrokenError, verify, verify_report


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport records verify`, `roots`, `report`, `export` and `retention`."""
    records = commands.add_parser(
        "records", help="prove, print and export the record", description="Prove, print and export a site's record."
    )
    actions = records.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_verify(actions)
    _add_report(actions)
    _add_export(actions)
    _add_retention(actions)


def _add_verify(actions: "argparse._SubParsersAction[Any]") -> None:
    check = actions.add_parser(
        "verify",
        help="whether the journal, and a report, are what was written",
        description="Holds the journal of a data folder against its own chain, the site's seals and any copies of "
        "them. Exit code 1 names the first bad entry. The journal may be in use.",
    )
    _add_data(check)
    check.add_argument("--roots", type=Path, action="append", default=[], metavar="FILE", help="a copy of the seals")
    check.add_argument("--key", metavar="HEX", help="the site's public key, as noted elsewhere")
    check.add_argument("--report", type=Path, metavar="FILE", help="check this report too (JSON)")
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    check.set_defaults(run=_verify)
    roots = actions.add_parser(
        "roots",
        help="copy the site's seals to a file that is kept elsewhere",
        description="Copies the seals; against the copy it shows if the journal is later cut short or written anew.",
    )
    _add_data(roots)
    roots.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to")
    roots.set_defaults(run=_roots)


def _add_report(actions: "argparse._SubParsersAction[Any]") -> None:
    report = actions.add_parser(
        "report",
        help="print what a zone or a lot went through",
        description="Writes an excursion report as PDF, and as JSON beside it. Control may be running.",
    )
    report.add_argument("subject", metavar="LOT|ZONE", help="id of a zone of the site, or of a lot")
    report.add_argument("--site", type=Path, required=True, metavar="SITE", help="folder with site.toml and the others")
    _add_data(report)
    _add_span(report, required=False)
    report.add_argument("--lang", choices=("zh", "en", "both"), default="both", help="language (default: both)")
    report.add_argument("--by", metavar="NAME", help="who makes it; printed on it")
    report.add_argument("--out", type=Path, required=True, metavar="FILE", help="FILE.pdf; the JSON is FILE.json")
    report.set_defaults(run=_report)


def _add_export(actions: "argparse._SubParsersAction[Any]") -> None:
    out = actions.add_parser(
        "export",
        help="take readings or events out, for other programs",
        description="Writes the readings of points, or the journal's events, of a span. Control may be running.",
    )
    out.add_argument("--site", type=Path, required=True, metavar="SITE", help="folder with site.toml")
    _add_data(out)
    out.add_argument("--point", action="append", default=[], metavar="ID", help="a point; may be repeated")
    out.add_argument("--zone", action="append", default=[], metavar="ID", help="all points of a zone; may be repeated")
    out.add_argument("--events", action="store_true", help="instead of readings: what people and alarms did, as JSON")
    _add_span(out, required=True)
    out.add_argument("--format", choices=tuple(FORMATS), default="csv", help="default: csv")
    out.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to")
    out.set_defaults(run=_export)


def _add_retention(actions: "argparse._SubParsersAction[Any]") -> None:
    keep = actions.add_parser(
        "retention",
        help="delete samples that are older than the site keeps them",
        description="Deletes samples of the historian by [records] of control.toml, as a running control does once a "
        "day, and puts it on record. The journal keeps every reading. Control must be down.",
    )
    keep.add_argument("--site", type=Path, required=True, metavar="SITE", help="folder with control.toml")
    _add_data(keep)
    keep.add_argument("--by", required=True, metavar="NAME", help="who deletes; goes on record")
    keep.add_argument("--dry-run", action="store_true", help="only say what would go")
    keep.set_defaults(run=_retention)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="data folder of the site")


def _add_span(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--from", type=_moment, metavar="T", dest="start", required=required, help="ISO 8601")
    parser.add_argument("--to", type=_moment, metavar="T", dest="end", required=required, help="ISO 8601, excluded")


def _verify(arguments: argparse.Namespace) -> int:
    journal, own = journal_path(arguments.data), roots_path(arguments.data)
    if not journal.exists():
        raise NotFoundError(f"there is no journal at {journal}")
    try:
        found = verify(journal, [*([own] if own.exists() else []), *arguments.roots], arguments.key)
        if arguments.report:
            found |= verify_report(arguments.report, journal, arguments.key)
    except BrokenError as error:
        said = json.dumps({"broken": str(error), "entry": error.entry}) if arguments.json else f"BROKEN: {error}"
        sys.stdout.write(f"{said}\n")
        return 1
    except (OSError, sqlite3.OperationalError) as error:
        raise UnavailableError(str(error)) from error
    sys.stdout.write(f"{json.dumps(found) if arguments.json else _good(found)}\n")
    return 0


def _good(found: dict[str, Any]) -> str:
    alone = found["entries"] - found["sealed_to"]
    lines = [
        f"{found['entries']} entries, each as it was written",
        f"{found['seals']} seals hold, up to entry {found['sealed_to']}; {alone} after it are under the chain alone",
        *(f"signed with {key}" for key in found["keys"]),
    ]
    if "report" in found:
        lines.append(f"the report is what was made from this journal at entry {found['entry']}")
    return "\n".join(lines)


def _roots(arguments: argparse.Namespace) -> int:
    path = roots_path(arguments.data)
    newest = Roots(path).newest
    if newest is None:
        raise NotFoundError(f"nothing is sealed yet: {path} is made when the first day is over")
    write_whole(arguments.out, path.read_bytes())
    sys.stdout.write(f"sealed up to entry {newest.last} on {newest.sealed_at:%Y-%m-%d}, key {newest.key}\n")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    zone = ZoneInfo(site.timezone)
    request = Request(
        subject=arguments.subject,
        start=_in(zone, arguments.start),
        end=_in(zone, arguments.end),
        made_at=SystemClock().now().replace(microsecond=0),
        made_by=arguments.by,
        software=f"coldport {version('coldport')}",
    )
    newest = Roots(roots_path(arguments.data)).newest
    with JournalReader(journal_path(arguments.data)) as journal:
        alarms = load_alarms(arguments.site, site)
        books = Books(site, alarms.alarms, load_products(arguments.site), journal, alarms.calibrations)
        made = make(books, request)
        key = site_key(key_path(arguments.data))
        witness = Witness(journal.last, journal.chain, newest.last if newest else 0, key)
    files = render(made, witness, arguments.lang)
    pdf, data = arguments.out.with_suffix(".pdf"), arguments.out.with_suffix(".json")
    write_whole(data, files.json)
    write_whole(pdf, files.pdf)
    violated = sum(limit.violated for limit in made.report.limits)
    sys.stdout.write(f"{pdf} and {data}: {violated} limits exceeded, key {public_hex(key)}\n")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    zone = ZoneInfo(site.timezone)
    start, end = arguments.start, arguments.end
    start = start if start.tzinfo else start.replace(tzinfo=zone)
    end = end if end.tzinfo else end.replace(tzinfo=zone)
    if start >= end:
        raise RefusedError("the span is empty: --from is not before --to")
    names = points_of(site, arguments.point, arguments.zone)
    if bool(names) == arguments.events:
        raise RefusedError("say what to export: --point, --zone, or --events")
    with JournalReader(journal_path(arguments.data)) as journal:
        if arguments.events:
            count = export(arguments.out, arguments.format, events(journal, start, end), EventRow)
        else:
            count = export(arguments.out, arguments.format, readings(journal, site, names, start, end), ReadingRow)
    sys.stdout.write(f"{arguments.out}: {count} rows\n")
    return 0


def _retention(arguments: argparse.Namespace) -> int:
    site, settings, clock = load_site(arguments.site), load_control(arguments.site), SystemClock()
    now = clock.now()
    before = due_before(now, settings.records.series_days)
    folder = arguments.data / "control"
    with SqliteJournal(journal_path(arguments.data)) as journal:
        historian = open_historian(settings.historian, site=SiteId(site.id), folder=folder, token=None, clock=clock)
        with contextlib.closing(historian):
            if not isinstance(historian, Series):
                raise RefusedError(f"a historian of kind {settings.historian.kind!r} deletes by a rule of its own")
            if arguments.dry_run:
                count = historian.count_before(before)
            else:
                count = prune(historian, _Hand(journal, now), before, now=now, by=arguments.by)
    said = "would go" if arguments.dry_run else "are gone"
    sys.stdout.write(f"{count} samples from before {before:%Y-%m-%d} {said}; the journal keeps their readings\n")
    return 0


class _Hand:
    """Writes what a person does by hand while control is down."""

    def __init__(self, journal: SqliteJournal, now: datetime) -> None:
        self._journal = journal
        self._now = now

    def note(self, content: Pruned) -> None:
        self._journal.append(self._now, [content])


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-07-04T08:00") from error


def _in(zone: ZoneInfo, moment: datetime | None) -> datetime | None:
    """Return a moment; one without an offset is in the site's time."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=zone)
