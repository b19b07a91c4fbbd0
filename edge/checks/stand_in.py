"""The stand-in: it watches points that this gateway reads, and moves lamps and sirens of this gateway's lines."""

from collections.abc import Iterator

from coldport.ids import PointId
from coldport.settings import Problem
from coldport.site import Quantity
from edge.checks.checker import Checker
from edge.lines.stand_in import StandIn

MOVED = (Quantity.LAMP, Quantity.SIREN)
"""What calls people. A setpoint or a diverter is nothing that a gateway moves on its own account."""

READINGS = 2
"""So many periods of a point: in less, one lost reading would be a siren."""


def stand_in_problems(checker: Checker, stand_in: StandIn) -> Iterator[Problem]:
    """Yield what is wrong with `[stand_in]`; the lines must have been checked before."""
    for index, output in enumerate(stand_in.outputs):
        at = f"$.stand_in.outputs[{index}]"
        known = checker.points.get(PointId(output))
        if known is not None and known.quantity not in MOVED:
            yield checker.problem(at, f"{output!r} is a point of {known.quantity}, neither a lamp nor a siren")
        yield from _of_this_gateway(checker, at, output)
        if output in stand_in.outputs[:index]:
            yield checker.problem(at, f"{output!r} is named twice")
    names = [watched.point for watched in stand_in.watched]
    for index, watched in enumerate(stand_in.watched):
        at = f"$.stand_in.watched[{index}]"
        yield from _of_this_gateway(checker, f"{at}.point", watched.point)
        if watched.point in names[:index]:
            yield checker.problem(f"{at}.point", f"{watched.point!r} is watched twice")
        known = checker.points.get(PointId(watched.point))
        if known is not None and known.quantity in (Quantity.TAGS, Quantity.MASS):
            yield checker.problem(
                f"{at}.point", f"{watched.point!r} is a point of {known.quantity}, which has no limit"
            )
        elif known is not None and watched.for_s < READINGS * known.every_s:
            at_least = f"at least {READINGS * known.every_s:g} s, one lost reading is nothing"
            yield checker.problem(f"{at}.for_s", f"{watched.point!r} has a value every {known.every_s:g} s: {at_least}")


def _of_this_gateway(checker: Checker, at: str, point: str) -> Iterator[Problem]:
    if PointId(point) not in checker.points:
        yield checker.problem(at, f"site.toml has no point {point!r}")
    elif point not in checker.fed:
        yield checker.problem(at, f"no line of this gateway has {point!r}")
