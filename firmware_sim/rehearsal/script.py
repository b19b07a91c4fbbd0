"""A scenario file: which site, what happens to it and when, and what is expected of it.

`docs/reference/site-files.md` is made from these structures, and `docs/how-to/write-a-scenario.md` explains them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from coldport.check import refuse_broken
from coldport.ids import Id, PointId
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Site, load_site
from firmware_sim.rehearsal.expect import Expectation
from firmware_sim.scenario import HAPPENING_LIMIT, Happening, Scenario, impossible, load_scenario

LONGEST_S = 86_400.0
"""A day; a scenario that needs more is two."""

Seconds = Annotated[float, Meta(ge=0, le=LONGEST_S)]
Person = Annotated[str, Meta(min_length=1, max_length=60)]


class Outage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The broker is away from `at_s` on, for `for_s`."""

    at_s: Seconds
    for_s: Annotated[float, Meta(gt=0)]


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody commands an output; the command is good for `expires_s`."""

    at_s: Seconds
    point: Id
    value: float
    by: Person = "operator"
    expires_s: Annotated[float, Meta(gt=0, le=600)] = 10.0


class Acknowledgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody acknowledges the newest occurrence of an alarm."""

    at_s: Seconds
    definition: Id
    point: Id
    by: Person = "operator"


class Script(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scenario. `site` is a folder, seen from this file. Of its `simulation.toml` the timeline does not count.

    `lines` of the gateway are the only ones that are read, the fewer, the faster; leave them out to read all.
    `nothing_else`: an alarm that is not expected fails the scenario.
    """

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    site: str
    lasts_s: Annotated[float, Meta(gt=0, le=LONGEST_S)]
    seed: int | None = None
    lines: tuple[Id, ...] = ()
    timeline: Annotated[tuple[Happening, ...], Meta(max_length=HAPPENING_LIMIT)] = ()
    outages: Annotated[tuple[Outage, ...], Meta(max_length=100)] = ()
    orders: Annotated[tuple[Order, ...], Meta(max_length=1000)] = ()
    acknowledgements: Annotated[tuple[Acknowledgement, ...], Meta(max_length=1000)] = ()
    expect: Annotated[tuple[Expectation, ...], Meta(min_length=1, max_length=1000)]
    nothing_else: bool = True


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A scenario that can be played: its script, its site, and the floor with the script's timeline and seed."""

    path: Path
    script: Script
    folder: Path
    site: Site
    gateway: str
    floor: Scenario


def load_rehearsal(path: Path) -> Rehearsal:
    """Read a scenario file and the site that it names.

    Raises:
        SiteFileError: One of their files cannot be read, or they do not fit together; it carries every problem found.
    """
    file = read(path)
    script = file.convert(Script)
    folder = path.parent / script.site
    refuse_broken(folder)
    site, floor = load_site(folder), load_scenario(folder)
    seed = floor.seed if script.seed is None else script.seed
    floor = msgspec.structs.replace(floor, timeline=script.timeline, seed=seed)
    edge = read(folder / "edge.toml").tree
    problems = [*impossible(file, floor), *_misfits(file, script, site, _Names.of(folder, edge))]
    if problems:
        raise SiteFileError(*problems)
    return Rehearsal(path, script, folder, site, str(edge["gateway"]), floor)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the files of other processes name; they have been checked by those."""

    definitions: frozenset[str]
    lines: frozenset[str]

    @classmethod
    def of(cls, folder: Path, edge: dict[str, Any]) -> "_Names":
        alarms = read(folder / "alarms.toml").tree.get("alarms", ())
        return cls(frozenset(one["id"] for one in alarms), frozenset(one["id"] for one in edge["lines"]))


def _misfits(file: SiteFile, script: Script, site: Site, names: _Names) -> Iterator[Problem]:
    """Find points, alarms and lines that the site does not have, and moments after the end."""
    points = site.points()
    for n, line in enumerate(script.lines):
        if line not in names.lines:
            yield file.problem(f"$.lines[{n}]", f"edge.toml has no line {line!r}")
    for n, order in enumerate(script.orders):
        if order.point in points and not points[PointId(order.point)].quantity.is_output:
            yield file.problem(f"$.orders[{n}].point", f"{order.point!r} is no output")
    for path, key, value in _values(script):
        if key in ("point", "gate", "scale") and value not in points:
            yield file.problem(f"{path}.{key}", f"the site has no point {value!r}")
        elif key == "definition" and value not in names.definitions:
            yield file.problem(f"{path}.{key}", f"alarms.toml has no alarm {value!r}")
        elif isinstance(value, float) and key in ("at_s", "from_s", "to_s") and value > script.lasts_s:
            yield file.problem(f"{path}.{key}", f"the scenario is over after {script.lasts_s:g} s")


def _values(script: Script) -> Iterator[tuple[str, str, object]]:
    """Yield the path of each thing that is to happen or expected, and a key of it with its value, if it has one."""
    for name in ("outages", "orders", "acknowledgements", "expect"):
        for n, one in enumerate(getattr(script, name)):
            for key in one.__struct_fields__:
                if getattr(one, key) is not None:
                    yield f"$.{name}[{n}]", key, getattr(one, key)
