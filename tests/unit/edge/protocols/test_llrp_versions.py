"""What is settled with a reader before it reads: the version, who it is, its light barriers, what it holds back."""

import struct

import pytest

from edge.protocols.llrp.events import Closed, Connected
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.reader_events import GpiEvent, ReaderProblem

MAC = "001625f0a1b2"


class Versioned:
    """A reader that knows LLRP up to `newest`, and refuses the messages of 1.1 if that is 1."""

    def __init__(self, llrp, newest: int) -> None:
        self._llrp = llrp
        self._newest = newest
        self.config = llrp.tlv(218, struct.pack(">BH", 0, 6), bytes.fromhex(MAC))
        self.heard: list[tuple[int, int]] = []

    def answer(self, sent: bytes) -> bytes:
        """What it sends back; `heard` holds (version, type)."""
        answers = b""
        while sent:
            head, length, number = struct.unpack_from(">HII", sent)
            kind = head & 0x3FF
            body, sent = sent[10:length], sent[length:]
            self.heard.append((head >> 10, kind))
            message, status = self._llrp.message, self._llrp.status
            if kind in (46, 47) and self._newest == 1:
                answers += message(100, number, status(109, b"what?"))
            elif kind == 46:
                answers += message(56, number, bytes([1, self._newest]), status())
            elif kind == 2:
                answers += message(12, number, status(), self.config)
            elif kind != 64:
                assert kind != 47 or body == bytes([self._newest])
                answers += message(4 if kind == 14 else kind + 10, number, status())
        return answers


def bring_up(setup: Setup, reader: Versioned, llrp) -> tuple[Session, list]:
    session = Session(setup, now_s=0.0)
    session.receive(llrp.greeting, 0.0)
    events = []
    while sent := session.take_outgoing():
        events += session.receive(reader.answer(sent), 0.0)
    return session, events


def told(events: list, kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_a_reader_of_1_1_is_spoken_to_in_1_1_once_it_has_agreed(llrp) -> None:
    reader = Versioned(llrp, newest=2)
    session, events = bring_up(Setup(antennas=(1,), negotiate=True), reader, llrp)
    assert reader.heard[:2] == [(2, 46), (2, 47)]
    assert {version for version, _ in reader.heard[2:]} == {2}
    assert told(events, Connected)
    session.receive(llrp.message(62, 5), 1.0)
    assert session.take_outgoing().hex() == "08480000000a00000005"


def test_a_reader_that_knows_only_1_0_1_goes_on_in_1_0_1(llrp) -> None:
    reader = Versioned(llrp, newest=1)
    _, events = bring_up(Setup(antennas=(1,), negotiate=True), reader, llrp)
    assert reader.heard[0] == (2, 46)
    assert {version for version, _ in reader.heard[1:]} == {1}
    assert 47 not in {kind for _, kind in reader.heard}
    assert told(events, Connected)
    assert [problem.reason for problem in told(events, ReaderProblem)] == ["setting-refused"]


def test_nobody_is_asked_for_versions_unless_the_profile_says_so(llrp) -> None:
    reader = Versioned(llrp, newest=2)
    bring_up(Setup(antennas=(1,)), reader, llrp)
    assert {version for version, _ in reader.heard} == {1}
    assert not {46, 47} & {kind for _, kind in reader.heard}


@pytest.mark.parametrize("config", [b"", None], ids=["it-does-not-say", "it-says-another"])
def test_a_reader_that_is_not_the_one_that_was_wired_is_left_as_it_is(llrp, config) -> None:
    reader = Versioned(llrp, newest=1)
    if config is not None:
        reader.config = config
    _, events = bring_up(Setup(antennas=(1,), identity="001625ffffff"), reader, llrp)
    assert [closed.reason for closed in told(events, Closed)] == ["wrong-device"]
    assert {kind for _, kind in reader.heard} == {1, 2}


def test_the_reader_that_was_wired_is_taken(llrp) -> None:
    _, events = bring_up(Setup(antennas=(1,), identity=MAC), Versioned(llrp, newest=1), llrp)
    assert [connected.identity for connected in told(events, Connected)] == [MAC]


def test_how_the_light_barriers_are_is_told_when_the_reader_begins(llrp) -> None:
    reader = Versioned(llrp, newest=1)
    for port, state in ((1, 1), (2, 0), (3, 2), (4, 1)):
        reader.config += llrp.tlv(225, struct.pack(">HBB", port, 0x80, state))
    _, events = bring_up(Setup(antennas=(1,), gpi_ports=(1, 2, 3)), reader, llrp)
    assert told(events, GpiEvent) == [
        GpiEvent(port=1, high=True, age_s=0.0),
        GpiEvent(port=2, high=False, age_s=0.0),
    ]


def test_a_reader_that_holds_its_events_back_is_asked_for_them_once(llrp) -> None:
    reader = Versioned(llrp, newest=1)
    reader.config += llrp.tlv(226, b"\x80")
    bring_up(Setup(antennas=(1,), gpi_ports=(1,)), reader, llrp)
    assert [kind for _, kind in reader.heard].count(64) == 1
    assert reader.heard[-1] == (1, 64)
