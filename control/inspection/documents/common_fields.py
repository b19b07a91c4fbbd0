"""The type that a field has in most messages. A message that wants another one says so."""

_BY_TYPE = {
    "C..18": """
        ebpCode ebcCode agentCode ownerCode iacCode logisticsCode operatorCode payCode areaCode
    """,
    "C..100": """
        ebpName ebcName agentName ownerName iacName logisticsName operatorName payName
        trafName trafNo domesticTrafNo consignee unloadLocation areaName
    """,
    "C..60": "orderNo payNo payTransactionId buyerRegNo buyerName buyerIdNumber payerName payerIdNumber",
    "C..32": "voyageNo",
    "C..37": "billNo totalPackageNo",
    "C..30": "copNo emsNo itemNo itemRecordNo buyerTelephone assureCode",
    "C..50": "barCode consigneeTelephone ebcTelephone",
    "C..19": "licenseNo",
    "C..10": "loctNo",
    "C18": "preNo invtNo rkdNo",
    "C..200": "goodsInfo consigneeAddress",
    "C..250": "itemName gname gmodel",
    "C..1000": "note itemDescribe reason returnInfo",
    "C36": "guid",
    "C1": "ieFlag trafMode wrapType buyerIdType payerIdType fFlag iFlag",
    "C3": "currency unit unit1 unit2 country tradeCountry fCurrency iCurrency",
    "C4": "customsCode portCode tradeMode",
    "N19,5": """
        goodsValue freight discount taxTotal acturalPaid amountPaid charge insuredFee
        qty qty1 qty2 price totalPrice grossWeight netWeight weight
    """,
    "N5": "gnum",
    "N9": "packNo msgCount msgSeqNo",
    "T8": "ieDate declTime",
    "T14": "appTime payTime accountingDate leaveTime logisticsTime",
    "T17": "returnTime",
}

COMMON = {name: kind for kind, names in _BY_TYPE.items() for name in names.split()}
"""Type by the field's own name."""
