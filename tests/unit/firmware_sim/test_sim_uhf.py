import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.uhf.inventory import TAGS_LIMIT, UhfModel
from firmware_sim.servers.uhf.reader import HEARTBEAT_S, OUT_LIMIT, UhfReader
from firmware_sim.servers.uhf.wire import answer, crc

EPC = bytes.fromhex("3034257bf7194e4000001a85")
INFO = "04 ff 21 19 95"
INVENTORY = "04 00 01 db 4b"


def command(code, data=b"", address=0):
    body = bytes([4 + len(data), address, code]) + data
    return body + crc(body).to_bytes(2, "little")


def read(epc=EPC, antenna=3, rssi=-53):
    return TagRead(epc, antenna, rssi, 3, 0.0)


def many(count, antenna=1):
    return [read(number.to_bytes(12, "big"), antenna) for number in range(count)]


class Host:
    """Talks to a reader and takes its answers apart: (code, status, data) each."""

    def __init__(self, model, faults, antennas=4):
        self.reader = UhfReader("gate-9", model, antennas, faults)
        self.session = self.reader.connect()

    def ask(self, sent, now_s=0.0):
        self.session.receive(bytes.fromhex(sent) if isinstance(sent, str) else sent, now_s)
        return self.hear(now_s)

    def hear(self, now_s):
        said, answers = self.session.send(now_s), []
        while said:
            frame, said = said[: said[0] + 1], said[said[0] + 1 :]
            assert crc(frame[:-2]) == int.from_bytes(frame[-2:], "little")
            answers.append((frame[2], frame[3], frame[4:-2]))
        return answers


@pytest.fixture(params=list(UhfModel))
def host(request, faults):
    return Host(request.param, faults)


@pytest.fixture
def old(faults):
    return Host(UhfModel.UHF18, faults)


@pytest.fixture
def new(faults):
    return Host(UhfModel.UHF288, faults)


def test_an_answer_has_the_bytes_of_the_manual(old, new):
    for host, expected in (
        (old, "13 00 01 01 01 0c 30 34 25 7b f7 19 4e 40 00 00 1a 85 96 4f"),
        (new, "15 00 01 03 04 01 0c 30 34 25 7b f7 19 4e 40 00 00 1a 85 b4 35 01"),
    ):
        host.session.receive(bytes.fromhex(INVENTORY), 0.0)
        host.reader.reads([read(rssi=-76)], 0.05)
        said = host.session.send(0.1)
        if host is new:  # the manual shows a frame with more to come: the same but for status and CRC
            said = answer(0, 1, 3, said[4:-2])
        assert said.hex(" ") == expected


def test_a_288_tells_the_antenna_as_a_bit_and_the_rssi_as_a_signed_byte(new):
    new.ask(INVENTORY)
    new.reader.reads([read()], 0.05)
    assert new.hear(0.1) == [(1, 1, bytes([4, 1, 12]) + EPC + b"\xcb")]


def test_nothing_in_the_field_is_told_when_the_scan_time_is_over(host):
    assert host.ask(INVENTORY) == []
    assert host.hear(0.99) == []
    assert host.session.send(1.0).hex(" ") == "05 00 01 fb f2 3d"


def test_the_scan_time_can_be_set_and_is_told(host):
    assert host.ask(command(0x25, b"\x05")) == [(0x25, 0, b"")]
    assert host.ask(INFO)[0][2][7] == 5
    host.ask(INVENTORY, 1.0)
    assert host.hear(1.5) == [(1, 0xFB, b"")]
    assert host.ask(command(0x25, b"\x02")) == [(0x25, 0xFF, b"")]


def test_a_288_takes_antenna_and_scan_time_from_the_command(new):
    new.ask(command(1, bytes([4, 0, 1, 0, 0, 0, 0, 0x81, 3])))
    new.reader.reads([read(antenna=1)], 0.1)
    assert new.hear(0.2) == []
    new.reader.reads([read(antenna=2)], 0.2)
    assert new.hear(0.31) == [(1, 2, bytes([2, 1, 12]) + EPC + b"\xcb")]  # 300 ms are over: status 02


def test_a_tag_is_told_once_however_often_it_answers_and_at_its_loudest(new, old):
    for host in (new, old):
        host.ask(INVENTORY)
        for rssi in (-60, -53, -58):
            host.reader.reads([read(rssi=rssi)], 0.05)
    assert new.hear(0.1) == [(1, 1, bytes([4, 1, 12]) + EPC + b"\xcb")]
    assert old.hear(0.1) == [(1, 1, bytes([1, 12]) + EPC)]


def test_more_tags_than_one_frame_holds_come_in_frames_of_which_only_the_last_one_ends_it(host):
    host.ask(INVENTORY)
    host.reader.reads(many(50), 0.05)
    answers = host.hear(0.1)
    assert [status for _, status, _ in answers] == [3] * (len(answers) - 1) + [1]
    counted = [data[0 if host.reader.model is UhfModel.UHF18 else 1] for _, _, data in answers]
    assert sum(counted) == 50
    assert len(answers) > 2


def test_each_antenna_of_a_288_has_frames_of_its_own(new):
    new.ask(INVENTORY)
    new.reader.reads([read(antenna=2), read(antenna=1)], 0.05)
    assert [(status, data[0]) for _, status, data in new.hear(0.1)] == [(3, 1), (1, 2)]


def test_what_is_read_while_nobody_asks_is_lost(host):
    host.reader.reads([read()], 0.0)
    assert host.ask(INVENTORY, 0.1) == []
    assert host.hear(2.0) == [(1, 0xFB, b"")]


