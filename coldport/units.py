"""Canonical units. Inside the system a temperature is in degrees Celsius, a mass in kilograms, a time in seconds."""

from typing import NewType

Celsius = NewType("Celsius", float)
Percent = NewType("Percent", float)
Kilograms = NewType("Kilograms", float)
Seconds = NewType("Seconds", float)


def celsius_from_fahrenheit(value_f: float) -> Celsius:
    """Convert a temperature given in degrees Fahrenheit.

    >>> celsius_from_fahrenheit(-40.0)
    -40.0
    """
    return Celsius((value_f - 32.0) / 1.8)
