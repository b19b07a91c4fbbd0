"""`coldport edge gate-report`: what a recording says about a gate's limits."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coldport.errors import MalformedError
from coldport.ids import PointId
from coldport.settings import Problem, SiteFileError
from coldport.site import load_site
from edge.lines.reader import ReaderLine
from edge.passage.settings import PassageSettings
from edge.passage.tuning import BIN_DB, Heard, Tuning, tune
from edge.settings import EDGE_FILE, load_edge
from edge.tools.gate_recording import recorded

BAR_LENGTH = 40


def register_gate_report(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `gate-report` to `coldport edge`."""
    parser = verbs.add_parser(
        "gate-report",
        help="what recorded reads say about a gate's limits",
        description="Runs recorded reads through a gate as SITE/edge.toml describes it, and prints how loud passages "
        "and strays are and where the limits had better lie. How to record: docs/how-to/tune-a-gate.md.",
    )
    parser.add_argument("site", type=Path, metavar="SITE", help="site folder, such as config/sites/xiangtan")
    parser.add_argument("gate", metavar="GATE", help="point of the gate")
    parser.add_argument(
        "--trace", type=Path, required=True, metavar="FILE", help="recorded batches or a corpus, one JSON object a line"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = _gate(arguments.site, arguments.gate)
    name = str(arguments.trace)
    try:
        with arguments.trace.open("rb") as lines:
            tuning = tune(settings, recorded(lines, PointId(arguments.gate), settings))
    except OSError as error:
        raise SiteFileError(Problem(name, 0, "", f"cannot be read: {error.strerror}")) from error
    except MalformedError as error:
        raise SiteFileError(Problem(name, 0, "", str(error))) from error
    if arguments.json:
        sys.stdout.write(json.dumps(_summary(tuning, settings)) + "\n")
    else:
        sys.stdout.write("\n".join(_text(tuning, settings)) + "\n")
    return 0


def _gate(folder: Path, gate: str) -> PassageSettings:
    for line in load_edge(folder, load_site(folder)).settings.lines:
        if isinstance(line, ReaderLine) and line.point == gate and line.passages is not None:
            return line.passages
    raise SiteFileError(Problem(str(folder / EDGE_FILE), 0, "", f"no reader with [lines.passages] feeds {gate!r}"))


def _summary(tuning: Tuning, settings: PassageSettings) -> dict[str, object]:
    return {
        "passages": tuning.told,
        "undetermined": tuning.undetermined,
        "empty": tuning.empty,
        "strays": len(tuning.strays.peaks),
        "reads": {
            str(antenna): {"passages": tuning.passed.reads[antenna], "strays": tuning.strays.reads[antenna]}
            for antenna in sorted(settings.sides)
        },
        "margin_db": tuning.margin_db,
        "peak_dbm": {"now": settings.peak_dbm, "suggested": tuning.peak_dbm},
        "one_side_dbm": {"now": settings.one_side_dbm, "suggested": tuning.one_side_dbm},
    }


def _text(tuning: Tuning, settings: PassageSettings) -> Iterator[str]:
    share = tuning.undetermined / tuning.told if tuning.told else 0.0
    yield f"passages      {tuning.told}, {tuning.undetermined} of them undetermined ({share:.1%})"
    yield f"empty         {tuning.empty}: the barriers saw something, no tag was read"
    yield f"strays        {len(tuning.strays.peaks)} tags heard and not told"
    yield ""
    for antenna, side in sorted(settings.sides.items()):
        passed, strays = tuning.passed.reads[antenna], tuning.strays.reads[antenna]
        yield f"antenna {antenna}, {side}: {passed} reads of passages, {strays} of strays"
        yield from _histogram(tuning.passed, tuning.strays, antenna)
        yield ""
    if tuning.margin_db is None:
        yield "margin        none: levels of both passages and strays are needed"
    else:
        yield f"margin        {tuning.margin_db:.0f} dB from the loudest strays to the quietest passages"
    yield _limit("peak_dbm", settings.peak_dbm, tuning.peak_dbm)
    yield _limit("one_side_dbm", settings.one_side_dbm, tuning.one_side_dbm)


def _limit(name: str, now: float, suggested: float | None) -> str:
    return f"{name:<13} is {now:g}" + (f", had better be {suggested:g}" if suggested is not None else "")


def _histogram(passed: Heard, strays: Heard, antenna: int) -> Iterator[str]:
    """Yield a line for each bin: reads of passages as #, of strays as -."""
    ours, theirs = passed.levels[antenna], strays.levels[antenna]
    most = max([*ours.values(), *theirs.values()], default=0)
    for level in sorted({*ours, *theirs}, reverse=True):
        bars = "#" * round(BAR_LENGTH * ours[level] / most), "-" * round(BAR_LENGTH * theirs[level] / most)
        yield f"  {level:>4} .. {level + BIN_DB:>4} dBm  {bars[0]:<{BAR_LENGTH}} {bars[1]}".rstrip()
