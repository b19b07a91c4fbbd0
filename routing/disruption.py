"""What can happen to a plan that is under way, and the instance it leaves."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError
from coldport.ids import Id
from routing.model import Band, Consignment, Count, Instance, Litres, Node, Seconds, Service, Status, Storage


class Cancelled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="cancelled"):
    """A service does not run."""

    service: Id


class Late(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="late"):
    """A service arrives later, and departs later too if it has not left yet. Its cut-offs stay."""

    service: Id
    by_s: Seconds


class Joined(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="joined"):
    """A new consignment wants to go."""

    consignment: Consignment


class Suffered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="suffered"):
    """A cold-chain alarm: goods have lost shelf life, or of the time they may be exposed. Never below nothing."""

    consignment: Id
    shelf_life_s: Seconds = 0
    exposure_s: Seconds = 0


class Full(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="full"):
    """A place has only so much room left for goods of a band."""

    node: Id
    band: Band
    litres: Litres


Thing = TypeVar("Thing", Service, Consignment, Node)

Disruption = Cancelled | Late | Joined | Suffered | Full


def disrupted(instance: Instance, happened: Iterable[Disruption], now_s: Seconds) -> Instance:
    """Return the instance as it is after what happened, seen at `now_s`.

    Raises:
        NotFoundError: Something happened to what the instance does not have.
        RefusedError: A consignment joins under an id that there is.
    """
    services = {one.id: one for one in instance.services}
    goods = {one.id: one for one in instance.consignments}
    nodes = {one.id: one for one in instance.nodes}
    for one in happened:
        match one:
            case Cancelled(service=name):
                services[name] = msgspec.structs.replace(_known(services, name), status=Status.CANCELLED)
            case Late(service=name, by_s=by_s):
                services[name] = _later(_known(services, name), by_s, now_s)
            case Joined(consignment=new):
                if new.id in goods:
                    raise RefusedError(f"a consignment {new.id!r} is planned already")
                goods[new.id] = new
            case Suffered(consignment=name):
                goods[name] = _after(_known(goods, name), one)
            case Full(node=name, band=band, litres=litres):
                nodes[name] = _filled(_known(nodes, name), band, litres)
    return msgspec.structs.replace(
        instance,
        services=tuple(services.values()),
        consignments=tuple(goods.values()),
        nodes=tuple(nodes.values()),
        now_s=now_s,
    )


def _known(things: dict[Id, Thing], name: Id) -> Thing:
    if name not in things:
        raise NotFoundError(f"the instance has no {name!r}")
    return things[name]


def _later(service: Service, by_s: Seconds, now_s: Seconds) -> Service:
    departs_s = service.departs_s if service.departs_s <= now_s else service.departs_s + by_s
    return msgspec.structs.replace(service, departs_s=departs_s, arrives_s=service.arrives_s + by_s)


def _after(goods: Consignment, suffered: Suffered) -> Consignment:
    return msgspec.structs.replace(
        goods,
        shelf_life_s=_less(goods.shelf_life_s, suffered.shelf_life_s),
        exposure_s=_less(goods.exposure_s, suffered.exposure_s),
    )


def _less(left: Count | None, lost: Seconds) -> Count | None:
    return None if left is None else max(0, left - lost)


def _filled(node: Node, band: Band, litres: Litres) -> Node:
    """Return a place with room for so many litres of a band; goods it keeps at no price otherwise keep none."""
    others = tuple(one for one in node.storage if one.band is not band)
    price = next((one.fen_per_m3_day for one in node.storage if one.band is band), 0)
    return msgspec.structs.replace(node, storage=(*others, Storage(band=band, fen_per_m3_day=price, litres=litres)))
