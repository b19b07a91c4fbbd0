"""Declarations read from XML, and receipts written to it, as an office does it."""

from collections.abc import Mapping
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from coldport.errors import MalformedError
from firmware_sim.customs.forms import FORMS

SPACE = "http://www.chinaport.gov.cn/ceb"
"""Namespace of all messages."""
PAPER_LIMIT = 20_000_000
"""Bytes of one message that the office looks at."""


class Paper(NamedTuple):
    """One business node: its type, the fields of its head by the message's own names, the parcels on its lines."""

    type: str
    fields: Mapping[str, str]
    parcels: tuple[str, ...]


class Letter(NamedTuple):
    """A message: the guid by which it is the same as another, and what is in it."""

    guid: str
    papers: tuple[Paper, ...]


class Answer(NamedTuple):
    """One answer to be written: the receipt's type and element, and its fields in order."""

    type: str
    element: str
    fields: Mapping[str, str]


def read(body: bytes) -> Letter:
    """Read a declaration.

    Raises:
        MalformedError: It is no XML, has a document type, or is no message that the office knows.
    """
    if len(body) > PAPER_LIMIT:
        raise MalformedError("too large")
    desk = _Desk()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.StartElementHandler, parser.EndElementHandler = desk.begin, desk.end
    parser.CharacterDataHandler = desk.hear
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own way to say that this is all
    except expat.ExpatError as error:
        raise MalformedError(str(error)) from None
    return Letter(desk.guid, tuple(desk.papers))


def _no_document_type(*_declared: object) -> None:
    raise MalformedError("a document type is not allowed")


class _Desk:
    """Lays out a message as it is read: names of the elements that are open, and the node that is being filled."""

    def __init__(self) -> None:
        self.guid = ""
        self.papers: list[Paper] = []
        self._kind = ""
        self._open: list[str] = []
        self._fields: dict[str, str] = {}
        self._parcels: list[str] = []
        self._text = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._open:
            self._kind = local.removeprefix("CEB").removesuffix("Message")
            if space != SPACE or self._kind not in FORMS:
                raise MalformedError(f"{local:.40} is not known at the office")
            self.guid = attributes.get("guid", "")
        elif len(self._open) == 1:
            self._fields, self._parcels = {}, []
        self._open.append(local)
        self._text = ""

    def hear(self, text: str) -> None:
        self._text += text

    def end(self, _name: str) -> None:
        form, name, text = FORMS[self._kind], self._open.pop(), self._text.strip()
        self._text = ""
        inside = self._open[1:]
        if inside in ([form.body, form.head], [form.body]) and text:
            self._fields[name] = text
        elif inside == [form.body, f"{form.body}List"] and name == "logisticsNo":
            self._parcels.append(text)
        elif not inside and self._open and name == form.body:
            self.papers.append(Paper(self._kind, self._fields, tuple(self._parcels)))


def write(answer: Answer, guid: str) -> bytes:
    """Write a receipt: in the default namespace, as customs' own samples are."""
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in answer.fields.items() if text)
    root = f"CEB{answer.type}Message"
    around = f'<{root} xmlns="{SPACE}" guid={quoteattr(guid)} version="1.0">'
    inside = f"<{answer.element}>{fields}</{answer.element}>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{around}{inside}</{root}>\n'.encode()
