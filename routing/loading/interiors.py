"""What bookable units measure inside: a TOML file beside those of the network, each figure with its source."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.errors import RefusedError
from coldport.ids import Id
from coldport.settings import SiteFileError, read
from routing.loading.model import Axles, Millimetres, Unit
from routing.model import Offer
from routing.network_settings import Sourced


class Interior(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The room inside the units of one offer; see `routing.loading.model.Unit`."""

    id: Id
    x_mm: Millimetres
    y_mm: Millimetres
    z_mm: Millimetres
    contour_permille: Annotated[int, Meta(ge=1, le=1_000)] = 1_000
    axles: Axles | None = None


class Interiors(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`interiors.toml`. Units that nobody stows as one, such as LCL, have none."""

    interiors: Annotated[tuple[Interior, ...], Meta(min_length=1, max_length=200)]


def read_interiors(path: Path) -> dict[Id, Interior]:
    """Return the interiors of a file by the name of their units.

    Raises:
        SiteFileError: It cannot be read, a value is not what it should be, or a unit is there twice.
    """
    file = read(path)
    known: dict[Id, Interior] = {}
    for number, one in enumerate(file.convert(Interiors).interiors):
        if one.id in known:
            raise SiteFileError(file.problem(f"$.interiors[{number}].id", f"{one.id!r} is there twice"))
        known[one.id] = one
    return known


def unit_of(offer: Offer, interiors: dict[Id, Interior], booked: int) -> Unit:
    """Return the units booked of an offer as the packer wants them.

    Raises:
        RefusedError: The units of this offer have no interior.
    """
    inside = interiors.get(offer.id)
    if inside is None:
        raise RefusedError(
            f"nothing is known of the interior of {offer.id!r} ({offer.kind}): nobody stows it as one unit"
        )
    return Unit(
        id=offer.id,
        x_mm=inside.x_mm,
        y_mm=inside.y_mm,
        z_mm=inside.z_mm,
        mass_g=offer.mass_g,
        count=booked,
        bands=offer.bands,
        contour_permille=inside.contour_permille,
        axles=inside.axles,
    )
