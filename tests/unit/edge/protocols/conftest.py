"""Bytes of an LLRP reader, written by hand; `edge.protocols.llrp` only reads them."""

import struct
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session


def message(kind: int, number: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">HII", 1 << 10 | kind, 10 + len(body), number) + body


def tlv(kind: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">HH", kind, 4 + len(body)) + body


def status(code: int = 0, text: bytes = b"") -> bytes:
    return tlv(287, struct.pack(">HH", code, len(text)), text)


def notification(*events: bytes, at_us: int = 1_000_000) -> bytes:
    return message(63, 0, tlv(246, tlv(128, struct.pack(">Q", at_us)), *events))


def report(epc: bytes, antenna: int, first_us: int | None = None) -> bytes:
    first = b"" if first_us is None else b"\x82" + struct.pack(">Q", first_us)
    return message(61, 0, tlv(240, b"\x8d" + epc, b"\x81" + struct.pack(">H", antenna), b"\x86\xce", first))


CAPABILITIES = b"".join(
    [
        tlv(137, struct.pack(">HHIIH", 4, 0x4000, 25882, 2001007, 5), b"5.14 ", tlv(139, struct.pack(">HH", 1, 0))),
        tlv(
            143,
            struct.pack(">HH", 156, 14),
            tlv(
                144,
                tlv(145, struct.pack(">Hh", 1, 1000)),
                tlv(145, struct.pack(">Hh", 2, 2000)),
                tlv(145, struct.pack(">Hh", 3, 3000)),
                tlv(146, b"\x80", tlv(147, struct.pack(">BBHI", 7, 0, 1, 920625))),
            ),
        ),
    ]
)


class Reader:
    """A reader that answers as told; it knows the requests by their numbers only."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.replies: dict[int, bytes] = {}
        self.silent_on: set[int] = set()
        self.contents = {1: CAPABILITIES, 2: tlv(218, struct.pack(">BH", 0, 6), bytes.fromhex("001625f0a1b2"))}

    def answer(self, sent: bytes) -> bytes:
        """What it sends back for what it got; the type of a response is that of its request plus ten."""
        answers = b""
        while sent:
            head, length, number = struct.unpack_from(">HII", sent)
            kind = head & 0x3FF
            sent = sent[length:]
            if kind == 72:
                continue
            self.heard.append(kind)
            if kind not in self.silent_on:
                reply = 4 if kind == 14 else kind + 10
                answers += message(reply, number, self.replies.get(kind, status()), self.contents.get(kind, b""))
        return answers


@pytest.fixture
def llrp() -> SimpleNamespace:
    """The writers of reader bytes, and a greeting."""
    return SimpleNamespace(
        message=message,
        tlv=tlv,
        status=status,
        notification=notification,
        report=report,
        greeting=notification(tlv(256, b"\x00\x00")),
        capabilities=CAPABILITIES,
    )


@pytest.fixture
def reader() -> Reader:
    """A reader at the other end."""
    return Reader()


@pytest.fixture
def start(reader: Reader, llrp: SimpleNamespace) -> Callable[..., Session]:
    """Bring a session up against `reader`, at the moment 0, and drop what it told."""

    def up(setup: Setup | None = None) -> Session:
        session = Session(setup or Setup(antennas=(1, 2)), now_s=0.0)
        session.receive(llrp.greeting, 0.0)
        while sent := session.take_outgoing():
            session.receive(reader.answer(sent), 0.0)
        return session

    return up
