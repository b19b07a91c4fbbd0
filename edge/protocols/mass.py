"""Mass units as scales print them, to kilograms, without the rounding of binary fractions."""

from decimal import Decimal

KILOGRAMS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "t": Decimal(1000),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}
"""Kilograms in one unit. Pound and ounce: international avoirdupois, exact by definition (NIST SP 811, appendix B)."""


def kilograms(shown: Decimal, unit: str) -> float | None:
    """Return what a scale shows, in kilograms; None when the unit is not one of mass (pieces, percent, newton).

    >>> kilograms(Decimal("12.345"), "kg"), kilograms(Decimal("250"), "g"), kilograms(Decimal(3), "pcs")
    (12.345, 0.25, None)
    """
    factor = KILOGRAMS.get(unit)
    return None if factor is None else float(shown * factor)
