"""The schema of the messages, written from the field tables: what `documents` checks, for whoever sends us XML.

It is ours and not the authority's: the same elements, order, lengths and counts, as far as the field tables have them.
"""

from collections.abc import Iterator

from control.inspection.ceb.reader import NODE_LIMIT
from control.inspection.ceb.tree import NAMESPACE, SIGNATURE
from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.notation import Direction, Field, Kind, Message, fields

_TRANSFER = '<xs:element name="BaseTransfer" type="ceb:BaseTransfer"/>'
_SUBSCRIBE = '<xs:element name="BaseSubscribe" minOccurs="0" maxOccurs="5"/>'
_EXTEND = '<xs:element name="ExtendMessage" minOccurs="0"/>'
_SIGNED = f'<xs:any namespace="{SIGNATURE}" processContents="skip" minOccurs="0"/>'
_AROUND = {
    Direction.IMPORT: (_TRANSFER, _SUBSCRIBE, _EXTEND, _SIGNED),
    Direction.EXPORT: (_TRANSFER, _SUBSCRIBE, _SIGNED, _EXTEND),
}
_TRANSFER_FIELDS = fields("copCode! C..18; copName! C..100; dxpMode! C3; dxpId! C..30; note")


def schema() -> str:
    """Return the XML schema of all messages and receipts."""
    tables = [table for one in MESSAGES.values() for table in (one.fields, one.line_fields, one.receipt_fields)]
    kinds = {_name(field): field for table in (*tables, _TRANSFER_FIELDS) for field in table if not field.choices}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!-- Written by make docs from the field tables in control/inspection/documents. Not a file of customs. -->",
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ceb="{NAMESPACE}"',
        f'           targetNamespace="{NAMESPACE}" elementFormDefault="qualified">',
        *(line for name in sorted(kinds) for line in _simple_type(name, kinds[name])),
        '  <xs:complexType name="BaseTransfer">',
        *_sequence(_TRANSFER_FIELDS, "    "),
        "  </xs:complexType>",
        *(line for message in MESSAGES.values() for line in _message(message)),
        "</xs:schema>",
        "",
    ]
    return "\n".join(lines)


def _message(message: Message) -> Iterator[str]:
    yield f"  <!-- {message.type} {message.title} -->"
    yield from _root(message.root, message, message.body, list(_node(message)))
    yield f"  <!-- {message.receipt}: answer to {message.type} -->"
    answer = list(_sequence(message.receipt_fields, "          "))
    yield from _root(message.receipt_root, message, message.receipt_body, answer)


def _root(name: str, message: Message, body: str, inner: list[str]) -> Iterator[str]:
    yield f'  <xs:element name="{name}">'
    yield "    <xs:complexType>"
    yield "      <xs:sequence>"
    yield f'        <xs:element name="{body}" maxOccurs="{NODE_LIMIT}"><xs:complexType>'
    yield from inner
    yield "        </xs:complexType></xs:element>"
    yield from (f"        {part}" for part in _AROUND[message.direction])
    yield "      </xs:sequence>"
    yield '      <xs:attribute name="guid" type="ceb:C36-36" use="required"/>'
    yield '      <xs:attribute name="version" type="xs:string" use="required" fixed="1.0"/>'
    yield "    </xs:complexType>"
    yield "  </xs:element>"


def _node(message: Message) -> Iterator[str]:
    if message.head is None:
        yield from _sequence(message.fields, "          ")
        return
    yield "          <xs:sequence>"
    yield f'            <xs:element name="{message.head}"><xs:complexType>'
    yield from _sequence(message.fields, "              ")
    yield "            </xs:complexType></xs:element>"
    if message.line is not None:
        least, most = message.line_limits
        yield f'            <xs:element name="{message.line}" minOccurs="{least}" maxOccurs="{most}"><xs:complexType>'
        yield from _sequence(message.line_fields, "              ")
        yield "            </xs:complexType></xs:element>"
    yield "          </xs:sequence>"


def _sequence(table: tuple[Field, ...], indent: str) -> Iterator[str]:
    yield f"{indent}<xs:sequence>"
    for field in table:
        many = "" if field.required else ' minOccurs="0"'
        if not field.choices:
            yield f'{indent}  <xs:element name="{field.xml}" type="ceb:{_name(field)}"{many}/>'
            continue
        choices = "".join(f'<xs:enumeration value="{choice}"/>' for choice in field.choices)
        kind = f'<xs:simpleType><xs:restriction base="xs:string">{choices}</xs:restriction></xs:simpleType>'
        yield f'{indent}  <xs:element name="{field.xml}"{many}>{kind}</xs:element>'
    yield f"{indent}</xs:sequence>"


def _name(field: Field) -> str:
    if field.kind is Kind.NUMBER:
        return f"N{field.longest}-{field.decimals}" if field.decimals else f"N{field.longest}"
    return f"T{field.longest}" if field.kind is Kind.MOMENT else f"C{field.shortest}-{field.longest}"


def _simple_type(name: str, field: Field) -> Iterator[str]:
    yield f'  <xs:simpleType name="{name}">'
    yield f'    <xs:restriction base="xs:{"decimal" if field.kind is Kind.NUMBER else "string"}">'
    if field.kind is Kind.NUMBER:
        yield f'      <xs:totalDigits value="{field.longest}"/>'
        yield f'      <xs:fractionDigits value="{field.decimals}"/>'
        yield '      <xs:minInclusive value="0"/>'
    elif field.kind is Kind.MOMENT:
        yield f'      <xs:pattern value="[0-9]{{{field.longest}}}"/>'
    else:
        yield f'      <xs:minLength value="{field.shortest}"/>'
        yield f'      <xs:maxLength value="{field.longest}"/>'
    yield "    </xs:restriction>"
    yield "  </xs:simpleType>"
