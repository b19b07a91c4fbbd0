"""GS1 identifiers in both ways of writing them: EPC URN and GS1 Digital Link.

The Digital Link is the form everything is matched by, because a URN needs to know how long the company's prefix is and
a label does not say. Sources: EPC Tag Data Standard 2.0 section 6.3 (URN), GS1 Digital Link 1.2 section 4.11
(canonical form), CBV 2.0 section 8.9 rule 18 (which keys and qualifiers a canonical form may have), GS1 General
Specifications section 7.9 (check digit).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

HOST = "https://id.gs1.org"

_NAMES: Mapping[str, str] = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
"""Names that Digital Links of version 1.0 could have in place of numbers."""

_TEXT = r"[^/?#\s]"
_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "00": (r"\d{18}", ()),
    "01": (r"\d{14}", ("21", "10", "235")),
    "253": (rf"\d{{13}}{_TEXT}{{0,17}}", ()),
    "255": (r"\d{13,25}", ()),
    "401": (rf"{_TEXT}{{1,30}}", ()),
    "402": (r"\d{17}", ()),
    "414": (r"\d{13}", ("254",)),
    "417": (r"\d{13}", ()),
    "8003": (rf"\d{{14}}{_TEXT}{{0,16}}", ()),
    "8004": (rf"{_TEXT}{{4,30}}", ()),
    "8006": (r"\d{18}", ("21", "10")),
    "8010": (rf"{_TEXT}{{4,30}}", ("8011",)),
    "8017": (r"\d{18}", ()),
    "8018": (r"\d{18}", ()),
}
"""Each key, what its value looks like, and its qualifiers, the finest first: only the finest given one is kept."""

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")
_ENCODED = {ord(sign): f"%{ord(sign):02X}" for sign in "!()*+,:"}
"""Signs that a URN may have and a Digital Link has encoded."""


def check_digit(digits: str) -> str:
    """Return the check digit of a GS1 key without it.

    >>> check_digit("10614141234567890"), check_digit("690123456789"), check_digit("401234500005")
    ('8', '2', '4')
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


@lru_cache(maxsize=65_536)
def canonical(uri: str) -> str | None:
    """Return the canonical Digital Link of an EPC URN, class URN, pattern or Digital Link; None of any other text.

    A pattern that leaves out more than the serial number (`…:0614141.*.*`) names no class and has none.

    >>> canonical("urn:epc:id:sgtin:0614141.812345.6789")
    'https://id.gs1.org/01/80614141123458/21/6789'
    >>> canonical("https://shop.example/gtin/614141123452/lot/A?x=1")
    'https://id.gs1.org/01/00614141123452/10/A'
    """
    if uri.startswith("urn:epc:"):
        return _of_urn(uri)
    if uri.startswith(("http://", "https://")):
        return _of_link(uri)
    return None


def matched(uri: str) -> str:
    """Return what an identifier is stored and looked for as: its canonical form where it has one, itself otherwise."""
    return canonical(uri) or uri


def epc_urn(link: str, prefix_digits: int) -> str | None:
    """Return the EPC URN of a canonical Digital Link whose company prefix has `prefix_digits` (6 to 12).

    None for a link that names a class, and for keys with no numeric prefix to be cut (AI 401, 8004, 8010 are cut
    alike).

    >>> epc_urn("https://id.gs1.org/00/106141412345678908", 7)
    'urn:epc:id:sscc:0614141.1234567890'
    """
    parts = link.removeprefix(f"{HOST}/").split("/")
    write = _URN_OF.get(tuple(parts[::2]))
    return write(parts[1::2], prefix_digits) if write else None


def _of_urn(urn: str) -> str | None:
    found = _URN.fullmatch(urn)
    rule = _LINK_OF.get((found[1], found[2])) if found else None
    if found is None or rule is None:
        return None
    key_digits, parts, write = rule
    fields = found[3].split(".", parts - 1)
    if len(fields) != parts or not re.fullmatch(r"\d{6,12}", fields[0]):
        return None
    key = fields[0] + fields[1]
    if (key_digits and not (len(key) == key_digits and key.isdigit())) or not _ends_well(found[1], found[2], fields):
        return None
    if found[1] == "idpat":
        fields[-1] = ""
    return HOST + write(*(field.translate(_ENCODED) for field in fields))


def _ends_well(kind: str, scheme: str, fields: list[str]) -> bool:
    """Say whether a pattern leaves its serial open and nothing else, and any other URN has one."""
    if kind == "idpat":
        return fields[-1] == "*" and "*" not in "".join(fields[:-1])
    return bool(fields[-1]) or scheme in {"sgln", "pgln"}


def _of_link(link: str) -> str | None:
    steps = re.split(r"[?#]", link, maxsplit=1)[0].rstrip("/").split("/")[3:]
    steps = [_NAMES.get(step, step) if place % 2 == len(steps) % 2 else step for place, step in enumerate(steps)]
    for start in range(len(steps) % 2, len(steps), 2):
        if steps[start] in _KEYS:
            return _constrained(steps[start], steps[start + 1], steps[start + 2 :])
    return None


