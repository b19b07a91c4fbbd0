"""Simulated UHF readers under clients we did not write: uhfreader18 over TCP, chafon-rfid over TCP and serially."""

import asyncio

import msgspec
import pytest
from chafon_rfid import uhfreader18 as chafon_18
from chafon_rfid import uhfreader288m as chafon_288
from chafon_rfid.base import CommandRunner, ReaderCommand, ReaderInfoFrame, ReaderType
from chafon_rfid.command import CF_GET_READER_INFO, G2_TAG_INVENTORY
from chafon_rfid.transport import TcpTransport
from chafon_rfid.transport_serial import SerialTransport
from uhfreader18 import FreqBand, MemInven, ModeState, RfidClient, StreamBuffer, WorkMode

from firmware_sim.places.readers import UhfSerial, UhfTcp
from firmware_sim.servers.uhf.inventory import UhfModel

pytestmark = pytest.mark.thirdparty

TAGS_OF_LANE_1 = "3055a537c837754"


@pytest.fixture
def with_reader(quiet):
    """A function that hangs the antennas of lane 1 on another reader."""

    def changed(reader):
        lane, *others = quiet.lanes
        gate = msgspec.structs.replace(lane.gate, reader=reader)
        return msgspec.structs.replace(quiet, lanes=(msgspec.structs.replace(lane, gate=gate), *others))

    return changed


def inventories(transport, command, response, rounds):
    """Ask often; return the tags of all answers."""
    runner, tags = CommandRunner(transport), []
    for _ in range(rounds):
        tags += response(bytes(runner.run(command))).get_tag()
        if len({bytes(tag.epc) for tag in tags}) >= 2:
            break
    return tags


async def test_uhfreader18_configures_an_18_reads_it_back_and_takes_the_tags_it_pushes(start, with_reader):
    def session(port):
        with RfidClient("127.0.0.1", port, timeout=5) as client:
            found, address = client.discover_address()
            assert (address, found.band, found.min_index, found.max_index) == (0, FreqBand.CHINESE_2, 2, 17)
            assert client.set_power(0, 26).ok
            assert client.set_scan_time(0, 5).ok
            info = client.get_reader_info(0)
            assert (info.power, info.scan_time, info.version) == (26, 5, "2.36")
            assert client.set_work_mode(0, WorkMode.SCAN, ModeState.RS_OUTPUT, MemInven.EPC, 0, 6, 0).ok
            assert client.get_work_mode(0).work_mode is WorkMode.SCAN
            stream, tags = StreamBuffer(), set()
            while len(tags) < 2:
                parsed = stream.feed(client._socket.recv(4096))
                assert parsed.errors == []
                tags |= {frame.tag.lower() for frame in parsed.frames}
            return tags

    async with start(with_reader(UhfTcp(model=UhfModel.UHF18, port=6000)), speed=6.0) as site:
        tags = await asyncio.wait_for(asyncio.to_thread(session, site.ports["lane-1-gate"]), 30)
    assert all(tag.startswith(TAGS_OF_LANE_1) for tag in tags)


async def test_chafon_rfid_takes_inventories_of_an_18_on_a_serial_line(start, with_reader):
    def session(path):
        transport = SerialTransport(str(path), 57_600, timeout=3)
        info = ReaderInfoFrame(CommandRunner(transport).run(ReaderCommand(CF_GET_READER_INFO)))
        assert (info.type, info.get_min_frequency(), info.get_max_frequency()) == (
            ReaderType.UHFReader18,
            920.625,
            924.375,
        )
        command = ReaderCommand(G2_TAG_INVENTORY, addr=0)
        tags = inventories(transport, command, chafon_18.G2InventoryResponse, rounds=60)
        transport.destroy()
        return {bytes(tag.epc).hex() for tag in tags}

    async with start(with_reader(UhfSerial(model=UhfModel.UHF18)), speed=6.0) as site:
        epcs = await asyncio.wait_for(asyncio.to_thread(session, site.lines["lane-1-gate"].path), 40)
    assert len(epcs) >= 2
    assert all(epc.startswith(TAGS_OF_LANE_1) for epc in epcs)


async def test_chafon_rfid_takes_inventories_of_a_288_antenna_by_antenna(start, with_reader):
    def session(port):
        transport = TcpTransport("127.0.0.1", port, timeout=5, auto_connect=True)
        info = ReaderInfoFrame(CommandRunner(transport).run(ReaderCommand(CF_GET_READER_INFO)))
        assert info.type is ReaderType.UHFReader288M
        heard = {}
        for antenna in (chafon_288.G2_TAG_INVENTORY_PARAM_ANTENNA_1, chafon_288.G2_TAG_INVENTORY_PARAM_ANTENNA_2):
            command = chafon_288.G2InventoryCommand(q_value=4, antenna=antenna, scan_time=5)
            for _ in range(60):
                tags = inventories(transport, command, chafon_288.G2InventoryResponse, rounds=1)
                if tags:
                    heard[antenna] = tags
                    break
        transport.close()
        return heard

    async with start(with_reader(UhfTcp(model=UhfModel.UHF288, port=6000)), speed=6.0) as site:
        heard = await asyncio.wait_for(asyncio.to_thread(session, site.ports["lane-1-gate"]), 60)
    assert {code: {tag.antenna_num for tag in tags} for code, tags in heard.items()} == {0x80: {1}, 0x81: {2}}
    assert all(-80 < tag.rssi - 256 < -35 for tags in heard.values() for tag in tags)
