"""What the text of a barcode says: the number by which a parcel is known. The tables of GS1 are those of `biip`."""

import biip

_FNC1 = "\x1d"


def parcel_number(code: str) -> str:
    """Return the number a label names: the SSCC of a GS1 label (General Specifications, 3.2), else the text itself.

    A carrier's waybill number (运单号) is any text of its own, so what is no SSCC is taken as it stands, without blanks
    around it and without a symbology identifier of plain Code 128 or QR.

    >>> parcel_number("00106141412345678908")
    '106141412345678908'
    >>> parcel_number(" SF1234567890 ")
    'SF1234567890'
    """
    text = code.strip().removeprefix(_FNC1)
    for plain in ("]C0", "]Q1"):
        text = text.removeprefix(plain)
    try:
        found = biip.parse(text)
    except (biip.ParseError, IndexError, ValueError):  # biip 5.2 lets a lone "]" through
        return text
    for element in found.gs1_message.element_strings if found.gs1_message else ():
        if element.ai.ai == "00" and element.sscc is not None:
            return element.sscc.value
    return text
