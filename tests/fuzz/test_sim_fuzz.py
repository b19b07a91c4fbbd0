"""Mutated frames for each parser of the simulator: nothing crashes, nothing with a bad checksum is answered."""

import functools
import random

import pytest
from mutation import FRAMES, SEED, mutants

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Faults
from firmware_sim.servers.cas import CasCommands
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import Kind, message, tlv, u16, u32
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modbus_rtu import RtuSlaves
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.profiles import Model, transmitter
from firmware_sim.servers.sics import SicsTerminal
from firmware_sim.servers.uhf.inventory import UhfModel
from firmware_sim.servers.uhf.reader import UhfReader, UhfSession
from firmware_sim.servers.yaohua import YaohuaCommands


def slaves():
    unit = transmitter(Model.RS_WS_N01, 1, 9600, lambda: -18.2, lambda: 80.0)
    return Slaves("cold-a", {1: unit}, Faults(random.Random(SEED)))


@functools.cache
def crc_is_good(frame):
    crc = 0xFFFF
    for byte in frame[:-2]:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return crc == int.from_bytes(frame[-2:], "little")


def test_no_rtu_frame_with_a_bad_crc_is_answered():
    good = [bytes.fromhex(text) for text in ("010300000002c40b", "010300010001d5ca", "01060001000119ca")]
    assert all(crc_is_good(frame) for frame in good)
    line, answered, bad = RtuSlaves(slaves()), 0, 0
    for number, frame in enumerate(mutants(good)):
        line.receive(frame, float(number))  # a silence before each
        answer = line.send(float(number))
        whole = len(frame) >= 8 and crc_is_good(frame[:8])
        bad += not whole
        answered += bool(answer)
        assert whole or not answer or crc_is_good(frame), frame.hex()
    assert bad > FRAMES / 2
    assert answered > 100


def tcp_parser():
    good = [bytes.fromhex("000100000006010300000002"), bytes.fromhex("000200000006010200000004")]
    table = slaves()
    return good, lambda: TcpSlaves(table)


def empty_scale():
    scale = Scale(Platform(capacity_kg=60, division_kg=0.005), random.Random(SEED))
    scale.update(0.0, {"load_kg": 0.0, "disturbance": 0.0, "overload": 0.0})
    return scale


def sics_parser():
    good = [b"S\r\n", b"SI\r\n", b"TA 1.250 kg\r\n", b"I0\r\n", b"@\r\n", b"SIR\r\n", b"Z\r\n"]
    scale, faults = empty_scale(), Faults(random.Random(SEED))
    return good, lambda: SicsTerminal("s", "B021", scale, faults)


def yaohua_parser():
    good = [b"\x02AA00\x03", b"\x02AB03\x03", b"\x02AT15\x03", b"\x02A071\x03"]
    scale, faults = empty_scale(), Faults(random.Random(SEED))
    return good, lambda: YaohuaCommands("s", scale, faults)


def cas_parser():
    scale, faults = empty_scale(), Faults(random.Random(SEED))
    return [b"01RW\r\n", b"01MZ\r\n", b"01 MT\r\n"], lambda: CasCommands("s", scale, faults)


def uhf_parser():
    good = [bytes.fromhex(text) for text in ("04ff211995", "040001db4b")]
    reader = UhfReader("g", UhfModel.UHF288, 4, Faults(random.Random(SEED)))
    return good, lambda: UhfSession(reader)


def llrp_parser():
    stop = tlv(184, b"\3", u32(0), tlv(185, b"\0\0", u16(1), u16(0), u16(0), u32(0)))
    boundary = tlv(178, tlv(179, b"\1"), tlv(182, b"\0", u32(0)))
    ai_spec = tlv(183, u16(1), u16(0), stop, tlv(186, u16(1), b"\1"))
    report = tlv(237, b"\1", u16(1), tlv(238, u16(0x1600)))
    bodies = {
        Kind.ADD_ROSPEC: tlv(177, u32(1), b"\0\0", boundary, ai_spec, report),
        Kind.ENABLE_ROSPEC: u32(1),
        Kind.SET_READER_CONFIG: b"\0" + tlv(220, b"\1", u32(9)),
    }
    faults = Faults(random.Random(SEED))
    return (
        [message(kind, 7, body) for kind, body in bodies.items()],
        lambda: LlrpReader("g", 2, faults, stamps=Stamps(0, lambda: 0.0)).connect(),
    )


@pytest.mark.parametrize("parser", [tcp_parser, sics_parser, yaohua_parser, cas_parser, uhf_parser, llrp_parser])
def test_no_spoilt_frame_breaks_a_parser(parser):
    good, make = parser()
    core, said = make(), 0
    for number, frame in enumerate(mutants(good)):
        if core.finished or number % 50 == 0:
            core = make()
        core.receive(frame, number / 100)
        said += bool(core.send(number / 100))
    assert said > FRAMES / 80  # a UHF frame has no start byte: a wrong length swallows the next ones
