"""What a barcode label says: the text of a scanner in, GS1 keys, lot, serial number and weight out.

Source: GS1 General Specifications, chapters 3 (application identifiers) and 7.8 (FNC1, sent as the character GS, hex
1D); ISO/IEC 15424 (symbology identifiers, `]C1` in front of the text). The tables are those of `biip`.
"""

from dataclasses import dataclass
from decimal import Decimal

import biip
from biip.gs1_element_strings import GS1ElementString

from edge.protocols.framing import FrameError

TEXT_LIMIT = 256
"""Characters of a scan. A GS1-128 symbol holds 48, a DataMatrix label of ours some 100."""

FNC1 = "\x1d"
_FIRST = ("00", "01", "02")
"""What a label without symbology identifier or FNC1 must begin with to be taken for a GS1 message: a logistic unit, a
trade item, or its contents. Anything else could be any company's own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a label names. `gtin` has 14 digits, `sscc` 18, check digits verified; weights are as printed, in kg."""

    gtin: str | None = None
    sscc: str | None = None
    contents_gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    net_kg: Decimal | None = None
    gross_kg: Decimal | None = None


def read_label(text: str) -> Label:
    """Read what a scanner sent, line end removed.

    Raises:
        FrameError: `too-long`; `check-digit`: a key is there and its check digit is wrong; `not-gs1`: it is none of
            this, or does not say so.
    """
    if len(text) > TEXT_LIMIT:
        raise FrameError("too-long", f"a scan of {len(text)} characters")
    try:
        found = biip.parse(text)
    except (biip.ParseError, IndexError, ValueError) as error:  # biip 5.2 lets a lone "]" and "https://]" through
        raise FrameError("not-gs1", str(error)) from error
    said_so = text.startswith(FNC1) or (found.symbology_identifier and found.symbology_identifier.gs1_symbology)
    elements = found.gs1_message.element_strings if found.gs1_message else []
    if elements and (said_so or elements[0].ai.ai in _FIRST):
        return _label(elements)
    if found.gtin:
        return Label(gtin=found.gtin.as_gtin_14())
    if found.sscc:
        return Label(sscc=found.sscc.value)
    raise FrameError("not-gs1", f"{text!r} is no GS1 key and no GS1 message")


def _label(elements: list[GS1ElementString]) -> Label:
    values: dict[str, str] = {}
    weights: dict[str, Decimal] = {}
    for element in elements:
        identifier = element.ai.ai
        if element.gtin_error or element.sscc_error:
            raise FrameError("check-digit", str(element.gtin_error or element.sscc_error))
        if element.decimal is not None:
            weights[identifier[:3]] = element.decimal  # the fourth digit only says where the decimal point is
        values[identifier] = element.value
    return Label(
        gtin=values.get("01"),
        sscc=values.get("00"),
        contents_gtin=values.get("02"),
        lot=values.get("10"),
        serial=values.get("21"),
        net_kg=weights.get("310"),
        gross_kg=weights.get("330"),
    )
