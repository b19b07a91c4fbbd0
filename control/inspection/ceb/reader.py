"""Reads a message as it is meant, and says what had to be put right.

Of the authority's own 39 samples ten do not keep the authority's schema. So a node that stands twice, an element in
another order, a root without its `Message`, a missing namespace are read and noted (`Repair`); what the fields hold is
not judged here but by `documents.checks`, the same for every way that a document comes.
"""

import re
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from coldport.errors import MalformedError
from control.inspection.ceb.tree import NAMESPACE, Node, parse
from control.inspection.documents.catalogue import BY_RECEIPT, MESSAGES
from control.inspection.documents.document import Document
from control.inspection.documents.notation import Field, Message
from control.inspection.documents.receipts import CustomsReceipt

NODE_LIMIT = 100
"""Business nodes of one message, by the schema."""
REPAIR_LIMIT = 100
"""Repairs told of one message."""

_ROOT = re.compile(r"CEB([0-9]{3})(Message)?")
_AROUND = frozenset({"BaseTransfer", "BaseSubscribe", "ExtendMessage", "Signature"})


class Repair(Struct, frozen=True, kw_only=True):
    """Something that was not as the schema has it and was read all the same: an id of `words`, where, what."""

    reason: str
    line: int
    name: str


class Transfer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sends a message by which way (`BaseTransfer`)."""

    cop_code: Annotated[str, Meta(min_length=1, max_length=18)]
    cop_name: Annotated[str, Meta(min_length=1, max_length=100)]
    dxp_id: Annotated[str, Meta(min_length=1, max_length=30)]
    dxp_mode: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "DXP"
    note: Annotated[str, Meta(max_length=1_000)] = ""


class Content(Struct, frozen=True, kw_only=True):
    """What a message held. `is_signed`: it carried a signature, which nobody has verified."""

    type: str
    guid: str = ""
    documents: tuple[Document, ...] = ()
    receipts: tuple[CustomsReceipt, ...] = ()
    transfer: Transfer | None = None
    is_signed: bool = False
    repairs: tuple[Repair, ...] = ()


def read(body: bytes) -> Content:
    """Read a message: a declaration of any of `MESSAGES`, or a receipt to one.

    Raises:
        MalformedError: It is no XML, none of these messages, has something that nobody can read as a part of it, or
            is too large.
    """
    root = parse(body)
    notes = _Notes()
    found = _ROOT.fullmatch(root.name)
    kind = found[1] if found else ""
    if kind not in MESSAGES and kind not in BY_RECEIPT:
        raise MalformedError(f"{root.name[:60]!r} is no message that is known here")
    if found and not found[2]:
        notes.add("root", root)
    if root.namespace not in {NAMESPACE, ""}:
        raise MalformedError(f"{root.namespace[:80]!r} is not the namespace of these messages")
    if not root.namespace:
        notes.add("no-namespace", root)
    message = MESSAGES.get(kind) or BY_RECEIPT[kind]
    parts = _split(root, message.body if kind in MESSAGES else message.receipt_body, notes)
    is_request = kind in MESSAGES
    return Content(
        type=kind,
        guid=root.guid,
        documents=tuple(_document(message, node, notes) for node in parts.nodes) if is_request else (),
        receipts=() if is_request else tuple(_receipt(message, node, notes) for node in parts.nodes),
        transfer=_transfer(parts.transfers, notes),
        is_signed=parts.is_signed,
        repairs=tuple(notes.repairs),
    )


class _Notes:
    def __init__(self) -> None:
        self.repairs: list[Repair] = []

    def add(self, reason: str, node: Node) -> None:
        if len(self.repairs) < REPAIR_LIMIT:
            self.repairs.append(Repair(reason=reason, line=node.line, name=node.name[:60]))


class _Parts(NamedTuple):
    nodes: list[Node]
    transfers: list[Node]
    is_signed: bool


def _split(root: Node, body: str, notes: _Notes) -> _Parts:
    nodes: list[Node] = []
    transfers: list[Node] = []
    around: list[str] = []
    for node in root.children:
        if node.name == body:
            nodes.append(node)
            if around:
                notes.add("order", node)
        elif node.name in _AROUND:
            around.append(node.name)
            if node.name == "BaseTransfer":
                transfers.append(node)
        else:
            raise MalformedError(f"line {node.line}: {node.name[:60]!r} has no place in {root.name}")
    if not 1 <= len(nodes) <= NODE_LIMIT:
        raise MalformedError(f"{len(nodes)} {body} in {root.name}, there are 1 to {NODE_LIMIT}")
    return _Parts(nodes, transfers, "Signature" in around)


def _document(message: Message, node: Node, notes: _Notes) -> Document:
    if message.head is None:
        return Document(type=message.type, head=_fields(message.fields, node, notes))
    heads = [child for child in node.children if child.name == message.head]
    lines = [child for child in node.children if child.name == message.line]
    if len(heads) != 1 or len(heads) + len(lines) != len(node.children):
        raise MalformedError(f"line {node.line}: {message.body} is not one {message.head} and its lines")
    if len(lines) > message.line_limits[1]:
        raise MalformedError(f"line {node.line}: {len(lines)} lines, at most {message.line_limits[1]}")
    return Document(
        type=message.type,
        head=_fields(message.fields, heads[0], notes),
        lines=tuple(_fields(message.line_fields, line, notes) for line in lines),
    )


def _receipt(message: Message, node: Node, notes: _Notes) -> CustomsReceipt:
    values = _fields(message.receipt_fields, node, notes)
    try:
        return msgspec.convert(
            {
                "type": message.receipt,
                "status": values.pop("return_status", ""),
                "time": values.pop("return_time", ""),
                "info": values.pop("return_info", ""),
                "keys": values,
            },
            CustomsReceipt,
        )
    except msgspec.ValidationError as error:
        raise MalformedError(f"line {node.line}: {error}") from None


def _fields(table: tuple[Field, ...], node: Node, notes: _Notes) -> dict[str, str]:
    names = {field.xml: (place, field) for place, field in enumerate(table)}
    values: dict[str, str] = {}
    last = -1
    for child in node.children:
        if child.name not in names or child.children:
            raise MalformedError(f"line {child.line}: {child.name[:60]!r} has no place in {node.name}")
        place, field = names[child.name]
        if place < last:
            notes.add("order", child)
        last = max(last, place)
        if not child.text:
            continue
        if values.setdefault(field.name, child.text) != child.text:
            raise MalformedError(f"line {child.line}: {child.name} stands twice and says two things")
    return values


def _transfer(nodes: list[Node], notes: _Notes) -> Transfer | None:
    if not nodes:
        return None
    found = [{child.name: child.text for child in node.children if child.text} for node in nodes]
    if len(found) > 1:
        notes.add("transfer-twice", nodes[1])
    if any(other != found[0] for other in found):
        raise MalformedError(f"line {nodes[1].line}: BaseTransfer stands twice and says two things")
    names = {"copCode": "cop_code", "copName": "cop_name", "dxpMode": "dxp_mode", "dxpId": "dxp_id", "note": "note"}
    try:
        return msgspec.convert({names.get(name, name): text for name, text in found[0].items()}, Transfer)
    except msgspec.ValidationError as error:
        raise MalformedError(f"line {nodes[0].line}: BaseTransfer: {error}") from None
