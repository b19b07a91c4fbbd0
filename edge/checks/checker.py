"""What every check needs: the file with its keys, the site's points, the profiles, and what is taken already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from coldport.ids import PointId
from coldport.settings import Problem, SiteFile
from coldport.site import Point, Quantity
from edge.lines.base import Serial, Tcp
from edge.lines.gateway import CLOCK, SPOOL, STAND_IN, Profile

Kind = TypeVar("Kind", bound=Profile)


@dataclass
class Checker:
    """One file being checked. `fed` holds the points that have a source so far, `names` the names that are taken."""

    file: SiteFile
    points: Mapping[PointId, Point]
    profiles: Mapping[str, Profile]
    fed: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=lambda: {SPOOL, CLOCK, STAND_IN})

    def problem(self, path: str, message: str) -> Problem:
        """Return the problem at a key, written as msgspec does."""
        return self.file.problem(path, message)

    def name(self, at: str, name: str) -> Iterator[Problem]:
        """Take a name of a line or device, which must be free."""
        if name in self.names:
            yield self.problem(at, f"{name!r} is taken: lines, devices and the spool share one set of names")
        self.names.add(name)

    def feed(self, at: str, point: str, quantity: Quantity) -> Iterator[Problem]:
        """Let a value feed a point, which must be there, be of that quantity, and have no other source."""
        known = self.points.get(PointId(point))
        if known is None:
            yield self.problem(at, f"site.toml has no point {point!r}")
        elif known.quantity is not quantity:
            yield self.problem(at, f"{point!r} is a point of {known.quantity}, this value is {quantity}")
        if point in self.fed:
            yield self.problem(at, f"{point!r} is fed twice")
        self.fed.add(point)

    def profile(self, at: str, name: str, kind: type[Kind]) -> Kind | Problem:
        """Return a profile by its name, which must be there and of the kind that the line wants."""
        profile = self.profiles.get(name)
        if profile is None:
            return self.problem(at, f"there is no profile {name!r}, neither here in profiles/ nor in the catalogue")
        if not isinstance(profile, kind):
            return self.problem(at, f"{name!r} is a profile of another kind of device")
        return profile

    def one_way(self, at: str, line: str, serial: Serial | None, tcp: Tcp | None) -> Iterator[Problem]:
        """Hold that a line is either serial or TCP."""
        if (serial is None) == (tcp is None):
            yield self.problem(at, f"line {line!r} needs either `serial` or `tcp`")
