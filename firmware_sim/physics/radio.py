"""The radio of a passive UHF tag: what reaches its chip, what comes back to the reader, and whether it is heard.

The two-way budget in decibels follows Griffin and Durgin, "Complete Link Budgets for Backscatter-Radio and RFID
Systems" (IEEE Antennas and Propagation Magazine 51-2, 2009): the way there decides whether the chip wakes, the way
there and back how loud it is. Monostatic: one antenna sends and hears, so whatever weakens one way weakens the other
as much.

Axes of a gate: x through it, from outside (negative) to inside; y across it; z up. Metres.
"""

import math
from typing import Annotated, Protocol

from msgspec import Meta, Struct

LIGHT_M_PER_US = 299.792_458
Decibels = Annotated[float, Meta(ge=0, le=60)]


class RadioDice(Protocol):
    """The part of `random.Random` that radio needs."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        ...

    def uniform(self, a: float, b: float) -> float:
        """Return a number between `a` and `b`."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """Return a normally distributed number."""
        ...


class Antenna(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an antenna hangs and where it looks: `yaw_deg` from straight across the lane, positive to the inside."""

    x_m: float
    y_m: float
    z_m: Annotated[float, Meta(gt=0)] = 1.4
    yaw_deg: Annotated[float, Meta(ge=-90, le=90)] = 0.0


class Radio(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader's and the tags' share of the budget.

    `frequency_mhz` is the middle of the Chinese band (920.5 to 924.5). `tx_dbm` into antennas of `gain_dbi` is 2 dB
    below the 2 W ERP allowed there: gates are turned down until they stop hearing the shelves (assumed). A beam of
    `beam_deg` is that of common 6 dBi patches; behind them `back_db` less is heard (data sheets: 18 to 25).
    `polarisation_db`: a circular antenna and a linear tag. `sensitivity_dbm` is that of a chip (-17 dBm is common)
    less 3 dB for the carton behind it (assumed), `modulation_db` what backscatter costs (5 to 6). `floor_reflection`,
    `fading_k_db` (how much of the power comes straight) and `noise_db` are assumed for a hall with a concrete floor
    and racks. `slope_db`: how soft the edge of the field is.
    """

    frequency_mhz: Annotated[float, Meta(ge=800, le=1000)] = 922.5
    tx_dbm: Annotated[float, Meta(ge=10, le=33)] = 27.0
    gain_dbi: Annotated[float, Meta(ge=0, le=12)] = 6.0
    beam_deg: Annotated[float, Meta(ge=20, le=120)] = 70.0
    back_db: Decibels = 20.0
    polarisation_db: Decibels = 3.0
    tag_gain_dbi: Annotated[float, Meta(ge=-10, le=3)] = 2.0
    sensitivity_dbm: Annotated[float, Meta(ge=-30, le=0)] = -14.0
    modulation_db: Decibels = 6.0
    floor_reflection: Annotated[float, Meta(ge=0, lt=1)] = 0.3
    fading_k_db: Annotated[float, Meta(ge=-10, le=30)] = 6.0
    noise_db: Annotated[float, Meta(ge=0, le=6)] = 0.5
    slope_db: Annotated[float, Meta(gt=0, le=6)] = 1.0


def pattern_db(radio: Radio, cosine: float) -> float:
    """Return how much less than straight ahead an antenna hears at an angle, as cos^n; never above 0.

    n is what makes the half-power points lie `beam_deg` apart; behind the antenna, and wherever the formula gives less,
    the back lobe is left.
    """
    if cosine <= 0:
        return -radio.back_db
    exponent = math.log(0.5) / math.log(math.cos(math.radians(radio.beam_deg / 2)))
    return max(10 * exponent * math.log10(cosine), -radio.back_db)


def path_db(radio: Radio, straight_m: float, reflected_m: float) -> float:
    """Return the gain (negative) of one way through the air: the straight ray and the one off the floor."""
    wavelength_m = LIGHT_M_PER_US / radio.frequency_mhz
    turn = 2 * math.pi * (reflected_m - straight_m) / wavelength_m
    bounced = radio.floor_reflection * straight_m / reflected_m  # in antiphase: the field turns over at the floor
    both = math.hypot(1 - bounced * math.cos(turn), bounced * math.sin(turn))
    return 20 * math.log10(wavelength_m / (4 * math.pi * straight_m)) + 20 * math.log10(both)


def power_at_tag_dbm(radio: Radio, antenna: Antenna, x_m: float, y_m: float, z_m: float) -> float:
    """Return what reaches the chip of a tag that faces the antenna, with nothing in between and no fading."""
    along, across, up = x_m - antenna.x_m, y_m - antenna.y_m, z_m - antenna.z_m
    straight_m = max(0.1, math.sqrt(along * along + across * across + up * up))  # closer is near field: no budget
    reflected_m = max(straight_m, math.sqrt(along * along + across * across + (z_m + antenna.z_m) ** 2))
    yaw = math.radians(antenna.yaw_deg)
    ahead = along * math.sin(yaw) - math.copysign(1.0, antenna.y_m) * across * math.cos(yaw)
    gains_db = radio.gain_dbi + pattern_db(radio, ahead / straight_m) - radio.polarisation_db + radio.tag_gain_dbi
    return radio.tx_dbm + gains_db + path_db(radio, straight_m, reflected_m)


def rssi_dbm(radio: Radio, power_at_tag: float) -> float:
    """Return how loud a tag is at the reader when so much reaches its chip: every loss counts once more."""
    return 2 * power_at_tag - radio.tx_dbm - radio.modulation_db


def power_for_rssi_dbm(radio: Radio, rssi: float) -> float:
    """Return what must reach the chip of a tag that is as loud as this: the inverse of `rssi_dbm`."""
    return (rssi + radio.tx_dbm + radio.modulation_db) / 2


def orientation_db(dice: RadioDice) -> float:
    """Return what a tag loses by how its dipole lies to an antenna: any direction is as likely; at most 15 dB.

    A dipole hears 1 - u² of what comes at the cosine u to its axis; the rest of a real tag fills the null.
    """
    cosine = dice.uniform(-1.0, 1.0)
    return -10 * math.log10(max(1 - cosine * cosine, 10**-1.5))


def fade_db(radio: Radio, dice: RadioDice) -> float:
    """Return what echoes add or take at one spot, one way: Rician, the mean power unchanged."""
    k = 10 ** (radio.fading_k_db / 10)
    straight, spread = math.sqrt(k / (k + 1)), math.sqrt(0.5 / (k + 1))
    power = (straight + dice.gauss(0, spread)) ** 2 + dice.gauss(0, spread) ** 2
    return 10 * math.log10(max(power, 1e-4))


def threshold_dbm(radio: Radio, dice: RadioDice) -> float:
    """Return what must reach the chip this time. The probability to be read is a logistic of the margin in dB."""
    chance = min(max(dice.random(), 1e-9), 1 - 1e-9)
    return radio.sensitivity_dbm + radio.slope_db * math.log(chance / (1 - chance))
