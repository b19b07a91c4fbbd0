"""Compiled: which consignments to take out of a plan, so that what they share can be booked anew.

Each way writes them into `out` and returns how many. The way of emptying a service is what shuts a train's last boxes:
no single consignment gains by leaving a box that the others keep.
"""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

from routing.jit import lean
from routing.kernel.dice import pick, roll
from routing.kernel.tables import MOST_OUT, Problem, State, Turn


@lean
def take(turn: Turn, count: int, k: int) -> int:
    """Take out a consignment that may move and is not out yet; return how many are out."""
    if count < MOST_OUT and turn.place[k] >= 0 and not turn.is_out[k]:
        turn.is_out[k] = True
        turn.out[count] = k
        return count + 1
    return count


@lean
def take_any(state: State, turn: Turn, size: int) -> int:
    """Take out consignments at random."""
    count = 0
    for _ in range(size):
        count = take(turn, count, turn.near[pick(state.dice, len(turn.near))])
    return count


@lean
def take_near(state: State, turn: Turn, size: int, count: int) -> int:
    """Take out most of those that go to one place and are due at about one time."""
    middle = pick(state.dice, len(turn.near))
    for place in range(max(0, middle - size // 2), min(len(turn.near), middle + size // 2 + 1)):
        if roll(state.dice) < 0.8:
            count = take(turn, count, turn.near[place])
    return count


@lean
def some_leg(state: State, turn: Turn, middle: int, reach: int) -> int:
    """Return an offer that a consignment near a place in `near` goes by, or -1 when none is found soon."""
    for _ in range(8):
        place = middle + pick(state.dice, 2 * reach + 1) - reach
        if 0 <= place < len(turn.near):
            k = turn.near[place]
            if state.length[k] > 0:
                return int(state.legs[k, pick(state.dice, state.length[k])])
    return -1


@lean
def take_riders(problem: Problem, state: State, turn: Turn, service: int, count: int) -> int:
    """Take out those who go by a service, from a random one on: all of them where they are not too many."""
    size = len(turn.near)
    first = pick(state.dice, size)
    for step in range(size):
        k = turn.near[(first + step) % size]
        for leg in range(state.length[k]):
            if problem.offers.service[state.legs[k, leg]] == service:
                count = take(turn, count, k)
        if count == MOST_OUT:
            break
    return count


@lean
def take_unit(problem: Problem, state: State, turn: Turn, offer: int) -> int:
    """Take out as many of the riders of an offer as free one of its units, from a random one on."""
    size = len(turn.near)
    first = pick(state.dice, size)
    mass, litres, pallets = 0, 0, 0
    group, count = -1, 0
    for step in range(size):
        k = turn.near[(first + step) % size]
        for leg in range(state.length[k]):
            if state.legs[k, leg] != offer or (group >= 0 and problem.goods.load_class[k] != group):
                continue
            group = problem.goods.load_class[k]
            count = take(turn, count, k)
            mass += problem.goods.mass[k]
            litres += problem.goods.litres[k]
            pallets += problem.goods.pallets[k]
        if group >= 0 and _fits_less(problem, state, (offer, group), (mass, litres, pallets)):
            break
    return count


@lean
def _fits_less(problem: Problem, state: State, where: tuple[int, int], gone: tuple[int, int, int]) -> bool:
    """Return whether a load class needs a unit less of an offer when so much of it is gone."""
    offer, group = where
    units = state.units[offer, group] - 1
    load = state.loads[offer, group]
    return bool(
        load[0] - gone[0] <= units * problem.offers.mass[offer]
        and load[1] - gone[1] <= units * problem.offers.litres[offer]
        and load[2] - gone[2] <= units * problem.offers.positions[offer]
    )


@lean
def take_out(problem: Problem, state: State, turn: Turn) -> tuple[int, int]:
    """Choose a way and take consignments out; return how many, and the offer to be shut in this turn, or -1."""
    size = 1 + pick(state.dice, 1 + pick(state.dice, MOST_OUT // 2))
    way = roll(state.dice)
    if way < 0.15:
        return take_any(state, turn, size), -1
    if way < 0.4:
        return take_near(state, turn, size, 0), -1
    middle = pick(state.dice, len(turn.near))
    offer = some_leg(state, turn, middle, 0)
    if offer < 0:
        return take_near(state, turn, size, 0), -1
    shut = offer if roll(state.dice) < 0.5 else -1
    if way < 0.6:
        return take_unit(problem, state, turn, offer), shut
    count = take_riders(problem, state, turn, problem.offers.service[offer], 0)
    if way < 0.8:
        other = some_leg(state, turn, middle, 20)
        if other >= 0:
            count = take_riders(problem, state, turn, problem.offers.service[other], count)
    return take_near(state, turn, 8, count), shut
