"""The rules of the documents of an export (9610, 9710, 9810) against its inventory (清单)."""

from control.inspection.documents import common_rules as common
from control.inspection.documents.matching import Case, Differs, Level, Rule, said_by

SIMPLE_DIGITS = 4
"""Digits of the goods code that do in a simplified declaration; a full one has ten."""
FULL_DIGITS = 10

_ORDER_TYPES = {"9610": {"E"}, "1210": {"E", "B", "W"}, "9710": {"B"}, "9810": {"W"}}


def charge(case: Case) -> Differs:
    """What was received is goods and freight."""
    wanted = case.order.number("goods_value") + case.order.number("freight")
    paid = case.payment.number("charge")
    return None if paid == wanted else {"wanted": str(wanted), "paid": str(paid)}


def order_type(case: Case) -> Differs:
    """Goods to a buyer, to an enterprise, to a warehouse abroad: each goes by its own mode."""
    kind, mode = case.order.text("order_type"), case.inventory.text("trade_mode")
    return None if kind in _ORDER_TYPES[mode] else said_by({"orderType": kind, "tradeMode": mode})


def packages(case: Case) -> Differs:
    """Waybill and inventory have the same number of packages."""
    carried, declared = case.waybill.number("pack_no"), case.inventory.number("pack_no")
    return None if carried == declared > 0 else said_by({"505": str(carried), "603": str(declared)})


def goods_code(case: Case) -> Differs:
    """A simplified declaration has no licence and at least four digits of the goods code, any other has ten."""
    simple = case.inventory.text("statistics_flag") == "A"
    if simple and case.inventory.text("license_no"):
        return {"said": "statisticsFlag = A, licenseNo"}
    least = SIMPLE_DIGITS if simple else FULL_DIGITS
    wrong = [line["gcode"] for line in case.inventory.lines if len(line["gcode"]) < least]
    return {"said": ", ".join(wrong)} if wrong else None


E, W = Level.ERROR, Level.WARNING
EXPORT_RULES = (
    Rule("accepted", E, ("inventory",), common.accepted),
    Rule("order-number", E, ("order", "inventory"), common.order_number),
    Rule("order-type", E, ("order", "inventory"), order_type),
    Rule("waybill-number", E, ("waybill", "inventory"), common.waybill_number),
    Rule("packages", E, ("waybill", "inventory"), packages),
    Rule("lines", E, ("order", "inventory"), common.lines),
    Rule("line-total", E, ("order", "inventory"), common.line_total),
    Rule("goods-value", E, ("order",), common.goods_value),
    Rule("weights", E, ("inventory",), common.weights),
    Rule("units", E, ("inventory",), common.units),
    Rule("goods-code", E, ("inventory",), goods_code),
    Rule("charge", W, ("order", "payment"), charge),
    Rule("carrier-weight", W, ("waybill", "inventory"), common.carrier_weight),
    Rule("companies", W, ("inventory",), common.companies),
    Rule("known-codes", W, ("inventory",), common.known_codes),
)
