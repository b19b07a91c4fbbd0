import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.llrp.inventory import TAGS_AT_ONCE, WAITING_LIMIT
from firmware_sim.servers.llrp.outbox import REPORT_LIMIT
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import Kind, Splitter, at, message, parameters, tlv, u16, u32

EPOCH_US = 1594174805140192
EPC = bytes.fromhex("3000abcdef00000000000003")
SLLURP_ADD_BODY = (  # what sllurp 3.0.5 sends for two antennas, report_every_n_tags=1
    "00b1 0098 00000001 00 00 00b2 0012 00b3 0005 01 00b6 0009 00 00000000"
    "00b7 006a 0002 0001 0002 00b8 0019 03 00000000 00b9 0010 00 00 0001 0000 0000 00000000"
    "00ba 0047 0001 01 00de 0020 0001 00e0 000a 0001 0001 0051 014a 0010 00 0150 000b 80 0004 00000000"
    "00de 0020 0002 00e0 000a 0001 0001 0051 014a 0010 00 0150 000b 80 0004 00000000"
    "00ed 0012 01 0000 00ee 000b 9780 015c 0005 00"
)
ANTENNA_RSSI_FIRST = 1 << 12 | 1 << 10 | 1 << 9
ONE = u32(1)
ENDLESS = tlv(184, b"\0", u32(0))


def add_body(
    *, number=1, start=0, duration_ms=0, antennas=(0,), ai_stop=ENDLESS, trigger=1, every=1,
    content=ANTENNA_RSSI_FIRST,
):  # fmt: skip
    stop = tlv(182, bytes([1 if duration_ms else 0]), u32(duration_ms))
    boundary = tlv(178, tlv(179, bytes([start])), stop)
    inventory = tlv(186, u16(1), b"\1")
    ai_spec = tlv(183, u16(len(antennas)), *(u16(antenna) for antenna in antennas), ai_stop, inventory)
    report = tlv(237, bytes([trigger]), u16(every), tlv(238, u16(content)))
    return tlv(177, u32(number), b"\0\0", boundary, ai_spec, report)


class Client:
    """Talks to a session, and reads what comes back."""

    def __init__(self, reader):
        self.reader = reader
        self.session = reader.connect()
        self.splitter = Splitter()
        self.number = 100

    def hear(self, now_s=0.0):
        return list(self.splitter.feed(self.session.send(now_s)))

    def ask(self, kind, body=b"", now_s=0.0):
        self.number += 1
        self.session.receive(message(kind, self.number, body), now_s)
        return next(answer for answer in self.hear(now_s) if answer.number == self.number)

    def run(self, body=None, **spec):
        for kind, request in ((Kind.ADD_ROSPEC, body or add_body(**spec)), (Kind.ENABLE_ROSPEC, ONE)):
            assert status_of(self.ask(kind, request)) == 0
        if not spec.get("start") and body is None:
            assert status_of(self.ask(Kind.START_ROSPEC, ONE)) == 0


def status_of(answer):
    assert answer.body[:2] == u16(287)
    return at(answer.body, 4, 2)


def read(antenna=1, rssi=-48, at_s=0.0, epc=EPC):
    return TagRead(epc, antenna, rssi, 3, at_s)


@pytest.fixture
def reader(faults):
    return LlrpReader("lane-1-gate", 2, faults, stamps=Stamps(EPOCH_US, lambda: 0.0))


@pytest.fixture
def client(reader):
    client = Client(reader)
    client.hear()
    return client


def test_the_reader_speaks_first_and_says_that_the_connection_is_good(reader):
    session = reader.connect()
    expected = "043f 00000020 00000001 00f6 0016 0080 000c 0005a9e4bef862e0 0100 0006 0000"
    assert session.send(0.0) == bytes.fromhex(expected)
    assert session.send(0.0) == b""


def test_a_second_client_is_refused_with_2_and_the_first_one_is_told_with_4(reader, client):
    second = Client(reader)
    (refusal,) = second.hear()
    assert refusal.body.endswith(bytes.fromhex("0100 0006 0002"))
    assert second.session.finished
    (told,) = client.hear()
    assert told.body.endswith(bytes.fromhex("0100 0006 0004"))
    assert not client.session.finished
    reader.disconnect(second.session)
    assert Client(reader).session.finished
    reader.disconnect(client.session)
    assert not Client(reader).session.finished


def test_a_tag_report_has_the_bytes_of_the_standard(client):
    client.run(every=1)
    client.reader.reads([read()], 0.0)
    out = client.session.send(0.0)
    assert out[:6] == bytes.fromhex("043d 00000029")
    expected = "00f0 001f 8d 3000abcdef00000000000003 81 0001 86 d0 82 0005a9e4bef862e0"
    assert out[10:] == bytes.fromhex(expected)


