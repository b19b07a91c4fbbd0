"""Impinj and Zebra readers: their JSON, what they keep and lose while the line is dead, and Impinj's REST interface."""

import json
import random
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.http import BODY_LIMIT
from firmware_sim.servers.vendor.impinj import BUFFER_LIMIT, ImpinjReader
from firmware_sim.servers.vendor.impinj_rest import session
from firmware_sim.servers.vendor.zebra import Mode, ZebraReader

EPOCH = datetime(2026, 11, 24, 2, 10, 11, 123000, tzinfo=UTC)
EPC = bytes.fromhex("3034257BF7194E4000001A85")
SILENCE = Fault(kind=FaultKind.SILENCE, target="dock-1")


def read(antenna=2, at_s=0.0):
    return TagRead(EPC, antenna, -52, 1, at_s)


@pytest.fixture
def impinj(faults):
    return ImpinjReader("dock-1", 4, faults, now=lambda: EPOCH, epoch=lambda: EPOCH)


@pytest.fixture
def events(impinj):
    told = []
    impinj.listen(lambda data: told.append(json.loads(data)))
    return told


def test_impinj_tells_what_a_reader_tells_by_default_and_no_hex(impinj, events):
    impinj.reads([read(at_s=1.0)], 0.0)
    (event,) = events
    tag = event.pop("tagInventoryEvent")
    assert event == {
        "timestamp": "2026-11-24T02:10:12.123000000Z",
        "hostname": "dock-1",
        "eventType": "tagInventory",
    }
    assert urlsafe_b64decode(tag.pop("epc")) == EPC
    assert urlsafe_b64decode(tag.pop("tid"))[:1] == b"\xe2"
    assert tag == {"antennaPort": 2, "peakRssiCdbm": -5200, "frequency": 920_625, "transmitPowerCdbm": 3000}


def test_impinj_writes_epcs_in_the_url_safe_alphabet(impinj, events):
    impinj.reads([TagRead(bytes.fromhex("fbff") * 6, 1, -52, 1, 0.0)], 0.0)
    assert events[0]["tagInventoryEvent"]["epc"] == "-__7__v_-__7__v_"


def test_impinj_tells_light_barriers_and_antennas(impinj, events):
    impinj.gpi(1, high=True)
    impinj.gpi(1, high=False)
    impinj.antenna(2, connected=False)
    impinj.antenna(2, connected=True)
    assert [event[f"{event['eventType']}Event"] for event in events] == [
        {"gpi": 1, "transition": "low-to-high"},
        {"gpi": 1, "transition": "high-to-low"},
        {"antennaPort": 2, "antennaName": "antenna2"},
        {"antennaPort": 2, "antennaName": "antenna2"},
    ]
    assert [event["eventType"] for event in events[2:]] == ["antennaDisconnected", "antennaConnected"]


def test_impinj_keeps_events_while_the_line_is_dead_and_tells_how_many_it_purged(impinj, events, faults):
    faults.begin(SILENCE)
    for number in range(BUFFER_LIMIT + 3):
        impinj.reads([read(at_s=float(number))], 0.0)
    assert events == []
    faults.end(SILENCE)
    overflow, *kept = events
    assert overflow["overflowEvent"] == {
        "firstEventTimestamp": "2026-11-24T02:10:11.123000000Z",
        "lastEventTimestamp": "2026-11-24T02:10:13.123000000Z",
        "eventsPurged": 3,
        "eventsRemaining": BUFFER_LIMIT,
    }
    assert [event["eventType"] for event in kept] == ["tagInventory"] * BUFFER_LIMIT
    impinj.reads([read()], 0.0)
    assert events[-1]["eventType"] == "tagInventory"


def test_impinj_purges_nothing_while_it_has_room(impinj, events, faults):
    faults.begin(SILENCE)
    impinj.reads([read()], 0.0)
    faults.end(SILENCE)
    assert [event["eventType"] for event in events] == ["tagInventory"]


