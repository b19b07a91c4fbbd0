import io
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.clock import ManualClock
from coldport.errors import MalformedError
from firmware_sim.recording.echo import LlrpNumbers
from firmware_sim.recording.format import Entry, Head, Kind, connections, entry_text, head_text, parse
from firmware_sim.recording.player import Playback
from firmware_sim.recording.recorder import Tape

ASKED, SAID = Kind.ASKED, Kind.SAID
SICS = [
    Entry(0.0, ASKED, b"SI\r\n"),
    Entry(0.05, SAID, b"S S 1 kg\r\n"),
    Entry(0.2, ASKED, b"SI\r\n"),
    Entry(0.25, SAID, b"S S "),
    Entry(0.26, SAID, b"2 kg\r\n"),
    Entry(0.4, ASKED, b"Z\r\n"),
]
BYTES = st.binary(min_size=1, max_size=40)
ENTRIES = st.lists(
    st.builds(Entry, st.floats(0, 1e6).map(lambda s: round(s, 6)), st.sampled_from([ASKED, SAID]), BYTES), max_size=20
).map(lambda entries: sorted(entries, key=lambda one: one.at_s))


@given(ENTRIES, st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30))
@settings(max_examples=100)
def test_what_is_written_is_read_again(entries, note):
    head = Head(device="/dev/ttyUSB0", line="9600 8N1", note=" ".join(note.split()), echo=(0, 2))
    text = head_text(head) + "".join(entry_text(entry) for entry in entries)
    recording = parse(text)
    assert recording.head == head
    assert list(recording.entries) == entries


@given(ENTRIES, st.data())
@settings(max_examples=50)
def test_a_recording_cut_anywhere_loses_no_more_than_the_line_it_was_cut_in(entries, data):
    lines = [entry_text(entry) for entry in entries]
    head = head_text(Head())
    cut = data.draw(st.integers(0, sum(map(len, lines))))
    recording = parse(head + "".join(lines)[:cut])
    whole = ("".join(lines)[:cut]).count("\n")
    assert list(recording.entries) == entries[:whole]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: a recording begins with"),
        ("coldport recording 2\n\n", "1: a recording begins with"),
        ("coldport recording 1\nbaud: 9600\n\n", "2: expected one of device"),
        ("coldport recording 1\necho: 2\n\n", "echo: '2'"),
        ("coldport recording 1\n\n0.1 < 0\n", "3: expected seconds"),
        ("coldport recording 1\n\nnan < 00\n", "3: seconds count from 0"),
        ("coldport recording 1\n\n0.1 ?\n", "3: expected seconds"),
        ("coldport recording 1\n\n0.1 <\n", "3: < with 0 bytes"),
        ("coldport recording 1\n\n0.1 + 00\n", "3: \\+ with 1 bytes"),
        ("coldport recording 1\n\n0.2 < 00\n0.1 < 00\n", "4: time goes back"),
    ],
)
def test_a_mistake_is_told_with_its_line(text, message):
    with pytest.raises(MalformedError, match=message):
        parse(text)


def test_each_connection_begins_at_its_own_zero():
    text = "coldport recording 1\n\n5.0 +\n5.5 < 01\n6.0 -\n9.0 +\n9.0 -\n20.0 +\n20.25 < 02\n21.0 .\n"
    (first,), (second,) = connections(parse(text).entries)
    assert first == Entry(0.5, SAID, b"\x01")
    assert second == Entry(0.25, SAID, b"\x02")


def test_a_request_gets_its_answers_in_turn_with_their_delays_and_then_from_the_beginning():
    playback = Playback(SICS)
    for start_s, answer in ((10.0, b"S S 1 kg\r\n"), (11.0, b"S S 2 kg\r\n"), (12.0, b"S S 1 kg\r\n")):
        playback.receive(b"S", start_s)
        playback.receive(b"I\r\n", start_s)
        assert playback.send(start_s + 0.04) == b""
        assert playback.send(start_s + 0.07) == answer
    playback.receive(b"Z\r\n", 13.0)
    assert playback.send(14.0) == b""
    assert playback.unknown == 0


def test_a_request_that_is_not_in_the_recording_is_not_answered_and_counted():
    playback = Playback(SICS)
    playback.receive(b"@\r\n", 0.0)
    assert playback.send(1.0) == b""
    playback.receive(b"S", 1.0)
    playback.receive(b"SI\r\n", 2.0)  # what was begun before the silence is forgotten
    assert playback.send(3.0) == b"S S 1 kg\r\n"
    assert (playback.unknown, playback.unknown_sample) == (1, b"@\r\n")


