"""Documents in order, made from the field table, for tests to change."""

from datetime import UTC, datetime

from control.inspection.documents.acts import Declared, Receipted, Source
from control.inspection.documents.document import Document
from control.inspection.documents.receipts import CustomsReceipt

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)

HEAD = {"guid": "A" * 36, "app_type": "1", "app_time": "20260302110000", "app_status": "2"}
EBP = {"ebp_code": "4301960001", "ebp_name": "Hunan Platform"}
EBC = {"ebc_code": "4301960002", "ebc_name": "Xiang Trade"}
CARRIER = {"logistics_code": "4301960003", "logistics_name": "Fast Post"}
AGENT = {"agent_code": "4301960004", "agent_name": "Broker"}
BUYER_ID = "11010519491231002X"  # the example of GB 11643
WHERE = "Hunan, Xiangtan, Yuhu, Road 1"


def imported(number: int = 1) -> dict[str, Document]:
    """The four documents of a bonded import that agree in everything."""
    order_no, logistics_no = f"O{number}", f"L{number}"
    line = {"gnum": "1", "gmodel": "500 g", "unit": "011", "qty": "2", "price": "49.5", "total_price": "99.00"}
    line |= {"currency": "142", "country": "116"}
    buyer = {"buyer_name": "Wang", "buyer_telephone": "13800000000", "buyer_id_type": "1", "buyer_id_number": BUYER_ID}
    receiver = {"consignee": "Wang", "consignee_telephone": "13800000000", "consignee_address": WHERE}
    order = HEAD | EBP | EBC | buyer | receiver | {"order_type": "I", "order_no": order_no, "goods_value": "99"}
    order |= {"freight": "10", "discount": "0", "tax_total": "9.01", "actural_paid": "118.01", "currency": "142"}
    order |= {"buyer_reg_no": "wang", "pay_transaction_id": f"P{number}"}
    payment = HEAD | EBP | {"pay_code": "4301960005", "pay_name": "Pay", "pay_transaction_id": f"P{number}"}
    payment |= {"order_no": order_no, "payer_id_type": "1", "payer_id_number": BUYER_ID, "payer_name": "Wang"}
    payment |= {"amount_paid": "118.01", "currency": "142", "pay_time": "20260302105900"}
    waybill = HEAD | CARRIER | receiver | {"logistics_no": logistics_no, "order_no": order_no, "freight": "10"}
    waybill |= {"insured_fee": "0", "currency": "142", "weight": "1.2", "pack_no": "1"}
    inventory = HEAD | EBP | EBC | CARRIER | AGENT | buyer | {"order_no": order_no, "logistics_no": logistics_no}
    inventory |= {"cop_no": f"C{number}", "assure_code": EBC["ebc_code"], "ems_no": "T4901W000001", "ie_flag": "I"}
    inventory |= {"decl_time": "20260302", "customs_code": "4900", "port_code": "4900", "trade_mode": "1210"}
    inventory |= {"area_code": "4301", "area_name": "Zone", "traf_mode": "Y", "country": "142", "freight": "10"}
    inventory |= {"insured_fee": "0", "currency": "142", "pack_no": "1", "gross_weight": "1.2", "net_weight": "1"}
    inventory |= {"consignee_address": WHERE}
    more = {"item_record_no": "7", "gcode": "2106909090", "gname": "Tea", "qty1": "1", "unit1": "035"}
    return {
        "order": Document(type="311", head=order, lines=(line | {"item_name": "Tea", "item_no": "T"},)),
        "payment": Document(type="411", head=payment),
        "waybill": Document(type="511", head=waybill),
        "inventory": Document(type="621", head=inventory, lines=(line | more | {"item_no": "T", "item_name": "Tea"},)),
    }


def exported(number: int = 1) -> dict[str, Document]:
    """The four documents of an export by the parcel that agree in everything."""
    order_no, logistics_no = f"X{number}", f"E{number}"
    line = {
        "gnum": "1",
        "item_no": "T",
        "unit": "011",
        "currency": "502",
        "qty": "2",
        "price": "5",
        "total_price": "10",
    }
    order = HEAD | EBP | EBC | {"order_type": "E", "order_no": order_no, "goods_value": "10", "freight": "2"}
    money = HEAD | EBP | EBC | {"order_no": order_no, "pay_name": "Pay", "charge": "12", "currency": "502"}
    waybill = HEAD | CARRIER | {"logistics_no": logistics_no, "freight": "2", "insured_fee": "0", "currency": "502"}
    waybill |= {"gross_weight": "0.8", "pack_no": "1", "goods_info": "Tea"}
    inventory = HEAD | EBP | EBC | CARRIER | AGENT | {"order_no": order_no, "logistics_no": logistics_no}
    inventory |= {"customs_code": "4900", "cop_no": f"XC{number}", "ie_flag": "E", "port_code": "4900"}
    inventory |= {"ie_date": "20260302", "statistics_flag": "A", "owner_code": "NO", "owner_name": "Maker"}
    inventory |= {"trade_mode": "9610", "traf_mode": "5", "country": "502", "pod": "502", "freight": "2"}
    inventory |= {"f_currency": "502", "f_flag": "3", "insured_fee": "0", "i_currency": "502", "i_flag": "3"}
    inventory |= {"wrap_type": "2", "pack_no": "1", "gross_weight": "0.8", "net_weight": "0.7"}
    more = {"gcode": "0902", "gname": "Tea", "gmodel": "500 g", "bar_code": "6", "country": "502"}
    more |= {"qty1": "1", "unit1": "035"}
    return {
        "order": Document(type="303", head=order | {"currency": "502"}, lines=(line | {"item_name": "Tea"},)),
        "payment": Document(type="403", head=money | {"accounting_date": "20260302105900"}),
        "waybill": Document(type="505", head=waybill),
        "inventory": Document(type="603", head=inventory, lines=(line | more,)),
    }


def answer(status: str, second: int, number: int = 1, **more: str) -> Receipted:
    """Customs' answer to an import inventory."""
    keys = {"guid": "B" * 36, "agent_code": AGENT["agent_code"], "cop_no": f"C{number}"} | more
    receipt = CustomsReceipt(type="622", keys=keys, status=status, time=f"202603021200{second:02}000", info="x")
    return Receipted(receipt=receipt, at=NOON, by="line")


def declared(document: Document, at: datetime = NOON) -> Declared:
    return Declared(document=document, source=Source.API, at=at, by="Li")


def changed(document: Document, **head: str) -> Document:
    """The document with other values; an empty one takes the field away."""
    values = {name: value for name, value in (document.head | head).items() if value}
    return Document(type=document.type, head=values, lines=document.lines)
