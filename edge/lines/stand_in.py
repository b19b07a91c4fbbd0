"""What a gateway does by itself while control is silent: which points it watches, which lamps and sirens it moves."""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id

WATCHED_LIMIT = 200
"""Points that a gateway watches in control's place: the rooms whose goods would be lost, not every value."""

OUTPUT_LIMIT = 20

Pause = Annotated[float, Meta(ge=60, le=86_400)]


class Watched(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point that must be seen within its limits; it is out when it was not for `for_s`.

    A value at a limit is within. A failed read and silence are not seen within: the point is out by them too.
    """

    point: Id
    above: float | None = None
    below: float | None = None
    for_s: Annotated[float, Meta(ge=1, le=86_400)]

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, limits that nothing, or everything, lies within."""
        if self.above is None and self.below is None:
            raise ValueError("needs `above`, `below` or both: beyond what it is out")
        if self.above is not None and self.below is not None and self.below > self.above:
            raise ValueError(f"no value is neither above {self.above:g} nor below {self.below:g}")

    def holds(self, value: float) -> bool:
        """Tell whether a value is within the limits."""
        return (self.above is None or value <= self.above) and (self.below is None or value >= self.below)


class StandIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gateway does while control has been silent for `after_s`: its `outputs` are on while a point is out.

    Nothing is masked, voted or acknowledged here, so limits are wider and times longer than those of `alarms.toml`. A
    siren is muted after `mute_after_s`, and heard again each `again_after_s` and when another point goes out; a lamp
    stays on. When control is back, what was put on is put off, and control's commands rule again.
    """

    after_s: Annotated[float, Meta(ge=30, le=3_600)] = 120.0
    outputs: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=OUTPUT_LIMIT)]
    mute_after_s: Pause | None = 180.0
    again_after_s: Pause | None = 900.0
    watched: Annotated[tuple[Watched, ...], Meta(min_length=1, max_length=WATCHED_LIMIT)]

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, a siren that would be muted again before it is heard again."""
        mute_s, again_s = self.mute_after_s, self.again_after_s
        if mute_s is not None and again_s is not None and again_s <= mute_s:
            raise ValueError("`again_after_s` must be longer than `mute_after_s`")