def test_what_sllurp_asks_for_is_reported_tag_by_tag_with_its_six_fields(client):
    client.run(bytes.fromhex(SLLURP_ADD_BODY))
    client.reader.reads([read(1, -50, 1.0), read(2, -55, 2.0)], 0.0)
    reports = [heard for heard in client.hear() if heard.kind == Kind.RO_ACCESS_REPORT]
    assert len(reports) == 2
    data = parameters(reports[1].body)[0].body
    types = []
    sizes = {13: 12, 9: 4, 1: 2, 6: 1, 2: 8, 4: 8, 8: 2}
    while data:
        types.append(data[0] & 0x7F)
        data = data[1 + sizes[types[-1]] :]
    assert types == [13, 9, 1, 6, 2, 4, 8]


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (0, ""),
        (1 << 15, "89 00000001"),
        (1 << 14, "8e 0001"),
        (1 << 13, "8a 0001"),
        (1 << 11, "87 0003"),
        (1 << 8, "84 0005a9e4bf07a520"),
        (1 << 7, "88 0002"),
        (1 << 6, "90 00000000"),
    ],
)
def test_only_the_selected_fields_are_reported(client, content, fields):
    client.run(content=content, every=0)
    client.reader.reads([read(at_s=0.0), read(at_s=1.0)], 0.0)
    client.session.receive(message(Kind.GET_REPORT, 7), 0.0)
    (report,) = client.hear()
    body = parameters(report.body)[0].body
    assert body[:13] == b"\x8d" + EPC
    assert body[13:] == bytes.fromhex(fields)


def test_n_tags_make_a_report_and_repeats_of_a_tag_are_counted_in_it(client):
    client.run(every=2, content=1 << 12 | 1 << 10 | 1 << 7)
    client.reader.reads([read(rssi=-60), read(rssi=-48), read(rssi=-59)], 0.0)
    assert client.hear() == []
    client.reader.reads([read(antenna=2)], 0.0)
    (report,) = client.hear()
    first, second = (part.body[13:] for part in parameters(report.body))
    assert first == bytes.fromhex("81 0001 86 d0 88 0003")
    assert second == bytes.fromhex("81 0002 86 d0 88 0001")


def test_with_n_0_and_an_endless_spec_nothing_is_reported_until_it_is_stopped(client):
    client.run(every=0)
    client.reader.reads([read()], 0.0)
    assert client.hear(1000.0) == []
    client.session.receive(message(Kind.STOP_ROSPEC, 9, ONE), 1000.0)
    assert [heard.kind for heard in client.hear()] == [Kind.STOP_ROSPEC + 10, Kind.RO_ACCESS_REPORT]


def test_the_duration_of_the_antenna_spec_makes_reports_and_it_goes_on(client):
    client.run(every=0, ai_stop=tlv(184, b"\1", u32(500)))
    for now_s in (0.1, 0.6, 1.2):
        client.reader.reads([read(at_s=now_s)], now_s)
        client.hear(now_s - 0.05)
    client.reader.reads([read()], 1.3)
    assert len(client.hear(1.8)) == 1


def test_only_the_antennas_of_the_spec_are_inventoried(client):
    client.run(antennas=(2,))
    client.reader.reads([read(antenna=1)], 0.0)
    assert client.hear() == []
    client.reader.reads([read(antenna=2)], 0.0)
    assert len(client.hear()) == 1


def test_a_spec_with_a_duration_ends_and_starts_again_when_it_starts_by_itself(client):
    events = tlv(244, tlv(245, u16(2), b"\x80"))
    assert status_of(client.ask(Kind.SET_READER_CONFIG, b"\0" + events)) == 0
    client.run(start=1, duration_ms=1000, every=0, trigger=2)
    client.reader.reads([read()], 0.5)
    heard = client.hear(1.0)
    assert [message.kind for message in heard] == [Kind.RO_ACCESS_REPORT] + [Kind.READER_EVENT_NOTIFICATION] * 2
    assert [at(parameters(parameters(m.body)[0].body)[1].body, 0, 1) for m in heard[1:]] == [1, 0]


def test_nothing_is_read_before_start_nor_after_stop_disable_or_delete(client):
    assert status_of(client.ask(Kind.ADD_ROSPEC, add_body())) == 0
    for kind in (None, Kind.ENABLE_ROSPEC, Kind.START_ROSPEC, Kind.STOP_ROSPEC, Kind.DISABLE_ROSPEC):
        if kind is not None:
            assert status_of(client.ask(kind, ONE)) == 0
        client.reader.reads([read()], 0.0)
        assert len(client.hear()) == (1 if kind is Kind.START_ROSPEC else 0)
    assert status_of(client.ask(Kind.DELETE_ROSPEC, u32(0))) == 0
    assert client.ask(Kind.GET_ROSPECS).body == tlv(287, u16(0), u16(0))


