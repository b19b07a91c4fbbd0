"""What a source is built out of besides its own line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from coldport.ids import PointId
from coldport.site import Point
from edge.lines.base import Serial, Tcp
from edge.lines.gateway import Profile
from edge.passage.neighbours import Neighbours
from edge.ports import Link, Links, Outlet

Kind = TypeVar("Kind", bound=Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The site's points, the device profiles by name, the maker of links, and where to put what is seen.

    `neighbours` is what the gates of one gateway hear of each other's tags.
    """

    points: Mapping[PointId, Point]
    profiles: Mapping[str, Profile]
    links: Links
    outlet: Outlet
    neighbours: Neighbours = field(default_factory=Neighbours)

    def profile(self, name: str, kind: type[Kind]) -> Kind:
        """Return a profile that `edge.settings` has found to be there and of that kind."""
        profile = self.profiles[name]
        if not isinstance(profile, kind):
            raise TypeError(f"{name} is not a {kind.__name__}")
        return profile

    def link(self, serial: Serial | None, tcp: Tcp | None) -> Link:
        """Return the link of a line, of which `edge.settings` has found that it has one of the two."""
        if serial is not None:
            return self.links.serial(serial)
        if tcp is not None:
            return self.links.tcp(tcp)
        raise AssertionError("edge.checks lets no line through that has neither serial nor tcp")
