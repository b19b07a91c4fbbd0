"""What a simulated scale can speak, and which core speaks it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial

from firmware_sim.devices.scale import OVERLOAD_DIVISIONS, Platform, Scale
from firmware_sim.faults import Faults
from firmware_sim.servers import cas, st_gs, toledo, yaohua, yaohua_text
from firmware_sim.servers.core import Core
from firmware_sim.servers.display import Continuous, Frame, Keyed
from firmware_sim.servers.sics import SicsTerminal

DIGITS_LIMIT = 6
"""What the narrowest of the dialects has room for."""

LARGEST_EXPONENT = 2
"""Divisions of hundreds of kilograms are the largest for which the Toledo frame has a code."""


class Dialect(StrEnum):
    """The dialects."""

    MT_SICS = "mt-sics"
    TOLEDO_CONTINUOUS = "toledo-continuous"
    TOLEDO_CONTINUOUS_NO_CHECKSUM = "toledo-continuous-no-checksum"
    YAOHUA_TF0 = "yaohua-tf0"
    YAOHUA_TF1 = "yaohua-tf1"
    YAOHUA_TF1_EIGHT_DIGITS = "yaohua-tf1-8"
    YAOHUA_REVERSED = "yaohua-reversed"
    YAOHUA_FORWARD = "yaohua-forward"
    YAOHUA_A12 = "yaohua-a12"
    A_AND_D = "and-st-gs"
    CAS_22 = "cas-22"
    CAS_10 = "cas-10"
    CAS_COMMANDS = "cas-commands"
    DINI_ARGEO = "dini-argeo"
    TSCALE = "tscale"
    JADEVER = "jadever"


CHECKED = frozenset(
    {
        Dialect.TOLEDO_CONTINUOUS,
        Dialect.YAOHUA_TF0,
        Dialect.YAOHUA_TF1,
        Dialect.YAOHUA_TF1_EIGHT_DIGITS,
        Dialect.YAOHUA_A12,
    }
)
"""The dialects whose frames carry a checksum; in the others a wrong bit is a wrong weight, which nobody can notice."""

_DECIMALS = {
    Dialect.YAOHUA_TF0: yaohua.DECIMALS_LIMIT,
    Dialect.YAOHUA_TF1: yaohua.DECIMALS_LIMIT,
    Dialect.YAOHUA_TF1_EIGHT_DIGITS: yaohua.DECIMALS_LIMIT,
}
_DECIMALS_ELSEWHERE = 5

_FRAMES: Mapping[Dialect, Frame] = {
    Dialect.YAOHUA_TF0: yaohua.continuous,
    Dialect.YAOHUA_REVERSED: yaohua_text.backwards,
    Dialect.YAOHUA_FORWARD: yaohua_text.forwards,
    Dialect.YAOHUA_A12: yaohua_text.a12,
    Dialect.CAS_10: cas.short_frame,
    Dialect.DINI_ARGEO: st_gs.dini_argeo,
    Dialect.TSCALE: st_gs.tscale,
    Dialect.JADEVER: st_gs.jadever,
}
_TALKERS: Mapping[Dialect, Callable[[str, Scale, Faults], Core]] = {
    Dialect.MT_SICS: lambda name, scale, faults: SicsTerminal(name, name.upper(), scale, faults),
    Dialect.TOLEDO_CONTINUOUS: toledo.ToledoContinuous,
    Dialect.TOLEDO_CONTINUOUS_NO_CHECKSUM: partial(toledo.ToledoContinuous, with_checksum=False),
    Dialect.YAOHUA_TF1: yaohua.YaohuaCommands,
    Dialect.YAOHUA_TF1_EIGHT_DIGITS: partial(yaohua.YaohuaCommands, weight_digits=8),
    Dialect.A_AND_D: partial(Keyed, frame=st_gs.a_and_d, keys=st_gs.A_AND_D_KEYS),
    Dialect.CAS_22: partial(Keyed, frame=cas.long_frame, keys=cas.KEYS),
    Dialect.CAS_COMMANDS: cas.CasCommands,
}


def speaking(dialect: Dialect, name: str, scale: Scale, faults: Faults) -> Core:
    """Return the core of a scale; `name` is the name under which it can be broken."""
    if dialect in _FRAMES:
        return Continuous(name, scale, faults, _FRAMES[dialect])
    return _TALKERS[dialect](name, scale, faults)


def misfit(dialect: Dialect, platform: Platform) -> str | None:
    """Return why a dialect cannot say what a platform can weigh; None when it can."""
    decimals = _DECIMALS.get(dialect, _DECIMALS_ELSEWHERE)
    if platform.decimals > decimals or platform.exponent > LARGEST_EXPONENT or platform.division_digit not in (1, 2, 5):
        return f"a division is 1, 2 or 5, up to hundreds of kilograms, with up to {decimals} decimals"
    most = platform.capacity_kg + OVERLOAD_DIVISIONS * platform.division_kg
    if len(f"{most:.{platform.decimals}f}".replace(".", "")) > DIGITS_LIMIT:
        return (
            f"{dialect} has {DIGITS_LIMIT} digits, too few for {platform.capacity_kg} kg by {platform.division_kg} kg"
        )
    return None