def test_the_specs_come_back_with_their_state(client):
    body = bytes.fromhex(SLLURP_ADD_BODY)
    client.run(body)
    answer = client.ask(Kind.GET_ROSPECS)
    assert answer.body[8:] == body[:9] + b"\2" + body[10:]


def test_specs_outlive_a_connection_and_reads_without_a_client_are_lost(reader, client):
    client.run(start=1)
    reader.disconnect(client.session)
    reader.reads([read()], 0.0)
    again = Client(reader)
    assert [heard.kind for heard in again.hear()] == [Kind.READER_EVENT_NOTIFICATION]
    reader.reads([read(epc=bytes(12))], 0.0)
    (report,) = again.hear()
    assert bytes(12) in report.body


def test_keepalives_come_at_their_period_and_stop_when_switched_off(client):
    assert status_of(client.ask(Kind.SET_READER_CONFIG, b"\0" + tlv(220, b"\1", u32(1000)))) == 0
    counts = [sum(m.kind == Kind.KEEPALIVE for m in client.hear(tenth / 10)) for tenth in range(55)]
    assert sum(counts) == 5
    client.session.receive(message(Kind.KEEPALIVE_ACK, 1), 5.5)
    assert client.ask(Kind.SET_READER_CONFIG, b"\0" + tlv(220, b"\0", u32(0)), 5.5)
    assert client.hear(100.0) == []


def test_the_capabilities_name_china_its_channels_and_the_antennas(client):
    body = client.ask(Kind.GET_READER_CAPABILITIES, b"\0").body
    general, llrp, regulatory, c1g2 = parameters(body)[1:]
    assert [part.kind for part in (general, llrp, regulatory, c1g2)] == [137, 142, 143, 327]
    assert at(general.body, 0, 2) == 2
    assert regulatory.body[:4] == u16(156) + u16(14)
    assert u32(920_625) + u32(920_875) in regulatory.body
    assert u32(924_375) in regulatory.body
    assert len(client.ask(Kind.GET_READER_CAPABILITIES, b"\3").body) < len(body)


def test_the_configuration_says_what_was_set(client):
    keepalive = tlv(220, b"\1", u32(10_000))
    assert keepalive not in client.ask(Kind.GET_READER_CONFIG, bytes(7)).body
    events = tlv(244, tlv(245, u16(8), b"\x80"))
    assert status_of(client.ask(Kind.SET_READER_CONFIG, b"\0" + events + keepalive)) == 0
    body = client.ask(Kind.GET_READER_CONFIG, bytes(7)).body
    assert keepalive in body
    assert tlv(245, u16(8), b"\x80") in body


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (Kind.ADD_ROSPEC, b"", 103),
        (Kind.ADD_ROSPEC, add_body(number=0), 101),
        (Kind.ADD_ROSPEC, add_body(antennas=(3,)), 101),
        (Kind.ADD_ROSPEC, add_body(start=2), 101),
        (Kind.ADD_ROSPEC, add_body(trigger=9), 101),
        (Kind.ADD_ROSPEC, add_body(ai_stop=tlv(184, b"\2", u32(0))), 101),
        (Kind.ADD_ROSPEC, add_body()[:-1], 100),
        (Kind.ADD_ROSPEC, tlv(177, ONE, b"\0\0"), 103),
        (Kind.START_ROSPEC, ONE, 101),
        (Kind.ENABLE_ROSPEC, u32(9), 101),
        (Kind.DELETE_ROSPEC, b"\0", 100),
        (Kind.DELETE_ACCESSSPEC, ONE, 101),
        (Kind.DELETE_ACCESSSPEC, u32(0), 0),
        (Kind.SET_READER_CONFIG, b"\0" + tlv(500), 111),
        (Kind.SET_READER_CONFIG, b"\0\xff", 100),
        (Kind.GET_READER_CAPABILITIES, b"", 100),
        (Kind.GET_READER_CONFIG, b"\0", 100),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_code(client, kind, body, code):
    answer = client.ask(kind, body)
    assert (answer.kind, status_of(answer)) == (kind + 10, code)


def test_a_number_twice_and_one_spec_too_many_are_refused(client):
    for number in range(1, 5):
        assert status_of(client.ask(Kind.ADD_ROSPEC, add_body(number=number))) == 0
    assert status_of(client.ask(Kind.ADD_ROSPEC, add_body(number=2))) == 101
    assert status_of(client.ask(Kind.ADD_ROSPEC, add_body(number=5))) == 105


