"""How one gate is built, and where its limits lie. `docs/how-to/tune-a-gate.md` says how to find them."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Antenna = Annotated[int, Meta(ge=1, le=65_535)]
Input = Annotated[int, Meta(ge=1, le=255)]


class Side(StrEnum):
    """The two sides of a gate."""

    OUTSIDE = "outside"
    INSIDE = "inside"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.INSIDE if self is Side.OUTSIDE else Side.OUTSIDE


class PassageSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gate seen from its reader. Whoever is heard first outside and then inside came in.

    `outside` and `inside` are antennas; name them from the same end of the gate, then pallets side by side are told
    apart. `outer_beam` and `inner_beam` are the reader's inputs of the light barriers, if there are any.

    A read weaker than `floor_dbm` counts for nothing; a tag whose loudest read is below `peak_dbm` did not go through,
    nor did one below `one_side_dbm` that only one side heard.
    A tag is judged when it and the barriers have been quiet for `quiet_s`, and at the latest after `longest_s`. What
    went through the barriers has gone when both are whole for `settle_s`: long enough for a person to walk from one to
    the other. The same tag going the same way again within `repeat_s` is the same passage. A direction less certain
    than `least_confidence` is undetermined.
    """

    outside: Annotated[tuple[Antenna, ...], Meta(min_length=1, max_length=16)]
    inside: Annotated[tuple[Antenna, ...], Meta(min_length=1, max_length=16)]
    outer_beam: Input | None = None
    inner_beam: Input | None = None
    floor_dbm: Annotated[float, Meta(ge=-100, le=0)] = -80
    peak_dbm: Annotated[float, Meta(ge=-100, le=0)] = -70
    one_side_dbm: Annotated[float, Meta(ge=-100, le=0)] = -64
    quiet_s: Annotated[float, Meta(ge=0.2, le=10)] = 3.0
    settle_s: Annotated[float, Meta(ge=0, le=3)] = 0.6
    longest_s: Annotated[float, Meta(ge=5, le=120)] = 30.0
    repeat_s: Annotated[float, Meta(ge=0, le=60)] = 5.0
    least_confidence: Annotated[float, Meta(ge=0.5, le=1)] = 0.65

    @property
    def sides(self) -> dict[int, Side]:
        """The side of each antenna."""
        return dict.fromkeys(self.outside, Side.OUTSIDE) | dict.fromkeys(self.inside, Side.INSIDE)

    @property
    def posts(self) -> dict[int, float]:
        """Where each antenna stands across the gate, from -1 to 1.

        Outside and inside antennas are paired in the order they are named; 0 for all when they cannot be.
        """
        count = len(self.outside)
        if count != len(self.inside) or count < 2:
            return dict.fromkeys((*self.outside, *self.inside), 0.0)
        places = [2 * index / (count - 1) - 1 for index in range(count)]
        return dict(zip(self.outside, places, strict=True)) | dict(zip(self.inside, places, strict=True))

    @property
    def beams(self) -> dict[int, Side]:
        """The side of each light barrier, by the reader's input."""
        pairs = ((self.outer_beam, Side.OUTSIDE), (self.inner_beam, Side.INSIDE))
        return {beam: side for beam, side in pairs if beam is not None}


def settings_problems(settings: PassageSettings, antennas: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) of a gate whose reader has `antennas`."""
    both = sorted(set(settings.outside) & set(settings.inside))
    if both:
        yield "inside", f"antenna {both[0]} is both outside and inside"
    for key, named in (("outside", settings.outside), ("inside", settings.inside)):
        unknown = sorted(set(named) - set(antennas))
        if unknown:
            yield key, f"the reader has no antenna {unknown[0]}"
    if settings.outer_beam is not None and settings.outer_beam == settings.inner_beam:
        yield "inner_beam", f"input {settings.inner_beam} is both the outer and the inner barrier"
    if settings.quiet_s >= settings.longest_s / 2:
        yield "quiet_s", "it must be less than half of longest_s"
    if settings.peak_dbm < settings.floor_dbm:
        yield "peak_dbm", "it must not lie below floor_dbm"
    if settings.one_side_dbm < settings.peak_dbm:
        yield "one_side_dbm", "it must not lie below peak_dbm"
