"""What a decoder written a second time, from the manual alone, makes of one frame of a scale."""

from typing import NamedTuple


class Shown(NamedTuple):
    """A weight in the frame's own unit, or None; what the frame says besides (None: it has no word for it)."""

    value: float | None
    stable: bool | None = None
    net: bool | None = None
    trouble: str | None = None


class BadFrameError(ValueError):
    """The bytes are no frame of the dialect."""


def need(condition: object, reason: str) -> None:
    if not condition:
        raise BadFrameError(reason)