@pytest.mark.parametrize(("head", "code"), [(0x07E7, 109), (0x0801, 110), (0x2401, 101), (0x043D, 109)])
def test_messages_nobody_knows_get_an_error_message(client, head, code):
    client.session.receive(u16(head) + u32(10) + u32(77), 0.0)
    (answer,) = client.hear()
    assert (answer.kind, answer.number, status_of(answer)) == (Kind.ERROR_MESSAGE, 77, code)


def test_impinjs_extensions_can_be_enabled_and_no_other_custom_message_is_known(client):
    answer = client.ask(Kind.CUSTOM_MESSAGE, u32(25882) + b"\x15" + u32(0))
    assert answer.kind == Kind.CUSTOM_MESSAGE
    assert answer.body == u32(25882) + b"\x16" + tlv(287, u16(0), u16(0))
    assert client.ask(Kind.CUSTOM_MESSAGE, u32(161) + b"\1").kind == Kind.ERROR_MESSAGE


def test_enable_events_and_reports_has_no_answer(client):
    client.session.receive(message(Kind.ENABLE_EVENTS_AND_REPORTS, 5), 0.0)
    assert client.hear() == []


def test_a_close_is_answered_and_then_the_connection_ends(client):
    answer = client.ask(Kind.CLOSE_CONNECTION)
    assert (answer.kind, status_of(answer)) == (Kind.CLOSE_CONNECTION_RESPONSE, 0)
    assert client.session.finished


@pytest.mark.parametrize("length", [0, 9, 65_537, 0xFFFFFFFF])
def test_a_length_that_cannot_be_right_ends_the_connection(client, length):
    client.session.receive(u16(0x0401) + u32(length) + u32(1), 0.0)
    assert client.session.finished


def test_tags_past_the_reports_limit_are_dropped_as_a_full_buffer_would(client):
    client.run(every=0, content=0)
    client.reader.reads((read(epc=number.to_bytes(12, "big")) for number in range(WAITING_LIMIT + 1)), 0.0)
    client.session.receive(message(Kind.GET_REPORT, 7), 0.0)
    counts = [len(parameters(report.body)) for report in client.hear()]
    assert counts == [TAGS_AT_ONCE] * (WAITING_LIMIT // TAGS_AT_ONCE)


def test_reports_past_the_limit_are_dropped_until_the_client_reads_again(client):
    client.run(every=1)
    client.reader.reads((read() for _ in range(REPORT_LIMIT + 1)), 0.0)
    assert len(client.hear()) == REPORT_LIMIT
    client.reader.reads([read()], 0.0)
    assert len(client.hear()) == 1


def test_requests_may_come_byte_by_byte(client):
    for byte in message(Kind.GET_ROSPECS, 5) + message(Kind.DELETE_ROSPEC, 6, u32(0)):
        client.session.receive(bytes([byte]), 0.0)
    assert [answer.number for answer in client.hear()] == [5, 6]


def test_a_silent_reader_keeps_its_connection_and_says_nothing(client, faults):
    client.ask(Kind.SET_READER_CONFIG, b"\0" + tlv(220, b"\1", u32(1000)))
    client.run()
    silence = Fault(kind=FaultKind.SILENCE, target="lane-1-gate")
    faults.begin(silence)
    client.reader.reads([read()], 1.0)
    client.session.receive(message(Kind.GET_ROSPECS, 5), 2.0)
    assert [client.session.send(now_s) for now_s in (2.0, 50.0)] == [b"", b""]
    assert not client.session.finished
    faults.end(silence)
    assert [heard.kind for heard in client.hear(100.0)] == [Kind.KEEPALIVE]


def test_an_unknown_message_comes_before_what_is_said(client, faults):
    faults.begin(Fault(kind=FaultKind.UNKNOWN_MESSAGE, target="lane-1-gate"))
    client.session.receive(message(Kind.GET_ROSPECS, 5), 0.0)
    assert [heard.kind for heard in client.hear()] == [999, Kind.GET_ROSPECS + 10]
    assert client.hear() == []


@settings(max_examples=300)
@given(noise=st.binary(max_size=200), kind=st.sampled_from(sorted(Kind)))
def test_no_body_of_any_message_breaks_the_reader(noise, kind):
    client = Client(LlrpReader("g", 2, Faults(random.Random(1)), stamps=Stamps(0, lambda: 0.0)))
    client.session.receive(message(kind, 1, noise), 0.0)
    client.session.receive(noise, 0.0)
    assert client.hear()[0].kind == Kind.READER_EVENT_NOTIFICATION
