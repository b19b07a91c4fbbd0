"""`coldport replay`: the command around `edge.replay.feed`."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coldport.bus import Bus
from coldport.clock import Clock, SystemClock
from coldport.ids import GatewayId, PointId, SiteId
from coldport.settings import Problem, SiteFileError
from coldport.site import Quantity, Site, load_site
from edge.replay.feed import Replay, boot_id_of
from edge.replay.trace import Row, Unit, gaps, read_trace

FILE_LIMIT = 64 * 1024 * 1024
"""Bytes of a trace file: a million rows of 40 bytes, and room."""

EXAMPLE_SITE = Path("config/sites/xiangtan")


Connect = Callable[[Site, GatewayId], AbstractAsyncContextManager[Bus]]
"""Makes a bus that listens to the receipts of a gateway."""


def register_replay(subparsers: "argparse._SubParsersAction[Any]", connect: Connect) -> None:
    """Add `replay` to the command `coldport`."""
    parser = subparsers.add_parser(
        "replay",
        help="feed a recorded trace to a point of a running site",
        description="Feed a recorded trace (CSV: timestamp,value) to a point of a running site, its times and gaps "
        "kept. Repeating a replay changes nothing.",
    )
    parser.add_argument("trace", type=Path, metavar="TRACE.csv", help="a header line, then timestamp,value")
    parser.add_argument("site", type=Path, nargs="?", default=EXAMPLE_SITE, metavar="SITE", help="default: %(default)s")
    parser.add_argument("--point", required=True, help="the point to feed, such as c1-1-temperature")
    parser.add_argument("--unit", required=True, type=Unit, choices=list(Unit), help="what the values are in")
    parser.add_argument("--start", type=_moment, metavar="T", help="leave out the rows before this time (ISO 8601)")
    parser.add_argument("--timezone", type=_zone, default=UTC, metavar="ZONE", help="of times without one; default UTC")
    parser.add_argument(
        "--speed", type=_speed, default=None, metavar="X|max", help="X times real time; default max: as fast as it goes"
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.set_defaults(run=lambda arguments: _run(arguments, connect))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2013-07-04T00:00") from error


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time zone like Asia/Shanghai") from error


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number above 0 nor 'max'")
    return speed


def _run(arguments: argparse.Namespace, connect: Connect) -> int:
    site = load_site(arguments.site)
    replay = _prepare(site, arguments)
    clock = SystemClock()
    started_s = clock.monotonic_s()
    asyncio.run(_send(connect(site, replay.gateway), replay, clock))
    _print_summary(replay, clock.monotonic_s() - started_s, as_json=arguments.json)
    return 0


def _prepare(site: Site, arguments: argparse.Namespace) -> Replay:
    """Read the whole trace before anything is sent.

    Raises:
        SiteFileError: The file cannot be read, or rows of it, or the point is not one of temperature.
    """
    name = str(arguments.trace)
    point = site.points().get(PointId(arguments.point))
    if point is None or point.quantity is not Quantity.TEMPERATURE:
        raise SiteFileError(Problem(name, 0, "", f"site {site.id} has no temperature point {arguments.point!r}"))
    content = _read(arguments.trace)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise SiteFileError(Problem(name, 0, "", f"the file is not UTF-8: byte {error.start}")) from error
    rows, problems = read_trace(name, lines, arguments.unit, arguments.timezone)
    start = arguments.start
    if start is not None:
        start = start if start.tzinfo else start.replace(tzinfo=arguments.timezone)
        rows = [row for row in rows if row.at >= start]
    if not rows and not problems:
        problems = [Problem(name, 0, "", f"no row is at or after {start}")]
    if problems:
        raise SiteFileError(*problems)
    return Replay(
        site=SiteId(site.id),
        point=PointId(point.id),
        rows=rows,
        boot_id=boot_id_of(PointId(point.id), rows),
        speed=arguments.speed,
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise SiteFileError(Problem(str(path), 0, "", f"the file has more than {FILE_LIMIT} bytes"))
        return path.read_bytes()
    except OSError as error:
        raise SiteFileError(Problem(str(path), 0, "", f"cannot be read: {error.strerror}")) from error


async def _send(connection: AbstractAsyncContextManager[Bus], replay: Replay, clock: Clock) -> None:
    # An agent has this module too, and never draws a bar: these are a tenth of its start.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with connection as bus:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(replay.point, total=len(replay.rows))
            await replay.run(bus, clock, lambda confirmed: bar.update(task, completed=confirmed))


def _print_summary(replay: Replay, elapsed_s: float, *, as_json: bool) -> None:
    found = gaps(replay.rows)
    longest = max(found, key=lambda gap: gap.length, default=None)
    summary = {
        "point": replay.point,
        "gateway": replay.gateway,
        "rows": len(replay.rows),
        "first": _text(replay.rows[0]),
        "last": _text(replay.rows[-1]),
        "gaps": len(found),
        "longest_gap_h": round(longest.length.total_seconds() / 3600, 2) if longest else 0,
        "seconds": round(elapsed_s, 2),
    }
    if as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    sys.stdout.write("".join(f"{key:>14}  {value}\n" for key, value in summary.items()))


def _text(row: Row) -> str:
    return row.at.isoformat().replace("+00:00", "Z")
