"""The compiled heart of the search: what goods weigh on units and rooms, the cheapest way in, ruin and recreate.

Costs are floating numbers of whole fen: each part of a route is rounded once for the route, not each by itself as
`routing.pricing` does, so a plan's cost here differs from its price by some fen for each route. The twin in plain
Python is this same text run by the interpreter (`NUMBA_DISABLE_JIT=1`): same seed, same turns, same plan.
"""
