"""The same instance at other prices, so that a search for the cheapest plan finds what else is wanted of one.

What is wanted is measured by `late_s` and a plan's CO2e; plans found at other prices are priced at the true ones again.
"""

from collections.abc import Collection, Mapping

import msgspec

from coldport.ids import Id
from routing.model import Consignment, Instance
from routing.pricing import HOUR_S, Tables, journey, price
from routing.result import Plan

HEAVIEST_FEN = 4 * 10**15
"""What all consignments together may weigh: the kernel counts whole fen in floating numbers, exactly to 9 x 10^15."""


def late_s(tables: Tables, plan: Plan) -> int:
    """Return the lateness of a plan: seconds after due, summed over consignments, parts by their share of the mass."""
    total = 0
    for route in plan.routes:
        goods = tables.consignments[route.consignment]
        services = [tables.services[leg.service] for leg in route.legs]
        trip = journey(tables, goods, services)
        arrives = services[-1].arrives_s if trip.arrives_s is None else trip.arrives_s
        total += max(0, arrives - goods.due_s) * route.mass_g // goods.mass_g
    return total


def service_of(tables: Tables, plan: Plan) -> tuple[int, int, int]:
    """Return what plans are compared by where service comes first: how many stay, lateness in seconds, fen."""
    return len(plan.unplanned), late_s(tables, plan), plan.cost.total


def repriced(tables: Tables, plan: Plan) -> Plan:
    """Return a plan found at other prices at those of the tables; nothing is proved of it."""
    cost = price(tables, plan.routes, plan.bookings, [one.consignment for one in plan.unplanned])
    return msgspec.structs.replace(plan, cost=cost, bound_fen=None)


def weighed(
    instance: Instance, *, staying_fen: Mapping[Id, int], late_fen_per_h: int = 0, carbon_fen_per_t: int = 0
) -> Instance:
    """Return the instance with lateness and carbon so much dearer, and staying at the price that is given, if any."""

    def heavier(one: Consignment) -> Consignment:
        staying = staying_fen.get(one.id, one.unplanned_fen)
        return msgspec.structs.replace(one, late_fen_per_h=one.late_fen_per_h + late_fen_per_h, unplanned_fen=staying)

    prices = msgspec.structs.replace(
        instance.prices, carbon_fen_per_t=instance.prices.carbon_fen_per_t + carbon_fen_per_t
    )
    return msgspec.structs.replace(
        instance, prices=prices, consignments=tuple(heavier(one) for one in instance.consignments)
    )


def service_weights(instance: Instance, going: Collection[Id], money_fen: int) -> tuple[int, dict[Id, int]]:
    """Return the price of an hour of lateness, and of staying for those `going`: each outweighs all that comes after.

    An hour outweighs `money_fen`, and staying all hours there can be, as far as `HEAVIEST_FEN` has room for that: at a
    thousand consignments an hour is worth some hundred thousand CNY, which no single consignment's way is.
    """
    hours = sum(max(0, one.latest_s - one.due_s) for one in instance.consignments) // HOUR_S + 1
    most = HEAVIEST_FEN // max(1, len(instance.consignments))
    hour_fen = max(1, min(money_fen + 1, most // (hours + 1)))
    return hour_fen, dict.fromkeys(going, min(most, hours * hour_fen + money_fen + 1))
