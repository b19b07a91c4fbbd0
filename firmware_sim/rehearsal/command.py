"""`coldport sim check`: plays scenarios and says of each expectation whether it was so."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from coldport.clock import SystemClock
from coldport.settings import Problem, SiteFileError
from firmware_sim.rehearsal.expect import Finding, judged
from firmware_sim.rehearsal.play import play
from firmware_sim.rehearsal.script import Rehearsal, load_rehearsal


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `check` to `coldport sim`."""
    check = commands.add_parser(
        "check",
        help="play scenarios and hold what happens against what they expect",
        description="Plays each scenario from the bytes of the devices to the alarms in one process and in virtual "
        "time. Exit code 0: all was as expected; 1: something was not; 2: a file is wrong.",
    )
    check.add_argument("scenario", type=Path, metavar="SCENARIO", help="a scenario file, or a folder of them")
    check.add_argument("--json", action="store_true", help="print the findings as JSON, one scenario a line")
    check.add_argument("--events", type=Path, metavar="FILE", help="write all that was recorded, as lines of JSON")
    check.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    rehearsals = [load_rehearsal(path) for path in _scenarios(arguments.scenario)]  # wrong files are told first
    clock, all_met = SystemClock(), True
    if arguments.events is not None:
        arguments.events.write_bytes(b"")
    for rehearsal in rehearsals:
        started_s = clock.monotonic_s()
        record = play(rehearsal)
        script = rehearsal.script
        findings = judged(script.expect, record, nothing_else=script.nothing_else)
        say = _json if arguments.json else _text
        sys.stdout.write(say(rehearsal, findings, clock.monotonic_s() - started_s))
        sys.stdout.flush()
        all_met = all_met and all(finding.met for finding in findings)
        if arguments.events is not None:
            with arguments.events.open("ab") as events:
                events.writelines(record.lines())
    return 0 if all_met else 1


def _scenarios(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.toml"))
    if not found:
        raise SiteFileError(Problem(str(path), 0, "", "the folder has no scenario"))
    return found


def _text(rehearsal: Rehearsal, findings: Sequence[Finding], took_s: float) -> str:
    script = rehearsal.script
    met = sum(finding.met for finding in findings)
    lines = [f"{rehearsal.path}: {script.title}"]
    lines += [f"  {'ok ' if one.met else 'NOT'} {one.expected}; seen: {one.seen}" for one in findings]
    lines.append(f"  {met} of {len(findings)} as expected; {script.lasts_s:g} s in {took_s:.1f} s")
    return "".join(f"{line}\n" for line in lines)


def _json(rehearsal: Rehearsal, findings: Sequence[Finding], took_s: float) -> str:
    said = {
        "scenario": str(rehearsal.path),
        "met": all(finding.met for finding in findings),
        "lasts_s": rehearsal.script.lasts_s,
        "took_s": round(took_s, 1),
        "findings": [finding._asdict() for finding in findings],
    }
    return json.dumps(said, ensure_ascii=False) + "\n"
