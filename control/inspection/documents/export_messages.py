"""The messages of export by the parcel (9610; 9710 and 9810 use the same): GACC 202205, export half.

The order of the fields is that of the schema. Where the specification's tables and its schema name a field in two ways
(`agengName`, `consingee`), the schema's name stands here. What a receipt repeats is as implementations read it.
"""

from control.inspection.documents.notation import Direction, Message, fields

HEAD = "guid!; appType! C1 1|2|3; appTime!; appStatus! C1 1|2\n"
"""What every business node begins with: new, changed or withdrawn; when; kept or declared."""
ANSWER = "\nreturnStatus! C..10; returnTime!; returnInfo!"
"""What every receipt ends with."""

LIST_LIMIT = 100
"""Lines of one order or inventory, by the schema."""
PARCEL_LIMIT = 20_000
"""Parcels of one list. The schema has no limit; 20,000 are what a full truck of small parcels carries, twice."""

ORDER = Message(
    type="303",
    title="订单",
    direction=Direction.EXPORT,
    body="Order",
    head="OrderHead",
    line="OrderList",
    line_limits=(1, LIST_LIMIT),
    key=("order_no", "ebc_code"),
    receipt="304",
    receipt_key=("order_no", "ebc_code"),
    fields=fields(f"""{HEAD}
        orderType! C1 E|B|W; orderNo!; ebpCode!; ebpName!; ebcCode!; ebcName!
        goodsValue!; freight!; currency!; note"""),
    line_fields=fields("""
        gnum!; itemNo!; itemName!; itemDescribe; barCode; unit!; currency!; qty!; price!; totalPrice!; note"""),
    receipt_fields=fields(f"guid!; ebpCode!; ebcCode!; orderNo!{ANSWER}"),
)
RECEIPT_OF_MONEY = Message(
    type="403",
    title="收款单",
    direction=Direction.EXPORT,
    body="Receipts",
    key=("order_no", "ebc_code"),
    receipt="404",
    receipt_key=("order_no", "ebc_code"),
    fields=fields(f"""{HEAD}
        ebpName!; ebpCode!; ebcCode!; ebcName!; orderNo!; payCode; payName!; payNo
        charge!; currency!; accountingDate!; note"""),
    receipt_fields=fields(f"guid!; ebcCode!; orderNo!; payNo{ANSWER}"),
)
WAYBILL = Message(
    type="505",
    title="运单",
    direction=Direction.EXPORT,
    body="Logistics",
    key=("logistics_code", "logistics_no"),
    receipt="506",
    receipt_key=("logistics_code", "logistics_no"),
    fields=fields(f"""{HEAD}
        logisticsCode!; logisticsName!; logisticsNo! C..32; freight!; insuredFee!; currency!; grossWeight!; packNo!
        goodsInfo!; ebcCode; ebcName; ebcTelephone; note"""),
    receipt_fields=fields(f"guid!; logisticsCode!; logisticsNo! C..32{ANSWER}"),
)
ARRIVAL = Message(
    type="507",
    title="运抵单",
    direction=Direction.EXPORT,
    body="Arrival",
    head="ArrivalHead",
    line="ArrivalList",
    line_limits=(0, PARCEL_LIMIT),
    key=("operator_code", "cop_no", "msg_seq_no"),
    receipt="508",
    receipt_key=("operator_code", "cop_no", "msg_seq_no"),
    fields=fields(f"""{HEAD}
        customsCode!; copNo!; preNo; operatorCode!; operatorName!; loctNo; ieFlag! C1 E; trafMode!; billNo
        domesticTrafNo!; logisticsCode!; logisticsName!; msgCount!; msgSeqNo!; note"""),
    line_fields=fields("gnum! N9; logisticsNo! C..32; totalPackageNo; note"),
    receipt_fields=fields(f"guid!; operatorCode!; logisticsCode; copNo!; preNo; billNo; msgSeqNo!{ANSWER}"),
)
DEPARTURE = Message(
    type="509",
    title="离境单",
    direction=Direction.EXPORT,
    body="Departure",
    head="DepartureHead",
    line="DepartureList",
    line_limits=(1, PARCEL_LIMIT),
    key=("logistics_code", "cop_no", "msg_seq_no"),
    receipt="510",
    receipt_key=("logistics_code", "cop_no", "msg_seq_no"),
    fields=fields(f"""{HEAD}
        customsCode!; copNo!; preNo; logisticsCode!; logisticsName!; trafMode!; trafName; voyageNo; billNo
        leaveTime!; msgCount!; msgSeqNo!; note"""),
    line_fields=fields("gnum! N9; totalPackageNo; logisticsNo! C..32; note"),
    receipt_fields=fields(f"guid!; logisticsCode!; copNo!; preNo; msgSeqNo!{ANSWER}"),
)
INVENTORY = Message(
    type="603",
    title="清单",
    direction=Direction.EXPORT,
    body="Inventory",
    head="InventoryHead",
    line="InventoryList",
    line_limits=(1, LIST_LIMIT),
    key=("ebc_code", "order_no"),
    receipt="604",
    receipt_key=("agent_code", "cop_no"),
    fields=fields(f"""{HEAD}
        customsCode!; ebpCode!; ebpName!; orderNo!; logisticsCode!; logisticsName!; logisticsNo! C..32; copNo!; preNo
        invtNo C18..20; ieFlag! C1 E; portCode!; ieDate!; statisticsFlag! C1 A|B; agentCode!; agentName!
        ebcCode!; ebcName!; ownerCode!; ownerName!; iacCode; iacName; emsNo; tradeMode! C4 9610|1210|9710|9810
        trafMode!; trafName; voyageNo; billNo; totalPackageNo; loctNo; licenseNo; country!; POD! C3..4
        freight!; fCurrency!; fFlag! C1 1|2|3; insuredFee!; iCurrency!; iFlag! C1 1|2|3
        wrapType!; packNo!; grossWeight!; netWeight!; note"""),
    line_fields=fields("""
        gnum!; itemNo! C..20; itemRecordNo; itemName; gcode! C..10; gname!; gmodel!; barCode!; country!; currency!
        qty!; qty1!; qty2; unit!; unit1!; unit2; price!; totalPrice!; note"""),
    receipt_fields=fields(f"""
        guid!; agentCode!; copNo!; preNo; invtNo C18..20; ebcCode; ebpCode; orderNo; statisticsFlag C1{ANSWER}"""),
)
CANCELLATION = Message(
    type="605",
    title="撤销申请单",
    direction=Direction.EXPORT,
    body="InvtCancel",
    key=("agent_code", "cop_no"),
    receipt="606",
    receipt_key=("agent_code", "cop_no"),
    fields=fields(f"""{HEAD}
        customsCode!; copNo!; preNo; invtNo! C18..20; reason!; agentCode!; agentName!; ebcCode!; ebcName!; note"""),
    receipt_fields=fields(f"guid!; agentCode!; copNo!; preNo; invtNo C18..20; msgSeqNo{ANSWER}"),
)
MASTER_LIST = Message(
    type="607",
    title="清单总分单",
    direction=Direction.EXPORT,
    body="WayBill",
    head="WayBillHead",
    line="WayBillList",
    line_limits=(1, PARCEL_LIMIT),
    key=("agent_code", "cop_no", "msg_seq_no"),
    receipt="608",
    receipt_key=("agent_code", "cop_no", "msg_seq_no"),
    fields=fields(f"""{HEAD}
        customsCode!; copNo!; preNo; agentCode!; agentName!; loctNo; trafMode!; trafName!; voyageNo!; billNo!
        domesticTrafNo; grossWeight!; logisticsCode!; logisticsName!; msgCount!; msgSeqNo!; note"""),
    line_fields=fields("gnum! N9; totalPackageNo C..60; logisticsNo! C..32; invtNo C18..20; note"),
    receipt_fields=fields(f"guid!; agentCode!; logisticsCode; copNo!; preNo; billNo; msgSeqNo!{ANSWER}"),
)

EXPORT = (ORDER, RECEIPT_OF_MONEY, WAYBILL, ARRIVAL, DEPARTURE, INVENTORY, CANCELLATION, MASTER_LIST)
