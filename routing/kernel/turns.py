"""Compiled: turns of ruin and recreate (Schrimpf et al. 2000), each taken back unless it pays or nearly does."""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

from routing.jit import lean
from routing.kernel.dice import pick, roll
from routing.kernel.insert import enter, insert, leave
from routing.kernel.ruin import take_out
from routing.kernel.tables import Legs, Lengths, Problem, Scratch, State, Turn
from routing.reach import Real


@lean
def work(problem: Problem, state: State, scratch: Scratch, turn: Turn, turns: tuple[int, float]) -> None:
    """Take so many turns; one may make the plan dearer by up to the second number, in fen."""
    for _ in range(turns[0]):
        _take_turn(problem, state, scratch, turn, turns[1])


@lean
def _take_turn(problem: Problem, state: State, scratch: Scratch, turn: Turn, warmth: float) -> None:
    before = state.total[0]
    count, shut = take_out(problem, state, turn)
    _remember(problem, state, turn, count)
    if shut >= 0:
        state.cap[shut] = state.need[shut]
    _order(problem, state, turn, count)
    blend = 1.0 if roll(state.dice) < 0.4 else roll(state.dice)
    for one in range(count):
        insert(problem, state, scratch, turn.out[one], blend)
    if shut >= 0:
        state.cap[shut] = problem.offers.most[shut]
    if state.total[0] > before + warmth * roll(state.dice):
        _take_back(problem, state, turn, count)
    elif state.total[0] < turn.best_total[0]:
        keep(state, turn)
    for one in range(count):
        turn.is_out[turn.out[one]] = False


@lean
def _remember(problem: Problem, state: State, turn: Turn, count: int) -> None:
    """Write down the routes of those who are out, and take them off."""
    for one in range(count):
        k = turn.out[one]
        turn.old_length[k] = state.length[k]
        turn.old_own[k] = state.own[k]
        for leg in range(state.length[k]):
            turn.old_legs[k, leg] = state.legs[k, leg]
        if state.length[k] > 0:
            leave(problem, state, k)


@lean
def _take_back(problem: Problem, state: State, turn: Turn, count: int) -> None:
    for one in range(count):
        if state.length[turn.out[one]] > 0:
            leave(problem, state, turn.out[one])
    for one in range(count):
        k = turn.out[one]
        for leg in range(turn.old_length[k]):
            state.legs[k, leg] = turn.old_legs[k, leg]
        if turn.old_length[k] > 0:
            enter(problem, state, k, turn.old_length[k], turn.old_own[k])


@lean
def keep(state: State, turn: Turn) -> None:
    """Keep the plan as the best so far."""
    turn.best_total[0] = state.total[0]
    for k in range(len(state.length)):
        turn.best_length[k] = state.length[k]
        turn.best_own[k] = state.own[k]
        for leg in range(state.length[k]):
            turn.best_legs[k, leg] = state.legs[k, leg]


@lean
def _order(problem: Problem, state: State, turn: Turn, count: int) -> None:
    """Bring those who are out into an order: at random, the big ones first, or the urgent ones first."""
    goods = problem.goods
    by = pick(state.dice, 3)
    for one in range(count):
        k = turn.out[one]
        noise = 0.7 + 0.6 * roll(state.dice)
        if by == 1:
            noise = -noise * goods.litres[k]
        elif by == 2:
            noise = noise * (goods.due[k] - goods.ready[k])
        turn.key[one] = noise
    for one in range(1, count):
        k, key, place = turn.out[one], turn.key[one], one
        while place > 0 and turn.key[place - 1] > key:
            turn.out[place], turn.key[place] = turn.out[place - 1], turn.key[place - 1]
            place -= 1
        turn.out[place], turn.key[place] = k, key


@lean
def put_back(problem: Problem, state: State, legs: Legs, length: Lengths, own: Real) -> None:
    """Bring a plan that was kept back into a state in which every consignment stays."""
    for k in range(len(state.length)):
        for leg in range(length[k]):
            state.legs[k, leg] = legs[k, leg]
        if length[k] > 0:
            enter(problem, state, k, length[k], own[k])


@lean
def insert_stayers(problem: Problem, state: State, scratch: Scratch, turn: Turn) -> None:
    """Insert those who stay and may move, at the units' true price."""
    for k in turn.near:
        if state.length[k] == 0:
            insert(problem, state, scratch, k, 1.0)
