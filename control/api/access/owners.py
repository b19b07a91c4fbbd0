"""Whose what is, of the things that routes ask for: what is in the house, and what is declared."""

from collections.abc import Mapping
from typing import Any

from coldport.ids import PointId
from coldport.messages.alarm import Alarm
from coldport.site import Zone
from control.access.decision import Owned
from control.access.party import SITE
from control.api.access.policy import Whose
from control.api.context import Context
from control.exposure.lots import Lot
from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.document import Document
from control.passport.code import name_at
from control.passport.passports import Passport, name_of


def of_lot(lot: Lot) -> Owned:
    """Whoever it was received for; a lot of nobody is seen by the site and by regulators."""
    return Owned(frozenset({lot.owner} if lot.owner else ()), frozenset({lot.id}))


def of_point(zone: Zone, point: str) -> Owned:
    """The site's; it can share a point, or all of a room."""
    return Owned(frozenset({SITE}), frozenset({point, zone.id}))


def of_alarm(context: Context, alarm: Alarm) -> Owned:
    """Whose the lot is, if it is an alarm of a lot; else the site's, shared as its point is."""
    place = context.points.get(PointId(alarm.point))
    if place is not None:
        return of_point(place[0], alarm.point)
    found = next((lot for lot in context.desk.lots() if lot.id == alarm.point), None)
    return of_lot(found) if found is not None else Owned(frozenset())


def of_parcel(context: Context, logistics_no: str) -> Owned:
    """Whose order it is, by its papers (ebcCode); that of two is nobody's, so that no one gains sight by claiming it.

    Who carries or declares it owns nothing of it. A grant may name the waybill or the order.
    """
    papers = [paper.document for one in context.desk.floor.documents.of_parcel(logistics_no) for paper in one.papers]
    codes = {code for document in papers if (code := document.text("ebc_code"))}
    orders = {number for document in papers if (number := document.text("order_no"))}
    owners = context.desk.access.named(codes) if len(codes) == 1 else frozenset[str]()
    return Owned(owners, frozenset({logistics_no, *orders}))


def of_document(context: Context, document: Document) -> Owned:
    """Who speaks by it: the shipper, carrier, payer or agent whose code is part of what it is known by."""
    codes = [document.text(name) for name in MESSAGES[document.type].key if name.endswith("_code")]
    names = {name for field in ("order_no", "logistics_no") if (name := document.text(field))}
    return Owned(context.desk.access.named(codes), frozenset(names))


def of_passport(passport: Passport) -> Owned:
    """Who issued it; a grant may name it, or its lot."""
    issued = passport.issued
    names = {name_of(issued), *((issued.lot,) if issued.lot is not None else ())}
    return Owned(frozenset({issued.owner or SITE}), frozenset(names))


def _lot(context: Context, names: Mapping[str, Any]) -> Owned:
    return of_lot(context.desk.lot(names["lot"]))


def _point(context: Context, names: Mapping[str, Any]) -> Owned:
    place = context.points.get(PointId(names["point"]))
    return of_point(place[0], names["point"]) if place is not None else Owned(frozenset({SITE}))


def _parcel(context: Context, names: Mapping[str, Any]) -> Owned:
    return of_parcel(context, names["logistics_no"])


def _grant(context: Context, names: Mapping[str, Any]) -> Owned:
    return Owned(frozenset({context.desk.access.grant(names["grant"]).owner}))


def _passport(context: Context, names: Mapping[str, Any]) -> Owned:
    return of_passport(context.desk.passports.find(name_at(names["name"]) or names["name"]))


THE_LOT = Whose("of the lot", _lot)
THE_POINT = Whose("the site's, shared by its room or point", _point, sites=True)
THE_PARCEL = Whose("of the parcel's order", _parcel)
THE_GRANT = Whose("who gave the grant", _grant)
THE_PASSPORT = Whose("who issued the passport", _passport)
