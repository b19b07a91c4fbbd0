"""Rule 8 of DESIGN.md as rows: goods wait in rooms that hold no more.

What waits at a place is what came less what left, so that it follows from the legs. A place gets rows only where all
goods that could ever wait there together would be too many.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from routing.exact.flows import Flow, place
from routing.model import PLUG_LITRES, Band, Node
from routing.network import Network
from routing.pricing import keeps_cold
from routing.program import Program, Term

Change = tuple[int, bool, Term]
"""A moment, whether goods come then or leave, and the column that moves them with their litres."""


def add_rooms(network: Network, program: Program, flows: Sequence[Flow]) -> None:
    """Add the rows of every place whose room could run out."""
    changes: dict[str, dict[Band, list[Change]]] = defaultdict(lambda: defaultdict(list))
    most: dict[str, dict[Band, int]] = defaultdict(lambda: dict.fromkeys(Band, 0))
    for flow in flows:
        for name, change in _changes(flow):
            changes[name][flow.consignment.band].append(change)
        for name in {name for name, _ in _changes(flow)}:
            most[name][flow.consignment.band] += flow.consignment.litres
    for name in sorted(changes):
        node = place(network, name)
        kept = {band: some for band, some in changes[name].items() if keeps_cold(node, band)}
        if _beyond(node, Band.AMBIENT, most[name][Band.AMBIENT]) > 0:
            _keep_room(program, changes[name][Band.AMBIENT], _room(node, Band.AMBIENT) or 0)
        cold: dict[Band, list[Change]] = {band: some for band, some in kept.items() if band is not Band.AMBIENT}
        if sum(_beyond(node, band, most[name][band]) for band in cold) > PLUG_LITRES * node.plugs:
            _keep_plugs(program, node, cold)


def _changes(flow: Flow) -> Iterator[tuple[str, Change]]:
    """Yield where and when a consignment comes to wait and leaves again, by the columns that say so."""
    one = flow.consignment
    litres = one.litres if flow.whole else flow.loads[1]
    for stop in flow.stops:
        for use in stop.uses.values():
            service = stop.service
            yield service.origin, (service.departs_s, False, (use, -litres))
            if service.origin == one.origin:
                yield service.origin, (one.ready_s, True, (use, litres))
            if service.destination != one.destination:
                yield service.destination, (service.arrives_s, True, (use, litres))


def _room(node: Node, band: Band) -> int | None:
    """Return the litres of the band's storage: 0 where there is none, None where it is as much as wanted."""
    return next((storage.litres for storage in node.storage if storage.band is band), 0)


def _beyond(node: Node, band: Band, litres: int) -> int:
    if band is Band.AMBIENT and all(storage.band is not band for storage in node.storage):
        return 0
    room = _room(node, band)
    return 0 if room is None else max(0, litres - room)


def _levels(program: Program, changes: list[Change], moments: Sequence[int]) -> list[int]:
    """Add a column for the litres that wait at each of these moments, and return them. What leaves then is gone."""
    ordered = sorted(changes)
    levels: list[int] = []
    begin = 0
    for moment in moments:
        end = bisect_right(ordered, moment, key=itemgetter(0))
        terms: dict[int, int] = defaultdict(int)
        for _, _, (column, litres) in ordered[begin:end]:
            terms[column] += litres
        begin = end
        level = program.column(0, None, whole=False)
        program.row([*terms.items(), *((before, 1) for before in levels[-1:]), (level, -1)], lower=0, upper=0)
        levels.append(level)
    return levels


def _comings(changes: Iterable[Change]) -> list[int]:
    """Return the moments at which something comes: at some of these the most waits."""
    return sorted({moment for moment, comes, _ in changes if comes})


def _keep_room(program: Program, changes: list[Change], litres: int) -> None:
    for level in _levels(program, changes, _comings(changes)):
        program.row([(level, 1)], upper=litres)


def _keep_plugs(program: Program, node: Node, cold: Mapping[Band, list[Change]]) -> None:
    """Let plugs feed what the cold stores do not hold."""
    limited = {band: room for band in sorted(cold) if (room := _room(node, band)) is not None}
    moments = _comings(change for band in limited for change in cold[band])
    beyond: list[list[Term]] = [[] for _ in moments]
    for band, room in limited.items():
        for terms, level in zip(beyond, _levels(program, cold[band], moments), strict=True):
            over = program.column(0, None, whole=False)
            program.row([(level, 1), (over, -1)], upper=room)
            terms.append((over, 1))
    for terms in beyond:
        program.row(terms, upper=PLUG_LITRES * node.plugs)
