"""Slope scaling (Crainic, Gendron, Hernu 2004): units priced at what a filled unit cost in the round before.

An offer that few goods used becomes dear for each of them, one that was full becomes cheap: goods gather in full boxes
without a single one having to pay for opening one. Unused offers keep their last price.
"""

import numpy as np

from routing.draft import Draft
from routing.kernel.insert import clear, insert_all
from routing.timetable import Whole

ROUNDS = 12


def slopes(draft: Draft, rounds: int = ROUNDS) -> None:
    """Make the draft the cheapest plan of the rounds, or leave it if it is cheaper; keep it, with its slopes."""
    problem, state = draft.problem, draft.state
    draft.keep_if_better()
    order = np.lexsort((np.arange(len(problem.goods.mass)), -problem.goods.mass))
    best = state.slope.copy()
    for _ in range(rounds):
        clear(problem, state)
        insert_all(problem, state, draft.scratch, order, 0.0)
        used, offers = _used(draft), problem.offers
        paid = offers.price[offers.price_from + state.need] - offers.price[offers.price_from]
        some = used > 0
        if state.total[0] < draft.turn.best_total[0]:
            draft.keep()
            best = state.slope.copy()
        state.slope[some] = paid[some] / used[some]
    state.slope[:] = best
    draft.take_best()


def _used(draft: Draft) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how many units of each offer the goods on it fill, each by itself."""
    goods, offers, state = draft.problem.goods, draft.problem.offers, draft.state
    rides = np.arange(state.legs.shape[1])[None, :] < state.length[:, None]
    k: Whole = np.nonzero(rides)[0]
    offer = state.legs[rides]
    filled = np.maximum(goods.mass[k] / offers.mass[offer], goods.litres[k] / offers.litres[offer])
    filled = np.maximum(filled, goods.pallets[k] / offers.positions[offer])
    used = np.zeros(len(offers.service))
    np.add.at(used, offer, filled)
    return used
