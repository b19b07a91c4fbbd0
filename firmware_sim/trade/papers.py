"""The papers of an export by the parcel (9610), as an enterprise's software writes them: GACC 202205, export half.

Order (303), waybill (505) and inventory (603) of each parcel, the arrival (507) of all that come on one truck, and the
departure (509) of all that leave on one vehicle.
What is in the parcels is the same tea every time; who sends it and what it weighs is not.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from firmware_sim.customs.forms import FORMS
from firmware_sim.customs.office import BEIJING
from firmware_sim.customs.papers import SPACE
from firmware_sim.trade.firms import Consignment, Firm, Trade

CUSTOMS_CODE = "4900"
NET_SHARE = 0.9
"""How much of a parcel is tea."""

_NAMESPACE = uuid.UUID("b9b3c5de-8a3f-5a52-93a4-5a2f6d1f7a10")
_LINE = {"gnum": "1", "itemNo": "TEA-500", "itemName": "Dark tea, 500 g", "unit": "011", "currency": "502"}
_LINE |= {"qty": "2", "price": "5", "totalPrice": "10"}
_MONEY = {"freight": "2", "insuredFee": "0", "currency": "502"}

Fields = Mapping[str, str]


def orders(trade: Trade, parcels: Sequence[Consignment], now: datetime) -> bytes:
    """Write the orders (订单, 303)."""
    sides = _named("ebp", trade.platform) | _named("ebc", trade.seller)
    money = {"goodsValue": "10", "freight": "2", "currency": "502"}
    nodes = [({"orderType": "E", "orderNo": _order_no(one)} | sides | money, [_LINE]) for one in parcels]
    return _message("303", nodes, trade.seller, now)


def waybills(trade: Trade, parcels: Sequence[Consignment], now: datetime) -> bytes:
    """Write the waybills (运单, 505)."""
    carried: list[tuple[Fields, list[Fields]]] = []
    for one in parcels:
        head = _named("logistics", trade.carrier) | {"logisticsNo": one.logistics_no} | _MONEY
        head |= {"grossWeight": f"{one.declared_kg:.3f}", "packNo": "1", "goodsInfo": "Dark tea"}
        carried.append((head, []))
    return _message("505", carried, trade.carrier, now)


def inventories(trade: Trade, parcels: Sequence[Consignment], bill: str, now: datetime) -> bytes:
    """Write the inventories (清单, 603) of parcels that come with one bill."""
    return _message("603", [_inventory(trade, one, bill, now) for one in parcels], trade.seller, now)


def arrival(trade: Trade, parcels: Sequence[Consignment], bill: str, now: datetime) -> bytes:
    """Write the arrival (运抵单, 507) of all parcels of a bill."""
    head = {"customsCode": CUSTOMS_CODE, "copNo": bill} | _named("operator", trade.operator)
    head |= {"ieFlag": "E", "trafMode": "5", "billNo": bill, "domesticTrafNo": "XIANG-C12345"}
    head |= _named("logistics", trade.carrier) | {"msgCount": "1", "msgSeqNo": "1"}
    lines = [{"gnum": str(n), "logisticsNo": one.logistics_no} for n, one in enumerate(parcels, 1)]
    return _message("507", [(head, lines)], trade.operator, now)


def departure(trade: Trade, parcels: Sequence[str], vehicle: str, now: datetime) -> bytes:
    """Write the departure (离境单, 509) of the parcels on a vehicle, by their numbers."""
    head = {"customsCode": CUSTOMS_CODE, "copNo": vehicle[-30:]} | _named("logistics", trade.carrier)
    head |= {"trafMode": "5", "billNo": vehicle[-37:], "leaveTime": f"{now.astimezone(BEIJING):%Y%m%d%H%M%S}"}
    head |= {"msgCount": "1", "msgSeqNo": "1"}
    lines = [{"gnum": str(n), "logisticsNo": name} for n, name in enumerate(parcels, 1)]
    return _message("509", [(head, lines)], trade.carrier, now)


def _inventory(trade: Trade, one: Consignment, bill: str, now: datetime) -> tuple[Fields, list[Fields]]:
    head = {"customsCode": CUSTOMS_CODE} | _named("ebp", trade.platform) | {"orderNo": _order_no(one)}
    head |= _named("logistics", trade.carrier) | {"logisticsNo": one.logistics_no, "copNo": f"C{one.logistics_no}"}
    head |= {"ieFlag": "E", "portCode": CUSTOMS_CODE, "ieDate": f"{now.astimezone(BEIJING):%Y%m%d}"}
    head |= {"statisticsFlag": "A"} | _named("agent", trade.agent) | _named("ebc", trade.seller)
    head |= _named("owner", trade.seller) | {"tradeMode": "9610", "trafMode": "5", "billNo": bill, "country": "502"}
    head |= {"POD": "502", "freight": "2", "fCurrency": "502", "fFlag": "3", "insuredFee": "0", "iCurrency": "502"}
    head |= {"iFlag": "3", "wrapType": "2", "packNo": "1", "grossWeight": f"{one.declared_kg:.3f}"}
    head |= {"netWeight": f"{one.declared_kg * NET_SHARE:.3f}"}
    line = {"gnum": "1", "itemNo": "TEA-500", "gcode": "0902", "gname": _LINE["itemName"], "gmodel": "500 g"}
    line |= {"barCode": "6901234567892", "country": "502", "currency": "502", "qty": "2", "qty1": "1"}
    line |= {"unit": "011", "unit1": "035", "price": "5", "totalPrice": "10"}
    return head, [line]


def _order_no(one: Consignment) -> str:
    return f"O{one.logistics_no}"


def _named(role: str, firm: Firm) -> dict[str, str]:
    return {f"{role}Code": firm.code, f"{role}Name": firm.zh}


def _message(kind: str, nodes: Sequence[tuple[Fields, Sequence[Fields]]], sender: Firm, now: datetime) -> bytes:
    """Write nodes of one type as one message; a node's guid follows from what is in it."""
    form, time = FORMS[kind], f"{now.astimezone(BEIJING):%Y%m%d%H%M%S}"
    bodies = []
    for head, lines in nodes:
        begin = {"guid": _guid(f"{kind}/{time}/{head}"), "appType": "1", "appTime": time, "appStatus": "2"}
        said = _elements(begin | dict(head))
        inside = said if form.head is None else f"<{form.head}>{said}</{form.head}>"
        inside += "".join(f"<{form.body}List>{_elements(line)}</{form.body}List>" for line in lines)
        bodies.append(f"<{form.body}>{inside}</{form.body}>")
    transfer = {"copCode": sender.code, "copName": sender.zh, "dxpMode": "DXP", "dxpId": f"DXP{sender.code}"}
    root, guid = f"CEB{kind}Message", _guid(f"{kind}/{time}/{''.join(bodies)}")
    around = f'<{root} xmlns="{SPACE}" guid={quoteattr(guid)} version="1.0">'
    inside = f"{''.join(bodies)}<BaseTransfer>{_elements(transfer)}</BaseTransfer>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{around}{inside}</{root}>\n'.encode()


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())


def _guid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name)).upper()