def test_numbers_that_an_agent_counts_are_those_of_its_own_request():
    request, answer = bytes.fromhex("000100000006010200000001"), bytes.fromhex("00010000000401020101")
    playback = Playback([Entry(0.0, ASKED, request), Entry(0.01, SAID, answer)], echo=(0, 2))
    playback.receive(b"\x12\x34" + request[2:], 0.0)
    assert playback.send(1.0) == b"\x12\x34" + answer[2:]


def test_a_stream_is_said_at_its_times_and_again_from_its_beginning_faster_if_wished():
    stream = [Entry(1.0, SAID, b"a"), Entry(1.5, SAID, b"b")]
    for speed in (1.0, 4.0):
        playback = Playback(stream, speed=speed)
        assert playback.send(0.0) == b""
        playback.receive(b"whatever", 0.5 / speed)
        said = [playback.send(step * 0.25 / speed) for step in range(1, 13)]
        assert said == [b"", b"", b"", b"a", b"", b"b", b"", b"a", b"", b"b", b"", b"a"]
    assert Playback([Entry(0.0, SAID, b"x")]).send(0.0) == b"x"
    assert len(Playback([Entry(0.0, SAID, b"x")]).send(0.0)) == 1


@given(st.lists(BYTES, max_size=10), ENTRIES)
@settings(max_examples=50)
def test_nothing_that_an_agent_sends_can_break_a_playback(sent, entries):
    playback = Playback(entries, echo=(0, 2))
    for moment, data in enumerate(sent):
        playback.receive(data, moment * 0.1)
        playback.send(moment * 0.1)


async def test_a_tape_says_when_it_is_full_and_takes_nothing_more():
    file, clock = io.StringIO(), ManualClock(datetime(2026, 11, 24, tzinfo=UTC))
    tape = Tape(file, Head(), clock, limit=len(head_text(Head())) + 40)
    tape.note(SAID, b"\x01" * 8)
    await clock.advance(1.5)
    tape.note(SAID, b"\x02" * 8)
    tape.note(SAID, b"\x03")
    tape.end()
    assert tape.full
    entries = parse(file.getvalue()).entries
    assert [(entry.kind, entry.at_s) for entry in entries] == [(SAID, 0.0), (Kind.END, 1.5)]


def llrp(kind, number, body=b""):
    return struct.pack(">HII", 1 << 10 | kind, 10 + len(body), number) + body


def test_an_llrp_reader_answers_other_numbers_than_those_it_was_asked_by_then():
    greeting, report, alive = llrp(63, 900, b"hello"), llrp(61, 901, b"tag"), llrp(62, 902)
    said = llrp(11, 1, b"caps") + report + llrp(13, 2, b"set")
    entries = [
        Entry(0.0, SAID, greeting),
        Entry(0.1, ASKED, llrp(1, 1, b"all")[:4]),
        Entry(0.1, ASKED, llrp(1, 1, b"all")[4:] + llrp(3, 2, b"on")),
        Entry(0.2, SAID, said[:15]),
        Entry(0.3, SAID, said[15:] + alive),
        Entry(0.4, ASKED, llrp(72, 902)),
        Entry(0.5, SAID, report),
    ]
    playback = Playback(entries, echo="llrp")
    assert playback.send(0.0) == greeting
    playback.receive(llrp(1, 5001, b"all"), 1.0)
    for byte in llrp(3, 5002, b"on"):
        playback.receive(bytes([byte]), 1.1)
    assert playback.send(2.0) == llrp(11, 5001, b"caps") + report + llrp(13, 5002, b"set") + alive
    playback.receive(llrp(72, 902) + llrp(3, 5003, b"off"), 2.1)
    assert playback.send(3.0) == report
    assert (playback.unknown, playback.unknown_sample) == (1, llrp(3, 5003, b"off"))


@given(st.lists(st.binary(max_size=12), min_size=1), st.integers(1, 30))
def test_llrp_messages_come_out_whole_however_they_were_read(bodies, step):
    stream = b"".join(llrp(61, number, body) for number, body in enumerate(bodies))
    entries = [Entry(at, SAID, stream[at : at + step]) for at in range(0, len(stream), step)]
    whole = [entry.data for entry in LlrpNumbers().whole(entries)]
    assert whole == [llrp(61, number, body) for number, body in enumerate(bodies)]
