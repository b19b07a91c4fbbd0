"""All messages, by their type and by that of their receipt."""

from control.inspection.documents.export_messages import EXPORT
from control.inspection.documents.import_messages import IMPORT
from control.inspection.documents.notation import Message

MESSAGES: dict[str, Message] = {message.type: message for message in EXPORT + IMPORT}
"""By type: `621`."""
BY_RECEIPT: dict[str, Message] = {message.receipt: message for message in EXPORT + IMPORT}
"""By the type of their receipt: `622` is the one of 621."""

ORDERS = frozenset({"303", "311"})
PAYMENTS = frozenset({"403", "411"})
WAYBILLS = frozenset({"505", "511"})
INVENTORIES = frozenset({"603", "621"})
CANCELLATIONS = frozenset({"605", "623"})
LISTS = frozenset({"507", "509", "607", "711"})
"""Messages whose lines are parcels."""
