"""LLRP beyond tags: versions, light barriers, antennas, held events, lost reports, and a clock that knows no UTC."""

import pytest

from firmware_sim.devices.device import TagRead
from firmware_sim.servers.llrp.inventory import WAITING_LIMIT
from firmware_sim.servers.llrp.outbox import EVENT_LIMIT, REPORT_LIMIT, Event
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import V1_0_1, V1_1, Kind, Splitter, at, message, parameters, tlv, u8, u16, u32

EPC = bytes.fromhex("3000abcdef00000000000003")
EPOCH_US = 1594174805140192
ALL_EVENTS = tlv(244, *(tlv(245, u16(event), b"\x80") for event in Event))
HOLD = tlv(226, b"\x80")


class Client:
    def __init__(self, reader):
        self.reader = reader
        self.splitter = Splitter()
        self.number = 100
        self.join()

    def join(self):
        self.session = self.reader.connect()
        return self.hear()

    def leave(self):
        self.reader.disconnect(self.session)

    def hear(self, now_s=0.0):
        return list(self.splitter.feed(self.session.send(now_s)))

    def ask(self, kind, body=b"", version=V1_0_1):
        self.number += 1
        self.session.receive(message(kind, self.number, body, version), 0.0)
        (answer,) = [heard for heard in self.hear() if heard.number == self.number]
        return answer

    def set(self, *parts):
        answer = self.ask(Kind.SET_READER_CONFIG, b"\0" + b"".join(parts))
        return at(answer.body, 4, 2)

    def config(self):
        return parameters(self.ask(Kind.GET_READER_CONFIG, bytes(7)).body[8:])

    def inventory(self, *, every=1, content=0xFFC0):
        ai_spec = tlv(183, u16(1), u16(0), tlv(184, b"\0", u32(0)), tlv(186, u16(1), b"\1"))
        boundary = tlv(178, tlv(179, b"\1"), tlv(182, b"\0", u32(0)))
        report = tlv(237, b"\1", u16(every), tlv(238, u16(content)))
        self.ask(Kind.ADD_ROSPEC, tlv(177, u32(1), b"\0\0", boundary, ai_spec, report))
        self.ask(Kind.ENABLE_ROSPEC, u32(1))
        self.hear()


def events(heard):
    """Return the events in notifications: (type, body) each."""
    told = (parameters(one.body)[0] for one in heard if one.kind == Kind.READER_EVENT_NOTIFICATION)
    return [(event.kind, event.body) for notification in told for event in parameters(notification.body)[1:]]


def read(antenna=1, epc=EPC):
    return TagRead(epc, antenna, -48, 3, 2.0)


@pytest.fixture
def reader(faults):
    return LlrpReader("g", 2, faults, stamps=Stamps(EPOCH_US, lambda: 2.0), inputs=2)


@pytest.fixture
def client(reader):
    return Client(reader)


def status_of(answer):
    return at(answer.body, 4, 2)


def test_a_client_asks_for_the_versions_sets_the_newer_one_and_is_answered_in_it(client):
    told = client.ask(Kind.GET_SUPPORTED_VERSION, version=V1_1)
    assert (told.kind, told.version, told.body[:2]) == (56, V1_1, b"\1\2")
    chosen = client.ask(Kind.SET_PROTOCOL_VERSION, u8(V1_1), version=V1_1)
    assert (chosen.kind, chosen.version, status_of(chosen)) == (57, V1_1, 0)
    assert client.ask(Kind.GET_ROSPECS, version=V1_1).version == V1_1
    refused = client.ask(Kind.GET_ROSPECS, version=V1_0_1)
    assert (refused.kind, refused.version, status_of(refused)) == (Kind.ERROR_MESSAGE, V1_1, 110)
    assert client.ask(Kind.GET_SUPPORTED_VERSION, version=V1_1).body[:2] == b"\2\2"


@pytest.mark.parametrize("wanted", [b"", u8(0), u8(3)])
def test_a_version_nobody_knows_is_refused_and_the_old_one_stays(client, wanted):
    refused = client.ask(Kind.SET_PROTOCOL_VERSION, wanted, version=V1_1)
    assert (refused.kind, status_of(refused)) == (57, 110)
    assert client.ask(Kind.GET_ROSPECS).kind == 36


def test_each_connection_begins_with_the_old_version(client):
    client.ask(Kind.SET_PROTOCOL_VERSION, u8(V1_1), version=V1_1)
    client.leave()
    (greeting,) = client.join()
    assert greeting.version == V1_0_1
    assert client.ask(Kind.GET_ROSPECS).version == V1_0_1


@pytest.mark.parametrize(("version", "code"), [(V1_0_1, 109), (V1_1, 110)])
def test_an_old_reader_knows_nothing_of_versions(faults, version, code):
    client = Client(LlrpReader("g", 2, faults, stamps=Stamps(0, lambda: 0.0), newest=V1_0_1))
    refused = client.ask(Kind.GET_SUPPORTED_VERSION, version=version)
    assert (refused.kind, refused.version, status_of(refused)) == (Kind.ERROR_MESSAGE, V1_0_1, code)


