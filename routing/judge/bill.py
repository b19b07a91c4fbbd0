"""The price of a plan, line by line as the table of DESIGN.md has it, computed apart from `routing.pricing`."""

from collections.abc import Iterable

from coldport.ids import Id
from routing.judge.facts import Facts, Trip
from routing.judge.rules import Rule, Violation
from routing.model import Instance, Offer
from routing.result import Cost, Plan

DAY_S = 24 * 60 * 60
HOUR_S = 60 * 60
NOT_PRICED = frozenset({Rule.CONSIGNMENT, Rule.SERVICE, Rule.OFFER, Rule.CHAIN, Rule.BOOKED_TWICE})
"""A plan that breaks one of these is not priced."""


def bill(facts: Facts, plan: Plan, trips: Iterable[Cost]) -> Cost:
    """Return what a plan costs whose every id is known: its trips (`trip_bill`), its bookings, and those who stay."""
    lines = dict.fromkeys(Cost.__struct_fields__, 0)
    for trip in trips:
        for part in _OF_TRIPS:
            lines[part] += getattr(trip, part)
    for booking in plan.bookings:
        offer = facts.offer(booking.service, booking.offer)
        if offer is not None:
            lines["booking"] += _booking(offer, booking.units)
            lines["co2e_g"] += booking.units * offer.unit_co2e_g
    lines["carbon"] = facts.instance.prices.carbon_fen_per_t * lines["co2e_g"] // 1_000_000
    stays: list[Id] = [one.consignment for one in plan.unplanned]
    lines["unplanned"] = sum(facts.goods[name].unplanned_fen for name in stays if name in facts.goods)
    return Cost(**lines)


_OF_TRIPS: tuple[str, ...] = ("freight", "handling", "storage", "duty", "time", "late", "spoilage", "co2e_g")


def trip_bill(facts: Facts, trip: Trip) -> Cost:
    """Return what a trip costs by itself; CO2e by its mass."""
    lines: dict[str, int] = dict.fromkeys(_OF_TRIPS, 0)
    _bill_ways(lines, trip)
    _bill_goods(lines, facts, trip)
    return Cost(**lines)


def _booking(offer: Offer, units: int) -> int:
    reached = [step for step in offer.steps if step.units <= units]
    unit_fen = max(reached, key=lambda step: step.units).unit_fen if reached else offer.unit_fen
    return offer.open_fen + max(units, offer.min_take) * unit_fen


def _bill_ways(lines: dict[str, int], trip: Trip) -> None:
    """Freight, handling, storage and their CO2e: what depends on legs and places."""
    mass = trip.route.mass_g
    for number, ride in enumerate(trip.rides):
        lines["freight"] += ride.offer.fen_per_t * mass // 1_000_000
        lines["co2e_g"] += ride.offer.co2e_g_per_t * mass // 1_000_000
        if number > 0:
            lines["handling"] += ride.place.handling_fen_per_t * mass // 1_000_000
            lines["co2e_g"] += ride.place.handling_co2e_g_per_t * mass // 1_000_000
        for storage in ride.place.storage:
            if storage.band == trip.goods.band:
                lines["storage"] += storage.fen_per_m3_day * trip.route.litres * ride.waits_s // (1_000 * DAY_S)


def _bill_goods(lines: dict[str, int], facts: Facts, trip: Trip) -> None:
    """Duty, time, lateness and spoilage: what depends on the value of the goods."""
    goods, mass, prices = trip.goods, trip.route.mass_g, facts.instance.prices
    value = goods.value_fen * mass // goods.mass_g
    arrives = trip.taken_in_s
    if arrives is None:
        arrives = trip.rides[-1].service.arrives_s
    for ride in trip.rides:
        lines["duty"] += value * ride.service.duties_ppm.get(goods.regime, 0) // 1_000_000
    lines["time"] += value * prices.time_ppm_per_day * (arrives - goods.ready_s) // (1_000_000 * DAY_S)
    if arrives > goods.due_s:
        lines["late"] += goods.late_fen_per_h * (arrives - goods.due_s) * mass // (HOUR_S * goods.mass_g)
    lines["spoilage"] += value * prices.spoilage_ppm_per_h * trip.exposed_s // (1_000_000 * HOUR_S)


def compare(instance: Instance, plan: Plan, cost: Cost) -> list[Violation]:
    """Return where a plan says of its cost what is not so."""
    found = []
    for part in Cost.__struct_fields__:
        said, is_so = getattr(plan.cost, part), getattr(cost, part)
        if said != is_so:
            found.append(
                Violation(rule=Rule.COST, subject=instance.id, text=f"{part} is {is_so}, the plan says {said}")
            )
    if plan.bound_fen is not None and plan.bound_fen > cost.total:
        text = f"the bound is {plan.bound_fen} fen, the plan costs {cost.total}"
        found.append(Violation(rule=Rule.BOUND, subject=instance.id, text=text))
    return found