def test_the_reader_tells_its_band_power_and_scan_time(old, new):
    assert old.ask(INFO)[0] == (0x21, 0, bytes([2, 36, 0x09, 2, 0x11, 0x42, 30, 10]))
    assert new.ask(INFO)[0] == (0x21, 0, bytes([2, 36, 0x0C, 2, 0x11, 0x42, 30, 10, 0x0F, 0, 0, 1]))


def test_another_address_is_silent_and_a_new_one_counts_from_the_next_command(host):
    assert host.ask(command(0x21, address=7)) == []
    host.session.receive(command(0x24, b"\x07"), 0.0)
    assert host.session.send(0.0)[1] == 0
    assert host.ask(command(0x21, address=0)) == []
    assert len(host.ask(command(0x21, address=7))) == 1
    assert host.ask(command(0x24, b"\xff", address=7)) == [(0x24, 0xFF, b"")]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("04 00 01 db 4c", (0, 0xFE)),
        (command(0x99), (0, 0xFE)),
        (command(0x2F), (0x2F, 0xFD)),
        (command(0x2F, b"\x1f"), (0x2F, 0xFF)),
    ],
    ids=["wrong-crc", "unknown", "wrong-length", "wrong-parameter"],
)
def test_what_cannot_be_done_is_answered_with_its_status(host, sent, expected):
    ((code, status, data),) = host.ask(sent)
    assert (code, status, data) == (*expected, b"")


def pushing(host):
    code, data = (0x35, bytes([1, 0, 1, 0, 6, 0])) if host.reader.model is UhfModel.UHF18 else (0x76, b"\1")
    assert host.ask(command(code, data)) == [(code, 0, b"")]


def test_in_push_mode_each_read_comes_by_itself_and_inventories_are_refused(old, new):
    pushing(old)
    old.reader.reads([read()], 0.0)
    assert old.session.send(0.0).hex(" ") == "11 00 ee 00 30 34 25 7b f7 19 4e 40 00 00 1a 85 41 10"
    pushing(new)
    new.reader.reads([read()], 0.0)
    assert new.hear(0.0) == [(0xEE, 0, bytes([4, 12]) + EPC + b"\xcb")]
    assert old.ask(INVENTORY) == new.ask(INVENTORY) == [(0, 0xFE, b"")]


def test_an_18_tells_its_work_mode_and_a_288_cannot(old, new):
    pushing(old)
    assert old.ask(command(0x36)) == [(0x36, 0, bytes([0, 30, 10, 15, 1, 0, 1, 0, 6, 0, 8, 0]))]
    assert new.ask(command(0x36)) == [(0, 0xFE, b"")]


def test_a_288_that_pushes_has_a_heartbeat_and_an_18_has_none(old, new):
    for host in (old, new):
        pushing(host)
        host.hear(0.0)
        host.reader.reads([read()], 1.0)
        host.hear(1.0)
    assert old.hear(HEARTBEAT_S) == []
    ((code, status, data),) = new.hear(HEARTBEAT_S)
    assert (code, status) == (0xEE, 0x28)
    assert data == (1).to_bytes(4, "big") + bytes([1, 1, 1, 1, 0, 0, 0, 0]) + (1).to_bytes(4, "big")
    assert new.hear(HEARTBEAT_S + 1) == []


def test_memory_and_line_have_an_end(host):
    host.ask(INVENTORY)
    host.reader.reads(many(TAGS_LIMIT + 1), 0.05)
    answers = host.hear(0.1)
    assert sum(data[0 if host.reader.model is UhfModel.UHF18 else 1] for _, _, data in answers) == TAGS_LIMIT
    pushing(host)
    for _ in range(10):
        host.reader.reads(many(1000), 0.2)
    assert OUT_LIMIT - 32 < len(host.session.send(0.3)) <= OUT_LIMIT


def test_a_frame_that_is_never_finished_does_not_swallow_the_next_one(host):
    assert host.ask("20 00 01") == []
    assert len(host.ask(INFO, 1.0)) == 1
    assert host.ask("00 01 02 03", 2.0) == []
    assert len(host.ask(INFO, 2.0)) == 1


def test_commands_may_come_byte_by_byte(host):
    for at, byte in enumerate(bytes.fromhex(INFO)):
        host.session.receive(bytes([byte]), at * 0.001)
    assert len(host.hear(0.1)) == 1


def test_a_silent_reader_hears_nothing_and_a_broken_line_turns_one_bit(host, faults):
    whole = answer(0, 0x21, 0, host.reader.info())
    faults.begin(silence := Fault(kind=FaultKind.SILENCE, target="gate-9"))
    assert host.ask(INFO) == []
    faults.end(silence)
    assert host.hear(0.0) == []
    faults.begin(Fault(kind=FaultKind.CRC, target="gate-9"))
    host.session.receive(bytes.fromhex(INFO), 1.0)
    spoilt = host.session.send(1.0)
    assert sum((a ^ b).bit_count() for a, b in zip(whole, spoilt, strict=True)) == 1


@settings(max_examples=100)
@given(data=st.binary(max_size=300), model=st.sampled_from(list(UhfModel)))
def test_no_bytes_break_a_reader(data, model):
    host = Host(model, Faults(random.Random(1)))
    host.session.receive(data, 0.0)
    host.reader.reads([read()], 0.0)
    host.session.send(100.0)
    host.session.receive(b"", 200.0)
    assert len(host.ask(command(0x21, address=0xFF), 200.0)) >= 1
