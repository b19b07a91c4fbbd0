"""`coldport plan load`: where each pallet or carton stands in the units of a booking, or of a cargo of one's own."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coldport.clock import SystemClock
from coldport.errors import RefusedError
from routing.commands.solve import seconds_given
from routing.instance_file import read_instance, read_plan
from routing.loading.balance import balance
from routing.loading.booking import riders, stow
from routing.loading.cargo_file import CargoFileError, as_json, read_cargo
from routing.loading.check import check
from routing.loading.interiors import read_interiors, unit_of
from routing.loading.listing import sheets
from routing.loading.load import load
from routing.loading.model import Cargo, LoadPlan, used_permille
from routing.loading.picture import picture
from routing.result import Leg
from routing.workbook import write_csv, write_workbook

INTERIORS = Path("config/networks/xiangtan/interiors.toml")


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `load` to `coldport plan`."""
    parser = verbs.add_parser(
        "load",
        help="stow what a plan puts on a booking, or a cargo of one's own",
        description="Says which goods go into which unit and where each pallet stands: a list, a picture of each unit, "
        "and where its mass lies. Exit code 1 when something does not go in. More: docs/how-to/load-a-container.md.",
    )
    parser.add_argument("instance", type=Path, nargs="?", metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, nargs="?", metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("service", nargs="?", metavar="SERVICE", help="a dated service of the plan")
    parser.add_argument("offer", nargs="?", metavar="OFFER", help="what is booked on it, such as feu")
    parser.add_argument("--cargo", type=Path, metavar="FILE", help="boxes and units, .json, instead of all these")
    parser.add_argument("--interiors", type=Path, default=INTERIORS, metavar="FILE", help="what units measure inside")
    parser.add_argument("--seconds", type=seconds_given, default=5.0, metavar="N", help="at most, for each unit (5)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the search's dice (0)")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the pictures (en)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets list, pictures, cargo and plan")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    given = (arguments.instance, arguments.plan, arguments.service, arguments.offer)
    if arguments.cargo is not None and not any(given):
        cargo, plan, said = _own(arguments)
    elif arguments.cargo is None and all(given):
        cargo, plan, said = _booked(arguments)
    else:
        raise RefusedError("give INSTANCE PLAN SERVICE OFFER, or --cargo FILE alone")
    faults = check(cargo, plan)
    if faults:
        raise AssertionError(f"the judge refuses the load: {faults[0]}")
    _write(arguments.out, cargo, plan, arguments.language)
    sys.stdout.write("".join(f"{line}\n" for line in [*said, *_text(cargo, plan), f"written to {arguments.out}"]))
    return 1 if plan.left else 0


def _own(arguments: argparse.Namespace) -> tuple[Cargo, LoadPlan, list[str]]:
    cargo = read_cargo(arguments.cargo)
    return cargo, load(cargo, arguments.seconds, arguments.seed, SystemClock().monotonic_s), []


def _booked(arguments: argparse.Namespace) -> tuple[Cargo, LoadPlan, list[str]]:
    leg = Leg(service=arguments.service, offer=arguments.offer)
    found = riders(read_instance(arguments.instance), read_plan(arguments.plan), leg)
    unit = unit_of(found.offer, read_interiors(arguments.interiors), found.booked)
    stowage = stow(found, unit, arguments.seconds, SystemClock().monotonic_s, arguments.seed)
    needed = len(stowage.packing.units)
    proved = "" if stowage.packing.fewest else "; that fewer do not is not proved"
    said = [
        f"{leg.service} / {leg.offer}: {len(found.lots)} lots, {found.booked} units booked, {needed} needed{proved}"
    ]
    missing = range(found.booked + 1, needed + 1)
    said += [f"unit {number} is not booked: whole pallets of one band and load class need it" for number in missing]
    return stowage.cargo, stowage.plan, said


def _text(cargo: Cargo, plan: LoadPlan) -> Iterator[str]:
    units, boxes = {unit.id: unit for unit in cargo.units}, {box.id: box for box in cargo.boxes}
    for one in plan.loads:
        said = balance(units[one.unit], one, boxes)
        full = used_permille(units[one.unit], one) / 10
        yield f"{one.unit} #{one.number}: {len(one.boxes)} boxes, {full:.1f} % full" + (
            ""
            if said is None
            else f", {said.mass_g / 1_000:,.0f} kg, {said.far_half_permille / 10:.0f} % in the far half"
        )
        for warning in () if said is None else said.warnings:
            yield f"{one.unit} #{one.number}: {warning}"
    for left in plan.left:
        yield f"stays: {left.count} of {left.box}: {left.reason}"


def _write(folder: Path, cargo: Cargo, plan: LoadPlan, language: str) -> None:
    units, boxes = {unit.id: unit for unit in cargo.units}, {box.id: box for box in cargo.boxes}
    listed = sheets(cargo, plan)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_workbook(folder / "loading-list.xlsx", listed)
        write_csv(folder / "loading-list.csv", listed["List"])
        (folder / "cargo.json").write_bytes(as_json(cargo))
        (folder / "load.json").write_bytes(as_json(plan))
        for one in plan.loads:
            drawn = picture(units[one.unit], one, boxes, language)
            (folder / f"{one.unit}-{one.number}.svg").write_text(drawn, "utf-8")
    except OSError as error:
        raise CargoFileError(f"{folder}: cannot be written: {error.strerror}") from error
