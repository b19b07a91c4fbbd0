"""Quantities and amounts as customs' messages have them: exact, 19 digits with 5 behind the point (N19,5)."""

from decimal import Decimal

from coldport.errors import RefusedError

DECIMALS = 5
DIGITS = 14
"""Before the point."""


def check_quantity(quantity: Decimal, *, zero: bool = False) -> None:
    """Raise RefusedError unless `quantity` is a number of that form and more than nothing; with `zero`, or nothing.

    >>> check_quantity(Decimal("0.5"))
    """
    exponent = quantity.as_tuple().exponent
    if not isinstance(exponent, int):
        raise RefusedError(f"{quantity} is no quantity")
    if -exponent > DECIMALS or exponent > DIGITS or quantity.adjusted() >= DIGITS:
        raise RefusedError(f"a quantity has at most {DIGITS} digits and {DECIMALS} decimal places")
    if quantity < 0 or (not zero and not quantity):
        raise RefusedError("a quantity is more than nothing")
