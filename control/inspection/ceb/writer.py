"""Writes messages that keep the schema: order of the elements, import and export each its own way.

A signature belongs into every message whose nodes are declared (`appStatus` 2). Nothing here signs: whoever has the
key puts `ds:Signature` where the schema has it, after `ExtendMessage` on import, before it on export; both are the end
of what is written here.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from coldport.errors import RefusedError
from control.inspection.ceb.reader import NODE_LIMIT, Transfer
from control.inspection.ceb.tree import NAMESPACE
from control.inspection.documents.catalogue import BY_RECEIPT, MESSAGES
from control.inspection.documents.checks import flaws
from control.inspection.documents.document import Document
from control.inspection.documents.notation import Field, Message
from control.inspection.documents.receipts import CustomsReceipt, receipt_flaws


def write(documents: Sequence[Document], transfer: Transfer, guid: str) -> bytes:
    """Write declarations of one type as one message.

    Raises:
        RefusedError: They are none, too many, of several types, or one is not what its message asks for.
    """
    message = MESSAGES.get(_one_type(document.type for document in documents))
    if message is None:
        raise RefusedError(f"{documents[0].type} is no message that is known here")
    for document in documents:
        found = flaws(document)
        if found:
            raise RefusedError(f"{document.type}: {found[0]}")
    nodes = (line for document in documents for line in _node(message, document))
    return _envelope(message.root, guid, nodes, transfer)


def write_receipts(receipts: Sequence[CustomsReceipt], transfer: Transfer, guid: str) -> bytes:
    """Write answers to one type of declaration as customs would; for a simulator of it.

    Raises:
        RefusedError: As `write`.
    """
    message = BY_RECEIPT.get(_one_type(receipt.type for receipt in receipts))
    if message is None:
        raise RefusedError(f"{receipts[0].type} is no receipt that is known here")
    for receipt in receipts:
        found = receipt_flaws(receipt)
        if found:
            raise RefusedError(f"{receipt.type}: {found[0]}")
    nodes = (line for receipt in receipts for line in _receipt_node(message, receipt))
    return _envelope(message.receipt_root, guid, nodes, transfer)


def _one_type(types: Iterable[str]) -> str:
    found = list(types)
    if not 1 <= len(found) <= NODE_LIMIT or len(set(found)) > 1:
        raise RefusedError(f"a message has 1 to {NODE_LIMIT} nodes of one type")
    return found[0]


def _envelope(root: str, guid: str, nodes: Iterable[str], transfer: Transfer) -> bytes:
    around = {
        "copCode": transfer.cop_code,
        "copName": transfer.cop_name,
        "dxpMode": transfer.dxp_mode,
        "dxpId": transfer.dxp_id,
        "note": transfer.note,
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<ceb:{root} xmlns:ceb="{NAMESPACE}" guid="{escape(guid)}" version="1.0">',
        *nodes,
        "  <ceb:BaseTransfer>",
        *(_element(name, text, 4) for name, text in around.items() if text),
        "  </ceb:BaseTransfer>",
        f"</ceb:{root}>",
        "",
    ]
    return "\n".join(lines).encode()


def _node(message: Message, document: Document) -> Iterator[str]:
    yield f"  <ceb:{message.body}>"
    if message.head is None:
        yield from _elements(message.fields, document.head, 4)
    else:
        yield from _part(message.head, message.fields, document.head)
    for line in document.lines:
        yield from _part(message.line or "", message.line_fields, line)
    yield f"  </ceb:{message.body}>"


def _receipt_node(message: Message, receipt: CustomsReceipt) -> Iterator[str]:
    answer = {"return_status": receipt.status, "return_time": receipt.time, "return_info": receipt.info}
    yield f"  <ceb:{message.receipt_body}>"
    yield from _elements(message.receipt_fields, receipt.keys | answer, 4)
    yield f"  </ceb:{message.receipt_body}>"


def _part(name: str, table: tuple[Field, ...], values: dict[str, str]) -> Iterator[str]:
    yield f"    <ceb:{name}>"
    yield from _elements(table, values, 6)
    yield f"    </ceb:{name}>"


def _elements(table: tuple[Field, ...], values: dict[str, str], indent: int) -> Iterator[str]:
    for field in table:
        if values.get(field.name):
            yield _element(field.xml, values[field.name], indent)


def _element(name: str, text: str, indent: int) -> str:
    return f"{' ' * indent}<ceb:{name}>{escape(text)}</ceb:{name}>"
