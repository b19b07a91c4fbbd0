"""The services that run, in order of departure, and from which one goods can change to which: rules 1, 6 of DESIGN.md.

A change at a place is a link from one service to another, with the wait between them. Links depend on no consignment:
what does (papers, customs regime, band, modes, its own times) is asked in `routing.network` and `routing.ways`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.model import Instance, Node, Service, Status
from routing.pricing import connection_s

Whole = NDArray[np.int64]
NEVER = 1 << 40
"""A moment after every other: when a place does not open again, or nothing limits a wait."""


class Times(NamedTuple):
    """Of each service in order: places by number, moments in seconds. As compiled loops want it.

    `gate` is the earlier of gate-in and customs cut-off, `dwell` the longest wait for it at its origin, `given_out`
    when its destination takes its goods in if that is where they go. Link i of service s, `link_from[s] <= i <
    link_from[s + 1]`, comes from service `link_source[i]` after a wait of `link_wait[i]`.
    """

    origin: Whole
    destination: Whole
    departs: Whole
    gate: Whole
    documents: Whole
    dwell: Whole
    given_out: Whole
    link_from: Whole
    link_source: Whole
    link_wait: Whole


class Timetable(NamedTuple):
    """The services that are not cancelled, by departure and id, their times, and each place's number."""

    services: tuple[Service, ...]
    times: Times
    places: dict[str, int]
    nodes: tuple[Node, ...]


def timetable(instance: Instance) -> Timetable:
    """Return the timetable of an instance that has no problems (`routing.instance_check`)."""
    running = [service for service in instance.services if service.status is not Status.CANCELLED]
    services = tuple(sorted(running, key=lambda one: (one.departs_s, one.id)))
    places = {node.id: number for number, node in enumerate(instance.nodes)}
    origin = whole(places[one.origin] for one in services)
    destination = whole(places[one.destination] for one in services)
    link_from, link_source, link_wait = _links(services, instance.nodes)
    given_out = whole(one.arrives_s for one in services)
    for number, node in enumerate(instance.nodes):
        here = destination == number
        given_out[here] = opened(node, given_out[here])
    limits = [node.dwell_limit_s for node in instance.nodes]
    dwell = whole(NEVER if limit is None else limit for limit in limits)
    times = Times(
        origin=origin,
        destination=destination,
        departs=whole(one.departs_s for one in services),
        gate=whole(min(one.gate_in_s, one.customs_s) for one in services),
        documents=whole(one.documents_s for one in services),
        dwell=dwell[origin],
        given_out=given_out,
        link_from=link_from,
        link_source=link_source,
        link_wait=link_wait,
    )
    return Timetable(services, times, places, instance.nodes)


def whole(numbers: Iterable[int]) -> Whole:
    """Return whole numbers as an array."""
    return np.array(list(numbers), dtype=np.int64)


def opened(node: Node, moments: Whole) -> Whole:
    """Return for each moment the first one not before it at which the place is open, or `NEVER`."""
    if not node.open:
        return moments
    opens = whole([*(window.from_s for window in node.open), NEVER])
    closes = whole(window.to_s for window in node.open)
    return np.maximum(moments, opens[np.searchsorted(closes, moments, side="right")])


def _links(services: tuple[Service, ...], nodes: tuple[Node, ...]) -> tuple[Whole, Whole, Whole]:
    """Return all links, sorted by the service they lead to and the one they come from."""
    coming: dict[str, list[int]] = {node.id: [] for node in nodes}
    going: dict[str, list[int]] = {node.id: [] for node in nodes}
    for number, service in enumerate(services):
        coming[service.destination].append(number)
        going[service.origin].append(number)
    parts = [_changes(node, services, coming[node.id], going[node.id]) for node in nodes]
    source = np.concatenate([part[0] for part in parts])
    target = np.concatenate([part[1] for part in parts])
    wait = np.concatenate([part[2] for part in parts])
    order = np.lexsort((source, target))
    link_from = np.searchsorted(target[order], np.arange(len(services) + 1))
    return link_from.astype(np.int64), source[order], wait[order]


def _changes(
    node: Node, services: tuple[Service, ...], coming: list[int], going: list[int]
) -> tuple[Whole, Whole, Whole]:
    """Return the links at one place: sources, targets and waits. None leads straight back."""
    arrives = whole(services[one].arrives_s for one in coming)
    departs = whole(services[one].departs_s for one in going)
    gate = whole(min(services[one].gate_in_s, services[one].customs_s) for one in going)
    back = np.array([services[one].origin for one in coming])[:, None] == np.array(
        [services[one].destination for one in going]
    )
    waits = departs[None, :] - arrives[:, None]
    can = (_handed_over(node, services, coming, going) <= gate[None, :]) & (waits >= 0) & ~back
    if node.dwell_limit_s is not None:
        can &= waits <= node.dwell_limit_s
    row, column = np.nonzero(can)
    return whole(coming)[row], whole(going)[column], waits[row, column]


def _handed_over(node: Node, services: tuple[Service, ...], coming: list[int], going: list[int]) -> Whole:
    """Return when goods of each arriving service can be handed over to each leaving one: h of rule 1."""
    arrives = whole(services[one].arrives_s for one in coming)
    handed = np.zeros((len(coming), len(going)), dtype=np.int64)
    leaving = [services[one].mode for one in going]
    for mode in sorted(set(leaving)):
        least = whole(connection_s(node, services[one].mode, mode) for one in coming)
        columns = np.array([one is mode for one in leaving], dtype=np.bool_)
        handed[:, columns] = opened(node, arrives + least)[:, None]
    return handed
