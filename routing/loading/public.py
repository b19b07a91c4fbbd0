"""Reads container loading instances of Bischoff and Ratcliff 1995, as public repositories keep them (JSON, in cm)."""

import msgspec

from coldport.errors import MalformedError
from routing.loading.model import Box, Cargo, Turn, Unit

PLENTY_G = 10**9


class Sides(msgspec.Struct, frozen=True):
    """Lengths in centimetres."""

    x: int
    y: int
    z: int


class Room(msgspec.Struct, frozen=True):
    """The container."""

    measurement: Sides


class Constraint(msgspec.Struct, frozen=True):
    """Which ways of turning are allowed."""

    orientation: dict[Turn, bool]


class Item(msgspec.Struct, frozen=True):
    """A kind of box."""

    measurement: Sides
    quantity: int
    constraint: Constraint


class File(msgspec.Struct, frozen=True):
    """A whole file."""

    large_object: Room
    small_items: list[Item]


def read_cargo(text: bytes) -> Cargo:
    """Return the cargo of a file: one container, boxes without mass. MalformedError says what is wrong with it."""
    try:
        file = msgspec.json.decode(text, type=File)
    except msgspec.MsgspecError as error:
        raise MalformedError(f"not a container loading instance: {error}") from error
    boxes = tuple(
        Box(
            id=f"box-{number}",
            x_mm=item.measurement.x * 10,
            y_mm=item.measurement.y * 10,
            z_mm=item.measurement.z * 10,
            mass_g=0,
            count=item.quantity,
            turns=tuple(turn for turn, allowed in item.constraint.orientation.items() if allowed),
        )
        for number, item in enumerate(file.small_items, 1)
    )
    room = file.large_object.measurement
    unit = Unit(id="container", x_mm=room.x * 10, y_mm=room.y * 10, z_mm=room.z * 10, mass_g=PLENTY_G)
    return Cargo(boxes=boxes, units=(unit,))
