"""`coldport plan explain`: why a consignment goes this way, what the others would cost, or why it stays."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coldport.errors import NotFoundError
from routing.commands.money import cny, moment, parts
from routing.draft import draft
from routing.instance_file import read_instance, read_plan
from routing.itineraries import Itinerary, itineraries
from routing.model import Instance
from routing.pricing import Tables
from routing.punctuality import Punctuality, punctuality
from routing.result import Plan, Route

MOST = 5
CUT_OFFS = {"gate_in_s": "gate-in", "customs_s": "customs", "documents_s": "documents"}


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `explain` to `coldport plan`."""
    parser = verbs.add_parser(
        "explain",
        help="why a consignment goes this way, or stays",
        description="Prices the ways a consignment could go, all others going as in PLAN: its own parts of the cost "
        "and the units that would be booked more.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("consignment", metavar="CONSIGNMENT", help="its id")
    parser.add_argument("--most", type=int, default=MOST, metavar="N", help=f"ways to list at most ({MOST})")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance, plan = read_instance(arguments.instance), read_plan(arguments.plan)
    if all(one.id != arguments.consignment for one in instance.consignments):
        raise NotFoundError(f"{arguments.instance}: no consignment {arguments.consignment!r}")
    under_way = draft(instance)
    under_way.seat(plan)
    ways = itineraries(under_way, arguments.consignment, arguments.most)
    sys.stdout.write("\n".join(_text(instance, plan, arguments.consignment, ways)) + "\n")
    return 0


def _text(instance: Instance, plan: Plan, name: str, ways: tuple[Itinerary, ...]) -> Iterator[str]:
    goods = next(one for one in instance.consignments if one.id == name)
    yield f"{name}: {goods.mass_g / 1_000:,.0f} kg, {goods.band}, {goods.origin} to {goods.destination}, due " + moment(
        instance, goods.due_s
    )
    stays = next((one.reason for one in plan.unplanned if one.consignment == name), None)
    if stays is not None:
        yield f"stays: {stays}; that costs {cny(goods.unplanned_fen)} CNY"
    ours = [route for route in plan.routes if route.consignment == name]
    if len(ours) > 1:
        yield f"goes in {len(ours)} parts; the ways below are for the whole of it"
    if not ways:
        yield "no way is open: none in time, or no units are left on any"
    cheapest = ways[0].cost.total if ways else 0
    tables = Tables(instance)
    for number, way in enumerate(ways, start=1):
        yield ""
        mark = "  <- the plan" if _same(way.route, ours) else ""
        yield f"{number}. {cny(way.cost.total)} CNY (+{cny(way.cost.total - cheapest)}){mark}"
        yield from _legs(instance, way)
        yield "   " + ", ".join(f"{part} {cny(fen)}" for part, fen in parts(way.cost))
        yield "   " + _chances(instance, punctuality(tables, way.route))


def _legs(instance: Instance, way: Itinerary) -> Iterator[str]:
    services = {one.id: one for one in instance.services}
    for number, leg in enumerate(way.route.legs):
        service = services[leg.service]
        times = f"{moment(instance, service.departs_s)} > {moment(instance, service.arrives_s)}"
        tight = ""
        if number == way.binding[0]:
            tight = f"  binding: {CUT_OFFS[way.binding[1]]}, {way.slack_s[number] / 3_600:.1f} h to spare"
        yield f"   {service.origin} > {service.destination}  {times}  {leg.service} / {leg.offer}{tight}"


def _chances(instance: Instance, found: Punctuality) -> str:
    p50, p80 = ("unknown" if one is None else moment(instance, one) for one in (found.p50_s, found.p80_s))
    return f"there by P50 {p50}, P80 {p80}; in time {found.due:.0%}, all connections {found.kept:.0%}"


def _same(route: Route, ours: list[Route]) -> bool:
    return len(ours) == 1 and ours[0].legs == route.legs
