"""Scale lines."""

from collections.abc import Iterator

from coldport.settings import Problem
from coldport.site import Quantity
from edge.checks.checker import Checker
from edge.lines.scale import ScaleLine, ScaleProfile


def scale_problems(checker: Checker, at: str, line: ScaleLine) -> Iterator[Problem]:
    """Yield what is wrong with a scale's line whose key is `at`."""
    yield from checker.one_way(at, line.id, line.serial, line.tcp)
    profile = checker.profile(f"{at}.profile", line.profile, ScaleProfile)
    if isinstance(profile, Problem):
        yield profile
    yield from checker.feed(f"{at}.point", line.point, Quantity.MASS)
