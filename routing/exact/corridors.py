"""What all departures of one corridor carry together: columns that change no plan, and let a solver prove far more.

A consignment may take any of thirty trucks a month, and a relaxation lets it take a thirtieth of each. So the program
is told what does not depend on the day: X, whether a consignment goes by an offer between two places at all, and N,
the units that all departures of it need together. Rounding N up (4.3 trucks to Chicago are five) is one cut or one
branch there, and hundreds among the days. At thirty consignments the gap at the root of the tree falls from 6 % to
0.4 % (docs/benchmarks.md).
"""

from collections import defaultdict
from collections.abc import Iterable

from routing.exact.flows import Flow, add_use
from routing.exact.units import Load, hold, least_units
from routing.program import Program


def add_corridors(program: Program, loads: Iterable[Load]) -> None:
    """Add X and N of every corridor with more than one departure, by offer and load class."""
    corridors: dict[tuple[object, ...], list[Load]] = defaultdict(list)
    for load in loads:
        offer, load_class = load.offer, load.riders[0][1].consignment.load_class
        size = (offer.mass_g, offer.litres, offer.positions)
        corridors[load.service.origin, load.service.destination, offer.id, size, load_class].append(load)
    for members in corridors.values():
        if len(members) > 1:
            _add_corridor(program, members)


def _add_corridor(program: Program, members: list[Load]) -> None:
    offer = members[0].offer
    flows: dict[str, Flow] = {}
    uses: dict[str, list[int]] = defaultdict(list)
    for load in members:
        for use, flow in load.riders:
            flows[flow.consignment.id] = flow
            uses[flow.consignment.id].append(use)
    there = sum(load.offer.count for load in members)
    # More units than each rider needs by itself are never needed: a bound of its own, or presolve would take N out.
    most = sum(least_units(offer, flow.consignment) if flow.whole else there for flow in flows.values())
    units = program.column(0, min(there, most))
    program.row([(units, -1), *((load.need, 1) for load in members)], lower=0, upper=0)
    riders = []
    for name, flow in flows.items():
        # Its parts may go on several days: where all of them go this way, all of its load does, rounded nowhere.
        rides = add_use(program, flow, 0)
        program.row([(rides, -1), *((use, 1) for use in uses[name])], lower=0, upper=0)
        counted = [(flow.pallets[use], 1) for use in uses[name] if use in flow.pallets]
        if counted:
            pallets = flow.pallets[rides] = program.column(0, flow.consignment.pallets)
            program.row([(pallets, -1), *counted], lower=0, upper=0)
        riders.append((rides, flow))
    hold(program, offer, riders, units, strong=True)
