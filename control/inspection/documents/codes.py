"""Check digits and code tables of declarations. Of a code that has a check digit it is told whether it can be one."""

from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import Struct

from coldport.settings import load

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The codes of one kind, and how sure the list is."""

    mark: Literal["verified", "recalled"]
    codes: tuple[str, ...]


class Codes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All tables, by the field whose values they are."""

    unit: Table
    currency: Table
    traf_mode: Table
    wrap_type: Table


@cache
def shipped_codes() -> Codes:
    """Read the tables that come with the package."""
    return load(Path(__file__).parent / "codes.toml", Codes)


def is_uscc(code: str) -> bool:
    """Whether a code is a unified social credit code with its check character (GB 32100).

    >>> is_uscc("913302017532977856"), is_uscc("913302017532977857")
    (True, False)
    """
    if len(code) != 18 or any(character not in _USCC for character in code):
        return False
    total = sum(_USCC.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return _USCC[-total % 31] == code[17]


def is_id_card(number: str) -> bool:
    """Whether a number is a resident's identity number with its check character (GB 11643).

    >>> is_id_card("11010519491231002X")
    True
    """
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[17]
