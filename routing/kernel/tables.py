"""What compiled loops read and write, as tuples of arrays. Costs in fen, masses in grams, volumes in litres."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.reach import Flags, Goods, Real, Stops
from routing.timetable import Whole

MOST_LEGS = 12
"""Legs of a route at most: a park, three yards, a border and a last mile are six, and back-up twice as many."""

MOST_LABELS = 24
"""Routes kept to one stop that none of the others beats in cost, exposure and places alike. One to three is usual."""

MOST_OUT = 120
"""Consignments taken out in one turn at most: enough to empty a train's boxes, few enough for
a thousand turns a second."""


Legs = NDArray[np.int32]
Lengths = NDArray[np.int32]


class Offers(NamedTuple):
    """Every offer of every running service: those of service s are `begin[s] <= o < begin[s + 1]`.

    Booking n units of offer o costs `price[price_from[o] + n]`, with what locks hold and the price of CO2e; there
    are `most`, and `held` are booked whatever is needed. `bands` are bits, `per_g` is fen for each gram, and
    `plug_limit` is by service.
    """

    begin: Whole
    service: Whole
    bands: Whole
    mass: Whole
    litres: Whole
    positions: Whole
    most: Whole
    held: Whole
    plug: Whole
    per_g: Real
    price_from: Whole
    price: Real
    plug_limit: Whole


class Rooms(NamedTuple):
    """Places whose room can run out (rule 8). `begin[p]` to `begin[p + 1]` are the slots of place p: none if unlimited.

    A slot lasts from its `moment` to the next. `limit` is litres by place and band, `plugged` what plugs feed there,
    `takes` whether goods of a band take room there at all.
    """

    begin: Whole
    moment: Whole
    limit: Whole
    plugged: Whole
    takes: Flags


class Turn(NamedTuple):
    """What one turn of ruin and recreate works with, and the best plan so far.

    `near` are the consignments that may move, those with one destination together and by due time; `place[k]` is where
    k is in it, -1 for one that may not move. `out` are those taken out in this turn, with their `key` for the order in
    which they come back and the routes they had, by their place in `out`. `is_out` is by consignment.
    """

    near: Whole
    place: Whole
    out: Whole
    key: Real
    is_out: Flags
    old_legs: Legs
    old_length: Lengths
    old_own: Real
    best_legs: Legs
    best_length: Lengths
    best_own: Real
    best_total: Real


class Problem(NamedTuple):
    """All that stays as it is. `arrives`, `departs` and `origin` are by service."""

    goods: Goods
    stops: Stops
    offers: Offers
    rooms: Rooms
    origin: Whole
    departs: Whole
    arrives: Whole


class State(NamedTuple):
    """A plan under way, and what the search does with it.

    `loads[o, c]` are mass, litres and pallets of load class c on offer o, `units[o, c]` what they need, `need[o]` all
    classes together, `plugged[s]` reefers booked on a service, `level[b, i]` litres of a band in a slot of `Rooms`.
    `legs[k, :length[k]]` are the offers of a route, none when it stays; `own[k]` is what that costs without units.
    `cap` is how many units may be booked now, `slope` the price of a whole unit for goods that fill a part of one.
    `total[0]` is the plan's cost, `dice[0]` the state of the dice.
    """

    loads: Whole
    units: Whole
    need: Whole
    plugged: Whole
    level: Whole
    legs: Legs
    length: Lengths
    own: Real
    cap: Whole
    slope: Real
    total: Real
    dice: NDArray[np.uint64]


class Scratch(NamedTuple):
    """Room to work in, by stop of one consignment: its cheapest route so far, its offer, and where it came from.

    The `labels` of a stop, so many, are for consignments that are not plain. `path` and `chosen` are the stops and
    offers of the route found, `full` the stops before which there is no room to wait.
    """

    cost: Real
    offer: NDArray[np.int32]
    source: NDArray[np.int32]
    full: Flags
    labels: NDArray[np.int32]
    label_cost: Real
    label_exposed: Whole
    label_seen: Whole
    label_source: NDArray[np.int32]
    path: NDArray[np.int32]
    chosen: NDArray[np.int32]
