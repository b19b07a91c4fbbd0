"""The messages that the office knows: how each lies in its XML, by what it is known, what a receipt repeats.

From the field tables of GACC 202205 and the schema where the two differ; the keys as implementations have them.
"""

from typing import NamedTuple


class Form(NamedTuple):
    """One type of message. `head` is None where the fields stand in `body` itself; `known_by` makes two the same."""

    receipt: str
    body: str
    head: str | None
    known_by: tuple[str, ...]
    repeated: tuple[str, ...]


_ORDER = ("orderNo", "ebcCode")
_WAYBILL = ("logisticsCode", "logisticsNo")
_SEGMENT = ("copNo", "msgSeqNo")
_CANCELLATION = ("agentCode", "copNo")

FORMS: dict[str, Form] = {
    "303": Form("304", "Order", "OrderHead", _ORDER, ("ebpCode", "ebcCode", "orderNo")),
    "403": Form("404", "Receipts", None, _ORDER, ("ebcCode", "orderNo", "payNo")),
    "505": Form("506", "Logistics", None, _WAYBILL, _WAYBILL),
    "507": Form(
        "508",
        "Arrival",
        "ArrivalHead",
        ("operatorCode", *_SEGMENT),
        ("operatorCode", "logisticsCode", "copNo", "preNo", "billNo", "msgSeqNo"),
    ),
    "509": Form(
        "510",
        "Departure",
        "DepartureHead",
        ("logisticsCode", *_SEGMENT),
        ("logisticsCode", "copNo", "preNo", "msgSeqNo"),
    ),
    "603": Form(
        "604",
        "Inventory",
        "InventoryHead",
        _ORDER,
        ("agentCode", "copNo", "preNo", "invtNo", "ebcCode", "ebpCode", "orderNo", "statisticsFlag"),
    ),
    "605": Form("606", "InvtCancel", None, _CANCELLATION, (*_CANCELLATION, "preNo", "invtNo")),
    "607": Form(
        "608",
        "WayBill",
        "WayBillHead",
        ("agentCode", *_SEGMENT),
        ("agentCode", "logisticsCode", "copNo", "preNo", "billNo", "msgSeqNo"),
    ),
    "311": Form("312", "Order", "OrderHead", _ORDER, ("ebpCode", "ebcCode", "orderNo")),
    "411": Form("412", "Payment", "PaymentHead", ("payCode", "payTransactionId"), ("payCode", "payTransactionId")),
    "511": Form("512", "Logistics", "LogisticsHead", _WAYBILL, _WAYBILL),
    "513": Form("514", "LogisticsStatus", None, _WAYBILL, (*_WAYBILL, "logisticsStatus")),
    "621": Form(
        "622",
        "Inventory",
        "InventoryHead",
        _ORDER,
        ("customsCode", "ebpCode", "ebcCode", "agentCode", "copNo", "preNo", "invtNo"),
    ),
    "623": Form(
        "624",
        "InvtCancel",
        None,
        _CANCELLATION,
        ("customsCode", "agentCode", "ebpCode", "ebcCode", "copNo", "preNo", "invtNo"),
    ),
    "711": Form(
        "712",
        "Delivery",
        "DeliveryHead",
        ("operatorCode", "copNo"),
        ("customsCode", "operatorCode", "copNo", "preNo", "rkdNo"),
    ),
}
"""By type."""

ORDERS = {"603": "303", "621": "311"}
"""Which order belongs to an inventory."""
WAYBILLS = {"603": "505", "621": "511"}
"""Which waybill."""
LISTS = frozenset({"507", "509", "607"})
"""Lists of the parcels of a bill, in segments."""
CANCELLATIONS = frozenset({"605", "623"})
"""Applications to withdraw an inventory (撤销), by the number that customs gave it."""
DELIVERED = "513"
"""A parcel was handed over to its buyer."""
TAKEN_IN = {"507": "399", "509": "399", "607": "399", DELIVERED: "120", "711": "120"}
"""What follows by itself when these have come (2)."""
