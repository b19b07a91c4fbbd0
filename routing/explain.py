"""Why a consignment goes this way, why not another way, and why it stays: each answer exact, all others as planned.

Every way is priced to the fen and held against `validate`. Answers carry stable codes (the judge's rules, and the
verdicts below) beside their text. Who asks more than once keeps a `Beside` of the plan.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError
from coldport.ids import Id
from routing.beside import Beside
from routing.itineraries import Itinerary, Through, itineraries, priced
from routing.judge.rules import Rule, Violation
from routing.loosen import RULES, loosened
from routing.model import Consignment, Fen, Instance, Mode
from routing.pricing import bookings_for, price
from routing.punctuality import Punctuality, punctuality
from routing.result import Leg, Plan, Route, Unplanned
from routing.validate import check, check_route

MOST_VIA = 4
"""Things a way may be asked to go by at once: the search keeps a table for each set of them."""
MOST_TAKERS = 5
"""Consignments named of those that have taken the room: the biggest."""


class Verdict(StrEnum):
    """Why a consignment stays."""

    DEARER = "dearer-than-staying"
    """There is a way, at a price above that of staying."""
    CHEAPER = "cheaper-than-staying"
    """There is a way, and staying costs more: a better plan is known."""
    TAKEN = "room-taken"
    """There would be a way if others had not taken its units or rooms."""
    ONE = "one-rule"
    """Without any one of the rules named there would be a way."""
    SEVERAL = "several-rules"
    """There would be a way without all of the rules named, and with fewer of them gone there is none."""
    NO_CHAIN = "no-chain"
    """No chain of services leads there in the time that the timetable covers, whatever is allowed."""


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way beside the others: `dearer_fen` than the one it is compared with; whether the plan goes just so."""

    way: Itinerary
    chances: Punctuality
    dearer_fen: int
    planned: bool = False


