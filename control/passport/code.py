"""What a passport is called: GTIN, lot and serial as a GS1 Digital Link, or a code for growers who have no GTIN.

The grower's code is our proposal, in the spirit of DB45/T 2857-2024: `XT`, the grower's USCC (统一社会信用代码), six
digits of product (NY/T 3177), the day as yyMMdd, six digits of serial, and a check character over all before it, made
as that of a USCC (GB 32100-2015): weights 3^i modulo 31, over digits and letters without I, O, S, V and Z.
`T` is in that alphabet and so is `X`.
"""

import re
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct

from control.traceability.identifiers import HOST, check_digit

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_GROWER = re.compile(r"XT[0-9A-HJ-NPQRTUWXY]{18}[0-9]{18}[0-9A-HJ-NPQRTUWXY]")

Part = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!\"%&'()*+,\-.:;<=>?_]{1,20}$")]
"""A lot or a serial number: 20 characters of GS1's set 82 but `/`, which an address loses."""


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing by GTIN (14 digits), lot and serial."""

    gtin: Annotated[str, Meta(pattern="^[0-9]{14}$")]
    lot: Part
    serial: Part


def link(item: Item) -> str:
    """Return the canonical Digital Link, which is the name of a passport.

    >>> link(Item(gtin="06901234567892", lot="L+1", serial="7"))
    'https://id.gs1.org/01/06901234567892/10/L%2B1/21/7'
    """
    return f"{HOST}/01/{item.gtin}/10/{quote(item.lot, safe='')}/21/{quote(item.serial, safe='')}"


def path_of(name: str) -> str:
    """Return the path under which a passport is found, from its name: a Digital Link's own, or `p/` and the code.

    >>> path_of("https://id.gs1.org/01/06901234567892/10/L%2B1/21/7")
    '01/06901234567892/10/L%2B1/21/7'
    """
    return name.removeprefix(f"{HOST}/") if name.startswith(HOST) else f"p/{name}"


def name_at(path: str) -> str | None:
    """Return the name that a path stands for, once its `%` are decoded; None when it is of another form.

    >>> name_at("01/06901234567892/10/L+1/21/7")
    'https://id.gs1.org/01/06901234567892/10/L%2B1/21/7'
    >>> name_at("p/XT1"), name_at("01/1/21/7")
    ('XT1', None)
    """
    match path.split("/"):
        case ["01", gtin, "10", lot, "21", serial]:
            return link(Item(gtin=gtin, lot=lot, serial=serial))
        case ["p", code]:
            return code
        case _:
            return None


def is_item(item: Item) -> bool:
    """Whether the check digit of its GTIN is right, and lot and serial are no steps (`.`, `..`) of an address."""
    return check_digit(item.gtin[:13]) == item.gtin[13] and not {item.lot, item.serial} & {".", ".."}


def check_character(body: str) -> str:
    """Return the character that ends a code (or a USCC) with this body.

    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(body))
    return ALPHABET[-total % 31]


def grower_code(uscc: str, product: str, day: str, serial: int) -> str:
    """Return a grower's code; `day` is yyMMdd, `serial` 0 to 999,999.

    >>> grower_code("91350100M000100Y43", "010701", "260301", 12)[:26]
    'XT91350100M000100Y43010701'
    """
    body = f"XT{uscc}{product}{day}{serial:06}"
    return body + check_character(body)


def uscc_of(code: str) -> str:
    """Return the USCC in a grower's code."""
    return code[2:20]


def is_grower_code(code: str) -> bool:
    """Whether a code has the form and both its check characters are right: of the code, and of the USCC within."""
    return (
        _GROWER.fullmatch(code) is not None
        and check_character(code[:-1]) == code[-1]
        and check_character(code[2:19]) == code[19]
    )
