"""The rules of the three documents of an import, against its inventory (清单)."""

from decimal import Decimal

from control.inspection.documents import common_rules as common
from control.inspection.documents.codes import is_id_card
from control.inspection.documents.matching import Case, Differs, Level, Rule, line_number, said_by, same

CNY = "142"


def paid_total(case: Case) -> Differs:
    """What was paid is goods, freight and tax, less the discount."""
    number = case.order.number
    wanted = number("goods_value") + number("freight") + number("tax_total") - number("discount")
    paid = number("actural_paid")
    return None if paid == wanted else {"wanted": str(wanted), "paid": str(paid)}


def paid_amount(case: Case) -> Differs:
    """The payment is what the order says was paid, to the last decimal."""
    wanted, paid = case.order.number("actural_paid"), case.payment.number("amount_paid")
    return None if paid == wanted else {"wanted": str(wanted), "paid": str(paid)}


def transaction(case: Case) -> Differs:
    """The order names the payment that was made, if it names one."""
    return same((case.order, "pay_transaction_id"), (case.payment, "pay_transaction_id"))


def buyer(case: Case) -> Differs:
    """Who ordered has paid and is declared."""
    order, payment, inventory = case.order, case.payment, case.inventory
    return same((order, "buyer_name"), (payment, "payer_name"), (inventory, "buyer_name")) or same(
        (order, "buyer_id_number"), (payment, "payer_id_number"), (inventory, "buyer_id_number")
    )


def consignee(case: Case) -> Differs:
    """The parcel goes to whom and where the order says."""
    return (
        same((case.order, "consignee"), (case.waybill, "consignee"))
        or same((case.order, "consignee_telephone"), (case.waybill, "consignee_telephone"))
        or same(*((paper, "consignee_address") for paper in (case.order, case.waybill, case.inventory)))
    )


def fixed(case: Case) -> Differs:
    """One parcel, in yuan, for a buyer with an identity card."""
    inventory = case.inventory
    said = {"packNo": inventory.text("pack_no"), "currency": inventory.text("currency")}
    said["buyerIdType"] = inventory.text("buyer_id_type")
    currencies = {line["currency"] for line in inventory.lines} | {said["currency"]}
    is_one = inventory.number("pack_no") == 1
    return None if is_one and currencies == {CNY} and said["buyerIdType"] == "1" else said_by(said)


def identity(case: Case) -> Differs:
    """The identity number of the buyer has its check character."""
    number = case.inventory.text("buyer_id_number")
    return None if is_id_card(number) else {"field": "buyerIdNumber"}  # the number itself is not told around


def guarantee(case: Case) -> Differs:
    """Who guarantees the tax is platform, seller or carrier of this inventory."""
    parties = {case.inventory.text(name) for name in ("ebp_code", "ebc_code", "logistics_code")}
    code = case.inventory.text("assure_code")
    return None if code in parties else {"code": code}


def mode(case: Case) -> Differs:
    """Bonded goods name book, area and item and no voyage; parcels from abroad name their voyage."""
    inventory, voyage = case.inventory, ("traf_no", "voyage_no", "bill_no")
    if inventory.text("trade_mode") != "1210":
        absent = [name for name in voyage if not inventory.text(name)]
        return {"said": f"9610: {', '.join(absent)}"} if absent else None
    wrong = [name for name in ("ems_no", "area_code", "area_name") if not inventory.text(name)]
    wrong += [name for name in voyage if inventory.text(name)]
    wrong += ["country"] if inventory.text("country") != "142" else []
    wrong += ["item_record_no"] if any("item_record_no" not in line for line in inventory.lines) else []
    return {"said": f"1210: {', '.join(wrong)}"} if wrong else None


def single_limit(case: Case) -> Differs:
    """One order is within the limit of one order, or is of a single item."""
    value, limit = _dutiable(case), case.limits.single_cny
    units = sum(line_number(line, "qty") for line in case.inventory.lines)
    return None if value <= limit or units == 1 else {"value": str(value), "limit": str(limit)}


def year_limit(case: Case) -> Differs:
    """With this order the buyer is within the limit of the year, as far as it is known here."""
    value, limit = _dutiable(case) + case.year_cny, case.limits.year_cny
    return None if value <= limit else {"value": str(value), "limit": str(limit)}


def _dutiable(case: Case) -> Decimal:
    """Return retail price, freight and insurance."""
    goods = sum((line_number(line, "total_price") for line in case.inventory.lines), start=Decimal(0))
    return goods + case.inventory.number("freight") + case.inventory.number("insured_fee")


E, W = Level.ERROR, Level.WARNING
IMPORT_RULES = (
    Rule("accepted", E, ("inventory",), common.accepted),
    Rule("paid-total", E, ("order",), paid_total),
    Rule("paid-amount", E, ("order", "payment"), paid_amount),
    Rule("order-number", E, ("order", "payment", "inventory"), common.order_number),
    Rule("transaction", E, ("order", "payment"), transaction),
    Rule("buyer", E, ("order", "payment", "inventory"), buyer),
    Rule("consignee", E, ("order", "waybill", "inventory"), consignee),
    Rule("waybill-number", E, ("waybill", "inventory"), common.waybill_number),
    Rule("lines", E, ("order", "inventory"), common.lines),
    Rule("line-total", E, ("order", "inventory"), common.line_total),
    Rule("goods-value", E, ("order",), common.goods_value),
    Rule("fixed", E, ("inventory",), fixed),
    Rule("identity", E, ("inventory",), identity),
    Rule("weights", E, ("inventory",), common.weights),
    Rule("units", E, ("inventory",), common.units),
    Rule("guarantee", E, ("inventory",), guarantee),
    Rule("mode", E, ("inventory",), mode),
    Rule("single-limit", E, ("inventory",), single_limit),
    Rule("year-limit", E, ("inventory",), year_limit),
    Rule("carrier-weight", W, ("waybill", "inventory"), common.carrier_weight),
    Rule("companies", W, ("inventory",), common.companies),
    Rule("known-codes", W, ("inventory",), common.known_codes),
)
