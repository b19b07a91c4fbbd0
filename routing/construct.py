"""A first plan in milliseconds: each consignment in turn takes the cheapest way that is left.

Counting units at their whole price strands small goods before an empty box; counting only the filled part opens boxes
for nobody. So the order is tried with a few blends of both, and the cheapest plan is taken.
"""

import numpy as np

from routing.draft import Draft
from routing.kernel.insert import clear, insert_all
from routing.kernel.turns import insert_stayers

BLENDS = (0.6, 0.9, 0.3)


def construct(draft: Draft, blends: tuple[float, ...] = BLENDS) -> None:
    """Make the draft the cheapest of one plan for each blend, the big consignments first; keep it."""
    order = np.lexsort((np.arange(len(draft.problem.goods.mass)), -draft.problem.goods.mass))
    for blend in blends:
        clear(draft.problem, draft.state)
        insert_all(draft.problem, draft.state, draft.scratch, order, blend)
        draft.keep_if_better()
    draft.take_best()


def complete(draft: Draft) -> None:
    """Give those who stay in the draft the cheapest way that is left; leave the others as they are."""
    insert_stayers(draft.problem, draft.state, draft.scratch, draft.turn)
    draft.keep_if_better()