def test_a_light_barrier_is_told_when_it_changes_and_its_state_stands_in_the_config(client):
    client.reader.gpi(1, high=True)
    assert client.hear() == []  # nobody wanted to know
    client.set(ALL_EVENTS)
    client.reader.gpi(1, high=True)
    client.reader.gpi(2, high=True)
    client.reader.gpi(1, high=False)
    assert events(client.hear()) == [(248, b"\0\2\x80"), (248, b"\0\1\0")]
    assert [part.body for part in client.config() if part.kind == 225] == [b"\0\1\x80\0", b"\0\2\x80\1"]


def test_an_input_that_is_switched_off_tells_nothing_but_its_state(client):
    assert client.set(ALL_EVENTS, tlv(225, u16(1), b"\0\0")) == 0
    client.reader.gpi(1, high=True)
    assert client.hear() == []
    assert next(part.body for part in client.config() if part.kind == 225) == b"\0\1\0\1"


def test_an_antenna_that_is_pulled_off_is_told_and_reads_nothing(client):
    client.set(ALL_EVENTS)
    client.inventory()
    client.reader.antenna(2, connected=False)
    client.reader.reads([read(2), read(1)], 0.0)
    heard = client.hear()
    assert events(heard) == [(255, b"\0\0\2")]
    assert [one.kind for one in heard].count(Kind.RO_ACCESS_REPORT) == 1
    assert [part.body[0] for part in client.config() if part.kind == 221] == [0x80, 0]
    client.reader.antenna(2, connected=True)
    assert events(client.hear()) == [(255, b"\1\0\2")]


def test_a_lamp_at_an_output_is_set_and_read_back(client):
    assert client.set(tlv(219, u16(4), b"\x80")) == 0
    assert [part.body for part in client.config() if part.kind == 219][3] == b"\0\4\x80"
    assert client.set(tlv(219, u16(5), b"\x80")) == 101


def test_a_config_with_something_wrong_in_it_changes_nothing(client):
    assert client.set(tlv(220, b"\1", u32(500)), tlv(219, u16(9), b"\x80")) == 101
    assert client.reader.config.keepalive_ms == 0


def test_held_reports_and_events_wait_for_the_client_and_until_it_asks(client):
    client.set(ALL_EVENTS, HOLD)
    client.inventory()
    client.leave()
    client.reader.reads([read()], 0.0)
    client.reader.gpi(1, high=True)
    (greeting,) = client.join()
    assert events([greeting]) == [(256, b"\0\0")]
    client.reader.reads([read(2)], 0.0)
    assert client.hear() == []
    client.session.receive(message(Kind.ENABLE_EVENTS_AND_REPORTS, 7), 0.0)
    assert [one.kind for one in client.hear()] == [61, 63, 61]


def test_without_holding_what_happens_while_nobody_is_there_is_lost(client):
    client.set(ALL_EVENTS)
    client.inventory()
    client.leave()
    client.reader.reads([read()], 0.0)
    client.reader.gpi(1, high=True)
    assert len(client.join()) == 1


def test_held_reports_have_a_limit_and_an_event_says_that_some_were_lost(client):
    client.set(ALL_EVENTS, HOLD)
    client.inventory()
    client.leave()
    client.reader.reads([read() for _ in range(REPORT_LIMIT + 2)], 0.0)
    for number in range(EVENT_LIMIT + 9):
        client.reader.gpi(1, high=number % 2 == 0)
    client.join()
    client.session.receive(message(Kind.ENABLE_EVENTS_AND_REPORTS, 7), 0.0)
    heard = client.hear()
    assert [one.kind for one in heard].count(Kind.RO_ACCESS_REPORT) == REPORT_LIMIT
    assert events(heard).count((251, b"")) == 1
    assert len(events(heard)) == EVENT_LIMIT


def test_tags_lost_while_nothing_is_reported_are_told_once(client):
    client.set(ALL_EVENTS)
    client.inventory(every=0)
    client.reader.reads((read(epc=number.to_bytes(12, "big")) for number in range(WAITING_LIMIT + 9)), 0.0)
    assert events(client.hear()) == [(251, b"")]


def test_a_reader_without_a_clock_tells_how_long_it_has_been_on(faults):
    reader = LlrpReader("g", 2, faults, stamps=Stamps(EPOCH_US, lambda: 2.0, has_clock=False))
    greeting = reader.connect().send(0.0)
    assert greeting[14:26] == bytes.fromhex("0081 000c") + (2_000_000).to_bytes(8, "big")
    reader = LlrpReader("g", 2, faults, stamps=Stamps(EPOCH_US, lambda: 2.0, has_clock=False))
    client = Client(reader)
    client.inventory(content=1 << 9 | 1 << 8)
    reader.reads([read()], 0.0)
    (report,) = client.hear()
    seen = (2_000_000).to_bytes(8, "big")
    assert parameters(report.body)[0].body[13:] == b"\x83" + seen + b"\x85" + seen
    general = parameters(client.ask(Kind.GET_READER_CAPABILITIES, b"\1").body[8:])[0]
    assert at(general.body, 2, 2) & 1 << 14 == 0


def test_capabilities_tell_inputs_outputs_and_that_events_can_be_held(client):
    general, llrp = (parameters(client.ask(Kind.GET_READER_CAPABILITIES, u8(which)).body[8:])[0] for which in (1, 2))
    assert tlv(141, u16(2), u16(4)) in general.body
    assert llrp.body[0] & 0x08
