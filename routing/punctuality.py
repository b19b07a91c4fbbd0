"""How likely a route is to come off: the chance of each missed connection, and when the goods are there at P50 and P80.

A service leaves by its timetable whatever came before, so delays are independent and a route comes off when each
transfer does; what is late on arrival is the last service's delay alone. So the numbers are exact for the given
deciles, between which delays are spread evenly. What becomes of goods that miss a connection is not known here.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.model import Node, Seconds, Service
from routing.pricing import Tables, connection_s, opens_s
from routing.result import Route


@dataclass(frozen=True, slots=True)
class Punctuality:
    """`missed` is by transfer the chance that the goods come too late for it; `kept` that all are made.

    `p50_s` and `p80_s` are when the goods are there in five and eight of ten cases, those that miss a connection being
    not there; None when too many do, or the destination does not open again. `due` is the chance to be in time.
    """

    missed: tuple[float, ...]
    kept: float
    p50_s: Seconds | None
    p80_s: Seconds | None
    due: float


def punctuality(tables: Tables, route: Route) -> Punctuality:
    """Return how likely a route of an instance without problems is to come off."""
    goods = tables.consignments[route.consignment]
    services = [tables.services[leg.service] for leg in route.legs]
    missed = tuple(
        _missed(tables.nodes[following.origin], service, following) for service, following in pairwise(services)
    )
    kept = 1.0
    for chance in missed:
        kept *= 1.0 - chance
    last, destination = services[-1], tables.nodes[goods.destination]
    return Punctuality(
        missed=missed,
        kept=kept,
        p50_s=_there_s(destination, last, 0.5, kept),
        p80_s=_there_s(destination, last, 0.8, kept),
        due=kept * _within(last.delay_s, _last_moment_s(destination, goods.due_s) - last.arrives_s),
    )


def _missed(node: Node, service: Service, following: Service) -> float:
    """Return the chance that what a service brings comes too late for the following one."""
    cut_off_s = _last_moment_s(node, min(following.gate_in_s, following.customs_s))
    slack_s = cut_off_s - service.arrives_s - connection_s(node, service.mode, following.mode)
    return 1.0 - _within(service.delay_s, slack_s)


def _last_moment_s(node: Node, cut_off_s: int) -> int:
    """Return the last moment to come from which goods are taken in by the cut-off; -1 when there is none."""
    if not node.open:
        return cut_off_s
    place = bisect_right(node.open, cut_off_s, key=lambda window: window.from_s)
    return min(cut_off_s, node.open[place - 1].to_s - 1) if place else -1


def _within(deciles: Sequence[Seconds], slack_s: int) -> float:
    """Return the chance that a delay is at most so long."""
    if slack_s < 0:
        return 0.0
    if not deciles or slack_s >= deciles[-1]:
        return 1.0
    place = bisect_right(deciles, slack_s)
    if place == 0:
        return 0.0
    begin, end = deciles[place - 1], deciles[place]
    return (place - 1 + (slack_s - begin) / (end - begin)) / (len(deciles) - 1)


def _there_s(destination: Node, last: Service, share: float, kept: float) -> Seconds | None:
    if share > kept:
        return None
    return opens_s(destination, last.arrives_s + round(_quantile(last.delay_s, share / kept)))


def _quantile(deciles: Sequence[Seconds], share: float) -> float:
    if not deciles:
        return 0.0
    at = share * (len(deciles) - 1)
    place = min(int(at), len(deciles) - 2)
    return deciles[place] + (at - place) * (deciles[place + 1] - deciles[place])
