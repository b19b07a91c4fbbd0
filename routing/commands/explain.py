"""`coldport plan explain`: why a consignment goes this way, why not another way, or why it stays."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from routing.beside import Beside
from routing.commands.money import cny, moment, parts
from routing.explain import Stay, Verdict, Via, Way, Ways, explain_stay, explain_via, explain_way
from routing.instance_file import read_instance, read_plan
from routing.itineraries import Itinerary
from routing.model import Instance
from routing.punctuality import Punctuality

MOST = 5
CUT_OFFS = {"gate_in_s": "gate-in", "customs_s": "customs", "documents_s": "documents"}
VERDICTS = {
    Verdict.DEARER: "there is a way, dearer than staying",
    Verdict.CHEAPER: "there is a way, and staying costs more: plan on, with --start",
    Verdict.TAKEN: "there would be a way if others had not taken its room",
    Verdict.ONE: "there would be a way without any one of these rules:",
    Verdict.SEVERAL: "there would be a way without all of these rules, and with none of them kept:",
    Verdict.NO_CHAIN: "no chain of services leads there in time, whatever is allowed",
}


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `explain` to `coldport plan`."""
    parser = verbs.add_parser(
        "explain",
        help="why a consignment goes this way, why not another way, or why it stays",
        description="Prices the ways a consignment could go, all others going as in PLAN: its own parts of the cost "
        "and the units that would be booked more. Every way but those asked for by --via keeps every rule.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("consignment", metavar="CONSIGNMENT", help="its id")
    parser.add_argument("--most", type=int, default=MOST, metavar="N", help=f"ways to list at most ({MOST})")
    parser.add_argument(
        "--via",
        action="append",
        default=[],
        metavar="SERVICE|PLACE|MODE",
        help="ask why not by this; several times: by all of them",
    )
    parser.add_argument("--json", action="store_true", help="print the answers as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance, plan = read_instance(arguments.instance), read_plan(arguments.plan)
    kept = Beside(instance, plan)
    asked = instance, plan, arguments.consignment
    ways = explain_way(*asked, arguments.most, kept)
    via = explain_via(*asked, arguments.via, kept) if arguments.via else None
    stay = explain_stay(*asked, kept) if ways.parts == 0 else None
    if arguments.json:
        sys.stdout.write(msgspec.json.encode({"ways": ways, "via": via, "stay": stay}).decode() + "\n")
        return 0
    lines = [*_ways(instance, ways)]
    if stay is not None:
        lines += ["", *_stay(instance, stay)]
    if via is not None:
        lines += ["", *_via(instance, via)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _ways(instance: Instance, ways: Ways) -> Iterator[str]:
    goods = next(one for one in instance.consignments if one.id == ways.consignment)
    due = moment(instance, goods.due_s)
    yield f"{goods.id}: {goods.mass_g / 1_000:,.0f} kg, {goods.band}, {goods.origin} to {goods.destination}, due {due}"
    if ways.parts == 0:
        yield f"stays: {ways.reason}; that costs {cny(ways.unplanned_fen)} CNY"
    if ways.parts > 1:
        yield f"goes in {ways.parts} parts; the ways below are for the whole of it"
    if not ways.ways:
        yield "no way is open: none in time, or no units are left on any"
    for number, one in enumerate(ways.ways, start=1):
        yield ""
        yield from _way(instance, one, str(number))
    if ways.planned is not None and not any(one.planned for one in ways.ways):
        yield ""
        yield from _way(instance, ways.planned, "-")


def _way(instance: Instance, one: Way, number: str) -> Iterator[str]:
    mark = "  <- the plan" if one.planned else ""
    yield f"{number}. {cny(one.way.cost.total)} CNY ({_more(one.dearer_fen)}){mark}"
    yield from _legs(instance, one.way)
    yield "   " + ", ".join(f"{part} {cny(fen)}" for part, fen in parts(one.way.cost))
    yield "   " + _chances(instance, one.chances)


def _legs(instance: Instance, way: Itinerary) -> Iterator[str]:
    services = {one.id: one for one in instance.services}
    for number, (leg, more) in enumerate(zip(way.route.legs, way.more_units, strict=True)):
        service = services[leg.service]
        times = f"{moment(instance, service.departs_s)} > {moment(instance, service.arrives_s)}"
        units = f" +{more}" if more else ""
        tight = ""
        if number == way.binding[0]:
            tight = f"  binding: {CUT_OFFS[way.binding[1]]}, {way.slack_s[number] / 3_600:.1f} h to spare"
        yield f"   {service.origin} > {service.destination}  {times}  {leg.service} / {leg.offer}{units}{tight}"


def _chances(instance: Instance, found: Punctuality) -> str:
    p50, p80 = ("unknown" if one is None else moment(instance, one) for one in (found.p50_s, found.p80_s))
    missed = "".join(f", transfer {number} missed {one:.0%}" for number, one in enumerate(found.missed, start=1) if one)
    return f"there by P50 {p50}, P80 {p80}; in time {found.due:.0%}, all connections {found.kept:.0%}{missed}"


def _stay(instance: Instance, stay: Stay) -> Iterator[str]:
    yield f"why it stays: {VERDICTS[stay.verdict]}"
    if stay.dearer_fen is not None:
        yield f"   {_more(stay.dearer_fen)} CNY than staying"
    for reason in stay.reasons:
        yield f"   {reason.rule}: {reason.text}"
    for taker in stay.takers:
        yield f"   {taker.consignment}, {taker.mass_g / 1_000:,.0f} kg, on {taker.leg.service} / {taker.leg.offer}"
    if stay.way is not None:
        yield from _legs(instance, stay.way)


def _via(instance: Instance, via: Via) -> Iterator[str]:
    yield f"by {', '.join(via.via)}:"
    if via.way is None:
        yield "   no chain of services goes that way, whatever is allowed"
        return
    if via.violations:
        yield "   not allowed"
    elif via.dearer_fen is not None:
        yield f"   {_more(via.dearer_fen)} CNY for the whole plan, and every rule is kept"
    for one in via.violations:
        yield f"   {one}"
    yield from _legs(instance, via.way)


def _more(fen: int) -> str:
    return f"{'+' if fen >= 0 else '-'}{cny(abs(fen))}"
