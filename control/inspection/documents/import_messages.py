"""The messages of bonded import (1210) and of import by the parcel (9610): GACC 202205, import half.

See `export_messages` for where names and order come from. The order of the quantities in an inventory's line
(qty, unit, qty1, unit1) is as all implementations that were read write it; the export half has another.
"""

from control.inspection.documents.export_messages import ANSWER, HEAD, PARCEL_LIMIT
from control.inspection.documents.notation import Direction, Message, fields

LIST_LIMIT = 99
"""Lines of one order or inventory, by the schema."""

ORDER = Message(
    type="311",
    title="订单",
    direction=Direction.IMPORT,
    body="Order",
    head="OrderHead",
    line="OrderList",
    line_limits=(1, LIST_LIMIT),
    key=("order_no", "ebc_code"),
    receipt="312",
    receipt_key=("order_no", "ebc_code"),
    fields=fields(f"""{HEAD}
        orderType! C1 I; orderNo!; ebpCode!; ebpName!; ebcCode!; ebcName!; goodsValue!; freight!; discount!; taxTotal!
        acturalPaid!; currency!; buyerRegNo!; buyerName!; buyerTelephone!; buyerIdType!; buyerIdNumber!; payCode
        payName; payTransactionId; batchNumbers C..100; consignee!; consigneeTelephone!; consigneeAddress!
        consigneeDistrict C6; note"""),
    line_fields=fields("""
        gnum! N4; itemNo; itemName!; gmodel! C..510; itemDescribe; barCode; unit!; qty!; price!; totalPrice!; currency!
        country!; note"""),
    receipt_fields=fields(f"guid!; ebpCode; ebcCode!; orderNo!{ANSWER}"),
)
PAYMENT = Message(
    type="411",
    title="支付单",
    direction=Direction.IMPORT,
    body="Payment",
    head="PaymentHead",
    key=("pay_code", "pay_transaction_id"),
    receipt="412",
    receipt_key=("pay_code", "pay_transaction_id"),
    fields=fields(f"""{HEAD}
        payCode!; payName!; payTransactionId!; orderNo!; ebpCode!; ebpName!; payerIdType!; payerIdNumber!; payerName!
        telephone C..60; amountPaid!; currency!; payTime!; note"""),
    receipt_fields=fields(f"guid!; payCode!; payTransactionId!{ANSWER}"),
)
WAYBILL = Message(
    type="511",
    title="运单",
    direction=Direction.IMPORT,
    body="Logistics",
    head="LogisticsHead",
    key=("logistics_code", "logistics_no"),
    receipt="512",
    receipt_key=("logistics_code", "logistics_no"),
    fields=fields(f"""{HEAD}
        logisticsCode!; logisticsName!; logisticsNo! C..60; billNo; orderNo; freight!; insuredFee!; currency!; weight!
        packNo!; goodsInfo; consignee!; consigneeAddress!; consigneeTelephone!; note"""),
    receipt_fields=fields(f"guid!; logisticsCode!; logisticsNo! C..60{ANSWER}"),
)
WAYBILL_STATUS = Message(
    type="513",
    title="运单状态",
    direction=Direction.IMPORT,
    body="LogisticsStatus",
    key=("logistics_code", "logistics_no"),
    receipt="514",
    receipt_key=("logistics_code", "logistics_no"),
    fields=fields(f"""{HEAD}
        logisticsCode!; logisticsName!; logisticsNo! C..60; logisticsStatus! C1 S; logisticsTime!; note"""),
    receipt_fields=fields(f"guid!; logisticsCode!; logisticsNo! C..60; logisticsStatus C..10{ANSWER}"),
)
INVENTORY = Message(
    type="621",
    title="清单",
    direction=Direction.IMPORT,
    body="Inventory",
    head="InventoryHead",
    line="InventoryList",
    line_limits=(1, LIST_LIMIT),
    key=("ebc_code", "order_no"),
    receipt="622",
    receipt_key=("agent_code", "cop_no"),
    fields=fields(f"""{HEAD}
        orderNo!; ebpCode!; ebpName!; ebcCode!; ebcName!; logisticsNo! C..60; logisticsCode!; logisticsName!
        copNo! C..20; preNo; assureCode!; emsNo; invtNo; ieFlag! C1 I; declTime!; customsCode!; portCode!; ieDate
        buyerIdType!; buyerIdNumber!; buyerName!; buyerTelephone!; consigneeAddress!; agentCode!; agentName!; areaCode
        areaName; tradeMode! C4 9610|1210; trafMode!; trafNo; voyageNo; billNo; loctNo; licenseNo; country!; freight!
        insuredFee!; currency!; wrapType; packNo!; grossWeight!; netWeight!; note"""),
    line_fields=fields("""
        gnum! N4; itemRecordNo; itemNo; itemName; gcode! C10; gname!; gmodel! C..510; barCode; country!; tradeCountry
        currency!; qty!; unit!; qty1!; unit1!; qty2; unit2; price!; totalPrice!; note"""),
    receipt_fields=fields(f"""
        guid!; customsCode; ebpCode; ebcCode; agentCode!; copNo! C..20; preNo; invtNo{ANSWER}"""),
)
CANCELLATION = Message(
    type="623",
    title="撤销申请单",
    direction=Direction.IMPORT,
    body="InvtCancel",
    key=("agent_code", "cop_no"),
    receipt="624",
    receipt_key=("agent_code", "cop_no"),
    fields=fields(f"""{HEAD}
        customsCode!; orderNo!; ebpCode!; ebpName!; ebcCode!; ebcName!; logisticsNo! C..60; logisticsCode!
        logisticsName!; copNo! C..20; preNo; invtNo!; buyerIdType!; buyerIdNumber!; buyerName!; buyerTelephone!
        agentCode!; agentName!; reason!; note"""),
    receipt_fields=fields(f"""
        guid!; customsCode; agentCode!; ebpCode; ebcCode; copNo! C..20; preNo; invtNo{ANSWER}"""),
)
TALLY = Message(
    type="711",
    title="入库明细单",
    direction=Direction.IMPORT,
    body="Delivery",
    head="DeliveryHead",
    line="DeliveryList",
    line_limits=(1, PARCEL_LIMIT),
    key=("operator_code", "cop_no"),
    receipt="712",
    receipt_key=("operator_code", "cop_no"),
    fields=fields(f"""{HEAD}
        customsCode!; copNo!; preNo; rkdNo; operatorCode!; operatorName!; ieFlag! C1 I; trafMode!; trafNo!; voyageNo!
        billNo!; logisticsCode!; logisticsName!; unloadLocation; note"""),
    line_fields=fields("gnum! N9; logisticsNo! C..60; note"),
    receipt_fields=fields(f"guid!; customsCode; operatorCode!; copNo!; preNo; rkdNo{ANSWER}"),
)

IMPORT = (ORDER, PAYMENT, WAYBILL, WAYBILL_STATUS, INVENTORY, CANCELLATION, TALLY)
