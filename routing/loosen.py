"""Rules taken off one consignment, to find out which of them keep it from going: each by the judge's own word.

A loosened instance answers no question but whether there is a way: nothing of it is ever planned or priced.
"""

from collections.abc import Collection

import msgspec

from routing.judge.rules import Rule
from routing.model import Band, Consignment, Instance, Node, Offer, Service, Status
from routing.pricing import keeps_cold, units_needed

LATEST_S = 366 * 86_400
"""The last moment of the model."""
MANY_PLUGS = 1_000

RULES = (
    Rule.COUNT,
    Rule.ROOM,
    Rule.LATEST,
    Rule.SHELF_LIFE,
    Rule.EXPOSURE,
    Rule.BOOKING,
    Rule.DOCUMENTS,
    Rule.CUSTOMS_CUT_OFF,
    Rule.GATE_IN,
    Rule.CLOSED,
    Rule.REGIME,
    Rule.BAND,
    Rule.FORBIDDEN,
    Rule.FORCED,
    Rule.DWELL,
    Rule.CANCELLED,
    Rule.LOCK,
)
"""What can be taken off. `COUNT` stands for plugs on board too, `ROOM` for the plugs of a place."""


def loosened(instance: Instance, goods: Consignment, rules: Collection[Rule]) -> tuple[Instance, Consignment]:
    """Return the instance and the consignment as they would be without these rules."""
    own = loosened_goods(goods, rules)
    services = instance.services
    if not _OF_SERVICES.isdisjoint(rules):
        services = tuple(_service(one, goods, rules) for one in services)
    nodes = instance.nodes
    if not _OF_NODES.isdisjoint(rules):
        nodes = tuple(_node(one, goods, rules) for one in nodes)
    locks = instance.locks
    if Rule.LOCK in rules:
        locks = tuple(lock for lock in locks if lock.consignment != goods.id)
    now_s = 0 if Rule.BOOKING in rules else instance.now_s
    changed = {"services": services, "nodes": nodes, "locks": locks, "now_s": now_s}
    return msgspec.structs.replace(instance, **changed), own


def loosened_goods(goods: Consignment, rules: Collection[Rule]) -> Consignment:
    """Return the consignment without those of the rules that are its own."""
    changes: dict[Rule, dict[str, object]] = {
        Rule.LATEST: {"latest_s": LATEST_S},
        Rule.SHELF_LIFE: {"shelf_life_s": None},
        Rule.EXPOSURE: {"exposure_s": None},
        Rule.DOCUMENTS: {"documents_s": 0},
        Rule.FORBIDDEN: {"forbidden_modes": ()},
        Rule.FORCED: {"forced_modes": ()},
    }
    changed = {name: value for rule in rules for name, value in changes.get(rule, {}).items()}
    return msgspec.structs.replace(goods, **changed)


_OF_SERVICES = frozenset({Rule.COUNT, Rule.CUSTOMS_CUT_OFF, Rule.GATE_IN, Rule.BAND, Rule.CANCELLED})
_OF_NODES = frozenset({Rule.ROOM, Rule.GATE_IN, Rule.CLOSED, Rule.REGIME, Rule.DWELL})


def _service(one: Service, goods: Consignment, rules: Collection[Rule]) -> Service:
    changed: dict[str, object] = {}
    if Rule.CUSTOMS_CUT_OFF in rules:
        changed["customs_s"] = one.departs_s
    if Rule.GATE_IN in rules:
        changed["gate_in_s"] = one.departs_s
    if Rule.CANCELLED in rules:
        changed["status"] = Status.PLANNED
    if Rule.COUNT in rules:
        changed["plugs"] = None
    if Rule.COUNT in rules or Rule.BAND in rules:
        changed["offers"] = tuple(_offer(offer, goods, rules) for offer in one.offers)
    return msgspec.structs.replace(one, **changed)


def _offer(one: Offer, goods: Consignment, rules: Collection[Rule]) -> Offer:
    bands = tuple(Band) if Rule.BAND in rules else one.bands
    count = one.count
    if Rule.COUNT in rules:
        count += units_needed(one, [(goods.mass_g, goods.litres, goods.pallets)])
    return msgspec.structs.replace(one, bands=bands, count=count)


def _node(one: Node, goods: Consignment, rules: Collection[Rule]) -> Node:
    changed: dict[str, object] = {}
    if Rule.GATE_IN in rules:
        changed |= {"connection_s": 0, "connections": ()}
    if Rule.CLOSED in rules:
        changed["open"] = ()
    if Rule.REGIME in rules:
        changed["regimes"] = ()
    if Rule.DWELL in rules:
        changed["dwell_limit_s"] = None
    if Rule.ROOM in rules:
        changed["storage"] = tuple(msgspec.structs.replace(room, litres=None) for room in one.storage)
        if one.plugs > 0 and keeps_cold(one, goods.band):
            changed["plugs"] = MANY_PLUGS
    return msgspec.structs.replace(one, **changed)
