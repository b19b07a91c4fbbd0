"""The corpus of a scale: loads with their truth. `docs/reference/corpus.md` says what stands in the file."""

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.physics.platform import Vibration
from firmware_sim.physics.thermal import Positive

VERSION = 1
Share = Annotated[float, Meta(ge=0, le=1)]
Between = tuple[float, float]
"""From, to."""


class LoadSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What scales are like, and how parcels come to them. Where no source is named a value is assumed.

    Loads come in runs of `run` on one scale, drawn for it: its division, how often it speaks, whether it tells when
    it stands still (`flagged`), what shakes it, and how far its zero wanders. Amplitudes are those after the
    indicator's filter: whoever installs a scale sets the filter until the display stands still while the belt runs.
    Creep is that of a class C3 cell, half of the 0.02 % of OIML R 60 in half an hour.

    A parcel moves onto the platform in `ramp_s`, rests there for `rest_s`, and moves off as slowly. Then the platform
    is empty for `gap_s`; with `close`, only for `close_s`; with `overlap`, the next parcel comes before this one has
    left, early or late by `offset` of its ramp. `again`: it weighs exactly what the one before did. `hasty` parcels
    rest for `hasty_s`, too short to be weighed; `light` ones weigh `light_divisions`; `heavy` ones more than the
    maximum.
    """

    run: Annotated[int, Meta(ge=1, le=1000)] = 50
    capacity_kg: Positive = 60.0
    divisions_kg: Annotated[tuple[float, ...], Meta(min_length=1)] = (0.005, 0.01, 0.02)
    rates_hz: Annotated[tuple[float, ...], Meta(min_length=1)] = (10.0, 12.5, 20.0)
    flagged: Share = 0.6
    noise_divisions: Annotated[float, Meta(ge=0, le=1)] = 0.05
    belt_divisions: Between = (0.0, 0.2)
    belt_hz: Between = (10.0, 25.0)
    floor_divisions: Between = (0.0, 0.15)
    floor_hz: Between = (1.0, 5.0)
    wander_divisions: Between = (0.0, 3.0)
    creep_share: Annotated[float, Meta(ge=0, le=0.001)] = 0.0001
    lightest_kg: Positive = 0.5
    heaviest_kg: Positive = 30.0
    ramp_s: Between = (0.3, 0.8)
    rest_s: Between = (3.0, 5.5)
    gap_s: Between = (0.8, 3.0)
    close: Share = 0.25
    close_s: Between = (0.15, 0.5)
    overlap: Share = 0.05
    offset: Between = (0.3, 0.9)
    again: Share = 0.1
    hasty: Share = 0.01
    hasty_s: Between = (0.0, 0.3)
    light: Share = 0.01
    light_divisions: Between = (3.0, 15.0)
    heavy: Share = 0.005


class Load(Struct, frozen=True, kw_only=True):
    """What really stood on the scale. Seconds since its run began.

    It rested wholly on the platform from `rests_s` to `leaves_s`. `comes` says how it followed the load before: after a
    gap (`plain`), a short one (`close`), or none (`overlap`). `kind`: parcel, hasty, light, or heavy.
    """

    kind: str
    comes: str
    again: bool
    mass_kg: float
    placed_s: float
    rests_s: float
    leaves_s: float
    removed_s: float


class Frame(Struct, frozen=True, array_like=True):
    """What the scale said: `[at_s, gross_kg, stable]`.

    `gross_kg` is absent when the display is blank, `stable` when the scale does not tell.
    """

    at_s: float
    gross_kg: float | None
    stable: bool | None


class Run(Struct, frozen=True, kw_only=True):
    """Loads on one scale, one after the other, with everything it said meanwhile."""

    number: int
    division_kg: float
    capacity_kg: float
    rate_hz: float
    flagged: bool
    loads: tuple[Load, ...]
    frames: tuple[Frame, ...]


class LoadsHeader(Struct, frozen=True, kw_only=True, tag_field="corpus", tag="loads"):
    """The first line: how the rest was made."""

    version: int
    seed: int
    count: int
    settings: LoadSettings


def loads(settings: LoadSettings, seed: int, count: int) -> Iterator[Run]:
    """Yield runs with `count` loads together. The same settings and seed give the same ones."""
    dice = Random(f"{seed}/loads")  # noqa: S311 - a simulation must be repeatable, not unguessable
    for number in itertools.count(1):
        left = count - (number - 1) * settings.run
        if left <= 0:
            return
        yield _run(settings, dice, number, min(left, settings.run))


def loads_lines(settings: LoadSettings, seed: int, count: int) -> Iterator[bytes]:
    """Yield the lines of a corpus file, without their ends."""
    yield msgspec.json.encode(LoadsHeader(version=VERSION, seed=seed, count=count, settings=settings))
    yield from map(msgspec.json.encode, loads(settings, seed, count))


def _run(settings: LoadSettings, dice: Random, number: int, count: int) -> Run:
    platform = Platform(
        capacity_kg=settings.capacity_kg,
        division_kg=dice.choice(settings.divisions_kg),
        noise_divisions=settings.noise_divisions,
        vibration=Vibration(
            belt_divisions=dice.uniform(*settings.belt_divisions),
            belt_hz=dice.uniform(*settings.belt_hz),
            floor_divisions=dice.uniform(*settings.floor_divisions),
            floor_hz=dice.uniform(*settings.floor_hz),
        ),
        creep_share=settings.creep_share,
        wander_divisions=dice.uniform(*settings.wander_divisions),
        track_zero=True,
    )
    rate_hz, flagged = dice.choice(settings.rates_hz), dice.random() < settings.flagged
    truth = tuple(_loads(settings, dice, platform, count))
    return Run(
        number=number,
        division_kg=platform.division_kg,
        capacity_kg=platform.capacity_kg,
        rate_hz=rate_hz,
        flagged=flagged,
        loads=truth,
        frames=tuple(_frames(Scale(platform, dice), truth, rate_hz, flagged=flagged)),
    )


def _loads(settings: LoadSettings, dice: Random, platform: Platform, count: int) -> Iterator[Load]:
    """Yield loads in the order in which they come."""
    comes, placed_s, before_kg = "plain", 2.0, 0.0
    for _ in range(count):
        kind = dice.choices(
            ("hasty", "light", "heavy", "parcel"),
            (settings.hasty, settings.light, settings.heavy, 1 - settings.hasty - settings.light - settings.heavy),
        )[0]
        again = kind == "parcel" and before_kg > 0 and dice.random() < settings.again
        mass_kg = before_kg if again else _mass_kg(settings, dice, platform, kind)
        rests_s = placed_s + dice.uniform(*settings.ramp_s)
        leaves_s = rests_s + dice.uniform(*(settings.hasty_s if kind == "hasty" else settings.rest_s))
        removed_s = leaves_s + dice.uniform(*settings.ramp_s)
        yield Load(
            kind=kind,
            comes=comes,
            again=again,
            mass_kg=round(mass_kg, 6),
            placed_s=round(placed_s, 3),
            rests_s=round(rests_s, 3),
            leaves_s=round(leaves_s, 3),
            removed_s=round(removed_s, 3),
        )
        before_kg = mass_kg if kind == "parcel" else 0.0
        comes = _comes(settings, dice) if kind == "parcel" else "plain"
        placed_s = _next_s(settings, dice, comes, leaves_s, removed_s)


def _mass_kg(settings: LoadSettings, dice: Random, platform: Platform, kind: str) -> float:
    if kind == "light":
        return dice.uniform(*settings.light_divisions) * platform.division_kg
    if kind == "heavy":
        return platform.capacity_kg * dice.uniform(1.05, 1.3)
    return dice.uniform(settings.lightest_kg, settings.heaviest_kg)


def _comes(settings: LoadSettings, dice: Random) -> str:
    plain = 1 - settings.overlap - settings.close
    return dice.choices(("overlap", "close", "plain"), (settings.overlap, settings.close, plain))[0]


def _next_s(settings: LoadSettings, dice: Random, comes: str, leaves_s: float, removed_s: float) -> float:
    """Return when the next load begins to come."""
    if comes == "plain":
        return removed_s + dice.uniform(*settings.gap_s)
    if comes == "close":
        return removed_s + dice.uniform(*settings.close_s)
    early = -1 if dice.random() < 0.5 else 1
    return leaves_s + early * dice.uniform(*settings.offset) * (removed_s - leaves_s)


def _frames(scale: Scale, truth: Sequence[Load], rate_hz: float, *, flagged: bool) -> Iterator[Frame]:
    """Yield what the scale says from 2 s before the first load to 2 s after the last."""
    coming, there = iter(truth), list[Load]()
    following = next(coming, None)
    end_s = truth[-1].removed_s + 2.0
    for tick in range(int(end_s * rate_hz)):
        now_s = tick / rate_hz
        while following is not None and following.placed_s <= now_s:
            there.append(following)
            following = next(coming, None)
        there = [load for load in there if load.removed_s > now_s]
        load_kg = sum(_share(load, now_s) * load.mass_kg for load in there)
        scale.update(now_s, {"load_kg": load_kg, "disturbance": 0.0, "overload": 0.0})
        shown = scale.weighing()
        blank = shown.overload or shown.underload
        yield Frame(round(now_s, 3), None if blank else shown.gross_kg, shown.stable if flagged else None)


def _share(load: Load, now_s: float) -> float:
    """Return how much of a load is on the platform."""
    if now_s < load.rests_s:
        return (now_s - load.placed_s) / (load.rests_s - load.placed_s)
    if now_s > load.leaves_s:
        return (load.removed_s - now_s) / (load.removed_s - load.leaves_s)
    return 1.0
