"""Distances on the ellipsoid (WGS 84). The only module that knows `geographiclib`."""

from collections.abc import Sequence
from itertools import pairwise

from geographiclib.geodesic import Geodesic


def geodesic_m(points: Sequence[tuple[float, float]]) -> int:
    """Return the metres of the shortest way from point to point, each (latitude, longitude) in degrees.

    Karney 2013, "Algorithms for geodesics", as `geographiclib` has it: exact to nanometres, here to the metre.

    >>> geodesic_m([(0.0, 0.0), (0.0, 1.0)])
    111319
    """
    legs = (Geodesic.WGS84.Inverse(*one, *other, Geodesic.DISTANCE) for one, other in pairwise(points))
    return round(sum(float(leg["s12"]) for leg in legs))
