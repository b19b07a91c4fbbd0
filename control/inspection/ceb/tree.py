"""XML to plain nodes, by expat, with every limit that a stranger's file needs.

A document type is refused before it can declare anything, so there are no entities: none from outside, none that grow.
Names are told apart by namespace and never by prefix: requests have one and receipts have none.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from coldport.errors import MalformedError

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
"""Of all messages."""
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
"""Of the signature in them."""

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of one message. A hundred inventories of a hundred lines are 8 MB."""
NODE_LIMIT = 250_000
"""Elements of one message: a hundred inventories of a hundred lines are 205,000. Empty elements stop here."""
DEPTH_LIMIT = 12
"""Elements in each other; a message has four, its signature nine."""

_DECLARED = re.compile(rb"""^<\?xml[^>]{0,60}encoding\s*=\s*["']([A-Za-z0-9._-]{1,20})["']""")
_CHINESE = frozenset({"gb2312", "gbk", "gb18030"})
_BETWEEN = " "


@dataclass(slots=True)
class Node:
    """An element: its name, its namespace, the line it begins on, its guid, its text without blanks, what is in it."""

    name: str
    namespace: str
    line: int
    guid: str = ""
    text: str = ""
    children: list["Node"] = field(default_factory=list)


def parse(body: bytes) -> Node:
    """Return the outermost element.

    Raises:
        MalformedError: It is no XML, too large, too deep, or has a document type.
    """
    if len(body) > BODY_LIMIT:
        raise MalformedError(f"too large: {len(body):,} bytes, at most {BODY_LIMIT:,}")
    builder = _Builder()
    try:
        builder.parser.Parse(_decoded(body), True)  # noqa: FBT003 - expat's own way to say that this is all
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise MalformedError(f"no XML: {error}") from None
    if builder.root is None:
        raise MalformedError("no XML: nothing in it")
    return builder.root


def _decoded(body: bytes) -> bytes | str:
    """Return the body as expat can read it: Chinese encodings it has not."""
    found = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    if found is None or found[1].decode().lower() not in _CHINESE:
        return body
    return body.decode("gb18030")


class _Builder:
    """Makes nodes of what expat says."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._text: list[str] = []
        self._count = 0
        self.parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append

    def _doctype(self, *_declared: object) -> None:
        raise MalformedError("a document type is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > NODE_LIMIT or len(self._open) >= DEPTH_LIMIT:
            raise MalformedError(f"more than {NODE_LIMIT:,} elements, or more than {DEPTH_LIMIT} in each other")
        namespace, _, local = name.rpartition(_BETWEEN)
        node = Node(local, namespace, self.parser.CurrentLineNumber, attributes.get("guid", "")[:36])
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._text.clear()

    def _end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._text).strip()
        self._text.clear()
