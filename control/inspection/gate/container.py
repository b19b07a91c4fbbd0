"""Container numbers: owner code, category, serial number and the check digit of ISO 6346."""

import re
from string import ascii_uppercase

_NUMBER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")

_VALUES = {
    **{str(digit): digit for digit in range(10)},
    # 10 to 38 for A to Z, without the multiples of 11 (ISO 6346:2022, annex A).
    **dict(zip(ascii_uppercase, (value for value in range(10, 39) if value % 11), strict=True)),
}


def check_digit(body: str) -> int:
    """Return the check digit of the ten characters before it.

    >>> check_digit("CSQU305438")
    3
    """
    return sum(_VALUES[sign] << place for place, sign in enumerate(body)) % 11 % 10


def is_container(number: str) -> bool:
    """Whether a container number is formed as it should be and its check digit fits."""
    return bool(_NUMBER.fullmatch(number)) and check_digit(number[:-1]) == int(number[-1])