class Browser:
    """An HTTP client without I/O."""

    def __init__(self, core):
        self.core = core
        self.connection = h11.Connection(h11.CLIENT)

    def ask(self, method, path, body=b""):
        headers = [("Host", "dock-1"), ("Content-Length", str(len(body)))]
        for part in (h11.Request(method=method, target=path, headers=headers), h11.Data(body), h11.EndOfMessage()):
            self.core.receive(self.connection.send(part), 0.0)
        return self.hear()

    def hear(self):
        """Return the status, if one came, and the data that came."""
        status, data = None, b""
        if said := self.core.send(0.0):
            self.connection.receive_data(said)
        while (event := self.connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                data += bytes(event.data)
            else:
                self.connection.start_next_cycle()
        return status, data


@pytest.fixture
def browser(impinj):
    return Browser(session(impinj))


def test_the_stream_brings_each_event_as_a_line_until_the_client_is_gone(impinj, browser):
    assert browser.ask("GET", "/api/v1/data/stream") == (200, b"")
    impinj.reads([read(), read(3)], 0.0)
    _, data = browser.hear()
    assert [json.loads(line)["tagInventoryEvent"]["antennaPort"] for line in data.splitlines()] == [2, 3]
    browser.core.close()
    impinj.reads([read()], 0.0)
    assert browser.hear() == (None, b"")


def test_status_stop_and_start(impinj, browser, events):
    assert json.loads(browser.ask("GET", "/api/v1/status")[1])["status"] == "running"
    assert browser.ask("POST", "/api/v1/profiles/stop") == (204, b"")
    assert json.loads(browser.ask("GET", "/api/v1/status")[1])["status"] == "idle"
    impinj.reads([read()], 0.0)
    wanted = {"eventConfig": {"tagInventory": {"epcHex": "enabled", "pc": "enabled", "tid": "disabled"}}}
    assert browser.ask("POST", "/api/v1/profiles/inventory/start", json.dumps(wanted).encode()) == (204, b"")
    impinj.reads([read()], 0.0)
    stopped, started, tag = events
    assert (stopped["inventoryStatusEvent"], started["inventoryStatusEvent"]) == (
        {"inventoryStatus": "idle"},
        {"inventoryStatus": "running"},
    )
    told = tag["tagInventoryEvent"]
    assert (told["epcHex"], told["pc"], "tid" in told) == (EPC.hex().upper(), "MAA=", False)


def test_a_lamp_is_switched_at_an_output(impinj, browser):
    assert browser.ask("PUT", "/api/v1/device/gpos", b'{"gpoConfigurations":[{"gpo":2,"state":"high"}]}')[0] == 204
    assert impinj.outputs == {1: False, 2: True, 3: False}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", b"", 404),
        ("GET", "/api/v1/nothing", b"", 404),
        ("DELETE", "/api/v1/status", b"", 405),
        ("POST", "/api/v1/profiles/inventory/start", b"{", 400),
        ("POST", "/api/v1/profiles/inventory/start", b'{"eventConfig": 1}', 400),
        ("PUT", "/api/v1/device/gpos", b'{"gpoConfigurations":[{"gpo":9,"state":"high"}]}', 400),
        ("PUT", "/api/v1/device/gpos", b"\xff", 400),
    ],
)
def test_what_cannot_be_done_is_told_and_the_connection_goes_on(browser, method, path, body, status):
    assert browser.ask(method, path, body)[0] == status
    assert browser.ask("GET", "/api/v1/system?x=1")[0] == 200


def test_a_body_past_the_limit_ends_the_connection(browser):
    assert browser.ask("PUT", "/api/v1/device/gpos", b" " * (BODY_LIMIT + 1))[0] == 413
    assert browser.core.finished


def test_a_silent_reader_answers_once_it_is_back(browser, faults):
    faults.begin(SILENCE)
    assert browser.ask("GET", "/api/v1/status") == (None, b"")
    faults.end(SILENCE)
    assert browser.hear()[0] == 200


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_http_server(data):
    reader = ImpinjReader("dock-1", 4, Faults(random.Random(1)), now=lambda: EPOCH, epoch=lambda: EPOCH)
    core = session(reader)
    core.receive(data, 0.0)
    core.receive(b"\r\n\r\n", 0.0)
    core.send(0.0)
    core.close()


class Heard:
    def __init__(self, faults, mode=Mode.CUSTOM, hours=8):
        self.data, self.management = [], []
        self.reader = ZebraReader(
            name="dock-1", faults=faults, mode=mode, offset=timedelta(hours=hours), epoch=lambda: EPOCH,
            now=lambda: EPOCH,
            on_data=self.data.append, on_management=self.management.append,
        )  # fmt: skip


def test_zebra_tells_where_and_how_loudly_in_the_reader_s_own_time(faults):
    heard = Heard(faults)
    heard.reader.reads([read()], 0.0)
    assert json.loads(heard.data[0]) == {
        "type": "CUSTOM",
        "timestamp": "2026-11-24T10:10:11.123+0800",
        "data": {
            "eventNum": 1, "format": "epc", "idHex": "3034257bf7194e4000001a85", "MAC": "84:24:8D:EE:01:02",
            "antenna": 2, "channel": 920.625, "peakRssi": -52, "reads": 1,
        },
    }  # fmt: skip


def test_a_simple_zebra_tells_a_tag_and_nothing_else(faults):
    heard = Heard(faults, Mode.SIMPLE, hours=0)
    heard.reader.reads([read()], 0.0)
    event = json.loads(heard.data[0])
    assert event["timestamp"].endswith("+0000")
    assert sorted(event["data"]) == ["eventNum", "format", "idHex"]


def test_the_reads_of_a_round_are_glued_together(faults):
    heard = Heard(faults)
    heard.reader.reads([read(), read(3)], 0.0)
    heard.reader.reads([], 0.1)
    (chunk,) = heard.data
    assert b"}{" in chunk
    first, end = json.JSONDecoder().raw_decode(chunk.decode())
    second, _ = json.JSONDecoder().raw_decode(chunk.decode()[end:])
    assert [first["data"]["eventNum"], second["data"]["eventNum"]] == [1, 2]


def test_what_zebra_reads_on_a_dead_line_is_lost_with_its_numbers(faults):
    heard = Heard(faults)
    faults.begin(SILENCE)
    heard.reader.reads([read(), read()], 0.0)
    heard.reader.gpi(1, high=True)
    faults.end(SILENCE)
    heard.reader.reads([read()], 0.0)
    heard.reader.gpi(1, high=False)
    assert json.loads(heard.data[0])["data"]["eventNum"] == 3
    assert [json.loads(event)["eventNum"] for event in heard.management] == [2]


def test_zebra_manages_light_barriers_antennas_and_a_heartbeat(faults):
    heard = Heard(faults)
    heard.reader.gpi(2, high=True)
    heard.reader.antenna(3, connected=False)
    heard.reader.beat()
    told = [json.loads(event) for event in heard.management]
    assert [event["eventType"] for event in told] == ["gpi", "alerts", "heartbeat"]
    assert told[0]["data"] == {"pin": 2, "state": "HIGH"}
