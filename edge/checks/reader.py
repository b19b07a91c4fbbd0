"""Lines of RFID readers."""

from collections.abc import Iterator

from coldport.settings import Problem
from coldport.site import Quantity
from edge.checks.checker import Checker
from edge.lines.reader import ReaderLine, ReaderProfile


def reader_problems(checker: Checker, at: str, line: ReaderLine) -> Iterator[Problem]:
    """Yield what is wrong with a reader's line whose key is `at`."""
    profile = checker.profile(f"{at}.profile", line.profile, ReaderProfile)
    if isinstance(profile, Problem):
        yield profile
    yield from checker.feed(f"{at}.point", line.point, Quantity.TAGS)