def _constrained(key: str, value: str, rest: list[str]) -> str | None:
    pattern, finest_first = _KEYS[key]
    if key == "01" and value.isdigit() and len(value) in {8, 12, 13}:
        value = value.zfill(14)
    if not re.fullmatch(pattern, value):
        return None
    given = dict(zip(rest[::2], rest[1::2], strict=False))
    for qualifier in finest_first:
        if given.get(qualifier):
            return f"{HOST}/{key}/{value}/{qualifier}/{given[qualifier]}"
    return f"{HOST}/{key}/{value}"


def _gtin(prefix: str, item: str) -> str:
    digits = item[0] + prefix + item[1:]
    return digits + check_digit(digits)


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


def _maybe(qualifier: str, value: str) -> str:
    return f"/{qualifier}/{value}" if value else ""


Write = Callable[..., str]

_SCHEMES: Mapping[str, tuple[int, int, Write]] = {
    "sgtin": (13, 3, lambda p, i, s: f"/01/{_gtin(p, i)}{_maybe('21', s)}"),
    "upui": (13, 3, lambda p, i, s: f"/01/{_gtin(p, i)}{_maybe('235', s)}"),
    "itip": (13, 5, lambda p, i, n, of, s: f"/8006/{_gtin(p, i)}{n}{of}{_maybe('21', s)}"),
    "sscc": (17, 2, lambda p, r: f"/00/{_checked(r[0] + p + r[1:])}"),
    "sgln": (12, 3, lambda p, r, e: f"/414/{_checked(p + r)}{_maybe('254', '' if e == '0' else e)}"),
    "pgln": (12, 2, lambda p, r: f"/417/{_checked(p + r)}"),
    "grai": (12, 3, lambda p, r, s: f"/8003/{_checked('0' + p + r)}{s}"),
    "giai": (0, 2, lambda p, r: f"/8004/{p}{r}"),
    "gsrn": (17, 2, lambda p, r: f"/8018/{_checked(p + r)}"),
    "gsrnp": (17, 2, lambda p, r: f"/8017/{_checked(p + r)}"),
    "gdti": (12, 3, lambda p, r, s: f"/253/{_checked(p + r)}{s}"),
    "sgcn": (12, 3, lambda p, r, s: f"/255/{_checked(p + r)}{s}"),
    "cpi": (0, 3, lambda p, r, s: f"/8010/{p}{r}{_maybe('8011', s)}"),
    "ginc": (0, 2, lambda p, r: f"/401/{p}{r}"),
    "gsin": (16, 2, lambda p, r: f"/402/{_checked(p + r)}"),
}
"""By scheme: digits of prefix and reference together (0: not only digits), how many parts, the path."""

_LINK_OF: Mapping[tuple[str, str], tuple[int, int, Write]] = {
    **{("id", scheme): rule for scheme, rule in _SCHEMES.items()},
    **{("idpat", s): _SCHEMES[s] for s in ("sgtin", "grai", "gdti", "sgcn", "cpi", "itip", "upui")},
    ("class", "lgtin"): (13, 3, lambda p, i, lot: f"/01/{_gtin(p, i)}/10/{lot}"),
}


def _item(gtin: str, n: int) -> str:
    return f"{gtin[1 : n + 1]}.{gtin[0]}{gtin[n + 1 : 13]}"


_URN_OF: Mapping[tuple[str, ...], Callable[[list[str], int], str]] = {
    ("01", "21"): lambda v, n: f"urn:epc:id:sgtin:{_item(v[0], n)}.{v[1]}",
    ("01", "10"): lambda v, n: f"urn:epc:class:lgtin:{_item(v[0], n)}.{v[1]}",
    ("01",): lambda v, n: f"urn:epc:idpat:sgtin:{_item(v[0], n)}.*",
    ("00",): lambda v, n: f"urn:epc:id:sscc:{v[0][1 : n + 1]}.{v[0][0]}{v[0][n + 1 : 17]}",
    ("414",): lambda v, n: f"urn:epc:id:sgln:{v[0][:n]}.{v[0][n:12]}.0",
    ("414", "254"): lambda v, n: f"urn:epc:id:sgln:{v[0][:n]}.{v[0][n:12]}.{v[1]}",
    ("417",): lambda v, n: f"urn:epc:id:pgln:{v[0][:n]}.{v[0][n:12]}",
    ("8003",): lambda v, n: f"urn:epc:id:grai:{v[0][1 : n + 1]}.{v[0][n + 1 : 13]}.{v[0][14:]}",
    ("8004",): lambda v, n: f"urn:epc:id:giai:{v[0][:n]}.{v[0][n:]}",
    ("253",): lambda v, n: f"urn:epc:id:gdti:{v[0][:n]}.{v[0][n:12]}.{v[0][13:]}",
}