class Ways(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why this way: what it costs, its own parts and the units it adds, beside the cheapest others.

    `planned` is None where the consignment stays or goes in `parts`; `ways` are the cheapest there are, each compared
    with the planned one, or with staying.
    """

    consignment: Id
    planned: Way | None
    parts: int
    ways: tuple[Way, ...]
    unplanned_fen: Fen
    reason: str | None = None
    """Why it stays, by the plan's word."""


class Via(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why not that way: the cheapest way by all of `via`, and what the judge says of the plan with it.

    Without violations `way` may be taken, and the whole plan costs `dearer_fen` more. With some it may not: it is then
    the cheapest of those that break the fewest kinds of rules, none of which can be spared. None: there is no chain.
    """

    consignment: Id
    via: tuple[str, ...]
    way: Itinerary | None
    dearer_fen: int | None
    violations: tuple[Violation, ...]


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that keeps goods from going, with the judge's words on the way that there would be."""

    rule: Rule
    text: str
    way: Itinerary


class Taker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who rides where there would be room else."""

    leg: Leg
    consignment: Id
    mass_g: int


class Stay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it stays, or would have to if its way were gone. `way` is the cheapest that there is or would be."""

    consignment: Id
    verdict: Verdict
    unplanned_fen: Fen
    way: Itinerary | None = None
    dearer_fen: int | None = None
    reasons: tuple[Reason, ...] = ()
    takers: tuple[Taker, ...] = ()


def explain_way(instance: Instance, plan: Plan, consignment: Id, most: int, kept: Beside | None = None) -> Ways:
    """Return how a consignment goes and the `most` cheapest ways that it could.

    Raises:
        NotFoundError: There is no such consignment.
    """
    beside, goods = _asked(instance, plan, consignment, kept)
    draft = beside.draft(goods)
    found = itineraries(draft, goods.id, most)
    ours = beside.routes.get(goods.id, [])
    planned = priced(draft, goods.id, ours[0].legs) if len(ours) == 1 else None
    than = goods.unplanned_fen if planned is None else planned.cost.total

    def way(one: Itinerary) -> Way:
        is_planned = planned is not None and one.route.legs == planned.route.legs
        chances = punctuality(draft.tables, one.route)
        return Way(way=one, chances=chances, dearer_fen=one.cost.total - than, planned=is_planned)

    return Ways(
        consignment=goods.id,
        planned=None if planned is None else way(planned),
        parts=len(ours),
        ways=tuple(way(one) for one in found),
        unplanned_fen=goods.unplanned_fen,
        reason=next((one.reason for one in plan.unplanned if one.consignment == goods.id), None),
    )


def explain_via(instance: Instance, plan: Plan, consignment: Id, via: Sequence[str], kept: Beside | None = None) -> Via:
    """Return what became of the plan if a consignment went by all of `via`: modes, places or services.

    Raises:
        NotFoundError: There is no such consignment, or nothing of that name.
        RefusedError: More than `MOST_VIA` are asked for, or none.
    """
    beside, goods = _asked(instance, plan, consignment, kept)
    if not 1 <= len(via) <= MOST_VIA:
        raise RefusedError(f"expected 1 to {MOST_VIA} things to go by, not {len(via)}")
    through = [_through(instance, word) for word in via]
    way = _cheapest(beside, goods, through=through)
    if way is None:
        _, way = _fewest(beside, goods, through)
    if way is None:
        return Via(consignment=goods.id, via=tuple(via), way=None, dearer_fen=None, violations=())
    moved = _moved(beside, way.route)
    broken = check(instance, moved)
    if broken:
        before = set(check(instance, plan))
        broken = tuple(one for one in broken if one not in before)
    dearer = moved.cost.total - plan.cost.total
    return Via(consignment=goods.id, via=tuple(via), way=way, dearer_fen=dearer, violations=broken)


def explain_stay(instance: Instance, plan: Plan, consignment: Id, kept: Beside | None = None) -> Stay:
    """Return why a consignment stays: for one that goes, what would stand against it if it had stayed.

    Raises:
        NotFoundError: There is no such consignment.
    """
    beside, goods = _asked(instance, plan, consignment, kept)
    fen = goods.unplanned_fen
    way = _cheapest(beside, goods)
    if way is not None:
        dearer = way.cost.total - fen
        verdict = Verdict.DEARER if dearer >= 0 else Verdict.CHEAPER
        return Stay(consignment=goods.id, verdict=verdict, unplanned_fen=fen, way=way, dearer_fen=dearer)
    way = _cheapest(beside, goods, alone=True)
    if way is not None:
        takers = tuple(_takers(beside, goods, way))
        return Stay(consignment=goods.id, verdict=Verdict.TAKEN, unplanned_fen=fen, way=way, takers=takers)
    single = [(rule, _cheapest(beside, goods, (rule,), alone=True)) for rule in RULES]
    reasons = tuple(_reason(instance, rule, one) for rule, one in single if one is not None)
    if reasons:
        return Stay(consignment=goods.id, verdict=Verdict.ONE, unplanned_fen=fen, reasons=reasons)
    rules, way = _fewest(beside, goods, ())
    if way is None:
        return Stay(consignment=goods.id, verdict=Verdict.NO_CHAIN, unplanned_fen=fen)
    reasons = tuple(_reason(instance, rule, way) for rule in rules)
    return Stay(consignment=goods.id, verdict=Verdict.SEVERAL, unplanned_fen=fen, way=way, reasons=reasons)


def _asked(instance: Instance, plan: Plan, consignment: Id, kept: Beside | None) -> tuple[Beside, Consignment]:
    beside = kept or Beside(instance, plan)
    goods = beside.tables.consignments.get(consignment)
    if goods is None:
        raise NotFoundError(f"no consignment {consignment!r}")
    return beside, goods


def _through(instance: Instance, word: str) -> Through:
    """Return what asks of a service whether it is, or goes by, what the word names."""
    if word in set(Mode):
        return lambda service: service.mode == word
    if any(node.id == word for node in instance.nodes):
        return lambda service: word in (service.origin, service.destination)
    if any(service.id == word for service in instance.services):
        return lambda service: service.id == word
    raise NotFoundError(f"no mode, place or service {word!r}")


def _cheapest(
    beside: Beside,
    goods: Consignment,
    rules: Collection[Rule] = (),
    through: Sequence[Through] = (),
    *,
    alone: bool = False,
) -> Itinerary | None:
    """Return the cheapest way without these rules, at the prices of the plan, or None."""
    within, own = loosened(beside.instance, goods, rules) if rules else (beside.instance, goods)
    draft = beside.draft(own, within, alone=alone)
    return next(iter(itineraries(draft, own.id, 1, through)), None)


def _fewest(
    beside: Beside, goods: Consignment, through: Sequence[Through]
) -> tuple[tuple[Rule, ...], Itinerary | None]:
    """Return rules without all of which there is a way, none of them to be spared, and the cheapest way then.

    They are found by putting one rule after the other back as long as a way is left: first as if nobody else rode, for
    rules that no leaving of others would mend; the way is then one that suits the others, if there is such a one.
    """
    rules: tuple[Rule, ...] = RULES
    way = _cheapest(beside, goods, rules, through, alone=True)
    if way is None:
        return (), None
    for rule in RULES:
        fewer = tuple(one for one in rules if one is not rule)
        found = _cheapest(beside, goods, fewer, through, alone=True)
        if found is not None:
            rules, way = fewer, found
    found = _cheapest(beside, goods, rules, through)
    return rules, found or way


def _moved(beside: Beside, route: Route) -> Plan:
    """Return the plan in which a consignment goes by this route."""
    plan, instance = beside.plan, beside.instance
    routes = (*(one for one in plan.routes if one.consignment != route.consignment), route)
    stays: tuple[Unplanned, ...] = tuple(one for one in plan.unplanned if one.consignment != route.consignment)
    bookings = bookings_for(instance, beside.tables, routes)
    cost = price(beside.tables, routes, bookings, [one.consignment for one in stays])
    return msgspec.structs.replace(plan, routes=routes, unplanned=stays, bookings=bookings, cost=cost, bound_fen=None)


def _reason(instance: Instance, rule: Rule, way: Itinerary) -> Reason:
    """Return a reason in the judge's words on the way there would be; in general ones where only others are in it.

    To a place that is closed, goods come too late for a cut-off: then that is what the judge says.
    """
    broken = check_route(instance, way.route)
    said = next((one.text for one in broken if one.rule is rule), broken[0].text if broken else str(rule))
    return Reason(rule=rule, text=_IN_GENERAL.get(rule, said), way=way)


_IN_GENERAL = {
    Rule.COUNT: "no offer on the way has so many units, or plugs on board for them",
    Rule.ROOM: "no place on the way has so much room, or plugs for it",
    Rule.LOCK: "a lock holds it to something else",
}


def _takers(beside: Beside, goods: Consignment, way: Itinerary) -> Iterator[Taker]:
    """Yield who rides by the same offers as the way that others have taken, the biggest first."""
    found = [(route, leg) for leg in way.route.legs for route in beside.riders(leg) if route.consignment != goods.id]
    found.sort(key=lambda one: (-one[0].mass_g, one[0].consignment))
    for route, leg in found[:MOST_TAKERS]:
        yield Taker(leg=leg, consignment=route.consignment, mass_g=route.mass_g)
