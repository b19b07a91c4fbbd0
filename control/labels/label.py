"""The labels of passports, 100 x 60 mm: what a thing is, whose, how to keep it, and the code that a phone reads."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from coldport.site import Band, ZoneClass
from control.labels.words import both, temperature_class
from control.passport.acts import PassportIssued
from control.passport.passports import name_of
from control.printing.typeset import print_pdf, qr_code

_TEMPLATE = Path(__file__).with_name("label.typ")


class Keep(Struct, frozen=True):
    """How a thing is to be kept."""

    zone_class: ZoneClass
    temperature_c: Band | None = None


class Label(Struct, frozen=True):
    """What is on one label; `address` is what its code leads to, and is printed below it."""

    issued: PassportIssued
    address: str
    keep: Keep | None = None


def print_labels(labels: Sequence[Label], made_at: datetime) -> bytes:
    """Return labels as PDF, one a page.

    Raises:
        RefusedError: A character in one has no shape in the font.
    """
    said = msgspec.json.encode([_said(label) for label in labels]).decode()
    return print_pdf(_TEMPLATE, {"labels": said}, made_at)


def _said(label: Label) -> dict[str, Any]:
    issued, keep = label.issued, label.keep
    item = issued.item
    facts = (
        [(both("lot"), item.lot), (both("serial"), item.serial)]
        if item is not None
        else [(both("code"), issued.code or "")]
    )
    if keep is not None:
        facts.append((both("keep"), f"{temperature_class(keep.zone_class)} {degrees(keep.temperature_c)}".strip()))
    return {
        "name": name_of(issued),
        "product": issued.product,
        "grower": issued.grower,
        "facts": facts,
        "address": label.address,
        "code": qr_code(label.address),
        "words": {"grower": both("grower")},
    }


def degrees(band: Band | None) -> str:
    """Return a range of temperatures as it is printed.

    >>> degrees(Band(low=2.0, high=8.0)), degrees(Band(high=-16.0)), degrees(None)
    ('2 ~ 8 °C', '≤ -16 °C', '')
    """
    if band is None or (band.low is None and band.high is None):
        return ""
    if band.low is None:
        return f"≤ {band.high:g} °C"
    if band.high is None:
        return f"≥ {band.low:g} °C"
    return f"{band.low:g} ~ {band.high:g} °C"
