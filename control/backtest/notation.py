"""The short way to write a series and a length of time in a rule test. Pure.

A series is words between spaces: `5` one reading of 5, `5x30` thirty of them, `5+0.1x20` twenty from 5 on, each 0.1
more, `-18-0.5x4` four from -18 on, each 0.5 less; `_` no reading, `_x3` three times none; `bad` a reading that failed.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from coldport.errors import MalformedError

READING_LIMIT = 100_000
"""Readings of one series: ten weeks of one a minute. What needs more is a trace for a back-test."""

_WORD = re.compile(
    r"(?:(?P<none>_)|(?P<bad>bad)|(?P<value>-?\d+(?:\.\d+)?)(?P<step>[+-]\d+(?:\.\d+)?)?)(?:x(?P<times>\d{1,9}))?"
)
_LENGTH = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")

Slot = tuple[int, float | None]
"""In which interval a reading is, counted from 0, and its value; None: it failed."""


def expand(notation: str) -> list[Slot]:
    """Return the readings of a series; intervals without one are left out.

    Raises:
        MalformedError: A word cannot be read, or there are more than `READING_LIMIT`.

    >>> expand("5x2 _ 5+0.1x3 bad")
    [(0, 5.0), (1, 5.0), (3, 5.0), (4, 5.1), (5, 5.2), (6, None)]
    """
    slots: list[Slot] = []
    position = 0
    for word in notation.split():
        read = _WORD.fullmatch(word)
        if read is None:
            raise MalformedError(f"{word!r} is not a word of a series, such as 5x30, 5+0.1x20, _x3 or bad")
        times = int(read["times"] or 1)
        if position + times > READING_LIMIT:
            raise MalformedError(f"a series has at most {READING_LIMIT} intervals")
        if not read["none"]:
            slots += zip(range(position, position + times), _values(read, times), strict=True)
        position += times
    return slots


def _values(word: "re.Match[str]", times: int) -> Iterator[float | None]:
    """Give the readings of a word; in decimals, so that 5+0.1 is 5.1."""
    first, step = Decimal(word["value"] or 0), Decimal(word["step"] or 0)
    for count in range(times):
        yield None if word["bad"] else float(first + count * step)


def length(text: str) -> timedelta:
    """Return a length of time such as `90s`, `31m` or `1h30m`; raises MalformedError.

    >>> length("1h30m")
    datetime.timedelta(seconds=5400)
    """
    read = _LENGTH.fullmatch(text)
    if read is None or not text:
        raise MalformedError(f"{text!r} is not a length of time such as 90s, 31m or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in read.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def written(passed: timedelta) -> str:
    """Return a length of time as `length` reads it, with a fraction of a second where there is one.

    >>> written(timedelta(minutes=90, seconds=5))
    '1h30m5s'
    """
    minutes, seconds = divmod(passed.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else "", f"{seconds:g}s" if seconds else ""]
    return "".join(parts) or "0s"
