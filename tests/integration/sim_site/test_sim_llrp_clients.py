import asyncio
import json
import sys

import pytest
from llrpkit.exceptions import LLRPConnectionError
from llrpkit.reader import Reader

from firmware_sim.faults import Fault, FaultKind

pytestmark = pytest.mark.thirdparty

SLLURP = """
import json, sys, threading
from sllurp.llrp import LLRPReaderClient, LLRPReaderConfig

config = LLRPReaderConfig({
    "antennas": [1, 2], "report_every_n_tags": 1, "keepalive_interval": 500,
    "tag_content_selector": {
        "EnableROSpecID": True, "EnableAntennaID": True, "EnablePeakRSSI": True, "EnableFirstSeenTimestamp": True,
        "EnableLastSeenTimestamp": True, "EnableTagSeenCount": True, "EnableChannelIndex": True,
        "EnableSpecIndex": False, "EnableInventoryParameterSpecID": False, "EnableAccessSpecID": False,
    },
})
client = LLRPReaderClient("127.0.0.1", int(sys.argv[1]), config)
seen, both, keepalives = [], threading.Event(), []

def on_tags(reader, tags):
    seen.extend(tags)
    if {tag["AntennaID"] for tag in seen} >= {1, 2} and len(keepalives) >= 2:
        both.set()

acknowledge = client.llrp.send_KEEPALIVE_ACK
def counting():
    keepalives.append(1)
    acknowledge()
client.llrp.send_KEEPALIVE_ACK = counting
client.add_tag_report_callback(on_tags)
client.connect()
found = both.wait(25)
client.disconnect(timeout=5)
print(json.dumps({
    "found": found,
    "keepalives": len(keepalives),
    "alive": client.is_alive(),
    "tags": [
        {"epc": tag["EPC"].decode(), "antenna": tag["AntennaID"], "rssi": tag["PeakRSSI"], "spec": tag["ROSpecID"]}
        for tag in seen
    ],
}))
"""


async def test_sllurp_reads_tags_on_both_antennas_acknowledges_keepalives_and_stops(start, eventually):
    async with start(speed=6.0) as site:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SLLURP, str(site.ports["lane-1-gate"]),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, errors = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode == 0, errors.decode()
        report = json.loads(out)
        assert report["found"], report
        assert report["keepalives"] >= 2
        assert not report["alive"]
        assert {tag["spec"] for tag in report["tags"]} == {1}
        assert all(tag["epc"].lower().startswith("3055a537c837754") for tag in report["tags"])
        assert all(-75 < tag["rssi"] < -20 for tag in report["tags"])
        async with Reader("127.0.0.1", site.ports["lane-1-gate"]) as reader:  # it left nothing behind
            assert reader.max_antennas == 2


async def test_llrpkit_finds_a_reader_of_the_chinese_band_and_reads_its_tags(start):
    async with start(speed=6.0) as site, Reader("127.0.0.1", site.ports["lane-2-gate"]) as reader:
        assert (reader.max_antennas, reader.firmware, reader.is_impinj) == (2, "coldport-sim", False)
        regulatory = reader.capabilities.raw.regulatory_capabilities
        assert (regulatory.country_code, int(regulatory.communications_standard)) == (156, 14)
        assert reader.capabilities.power_index_for_dbm(30.0) == 81
        hops = regulatory.uhf_band_capabilities.frequency_information.frequency_hop_tables[0].frequency
        assert (len(hops), min(hops), max(hops)) == (16, 920_625, 924_375)
        await reader.set_keepalive(500)
        antennas, epcs = set(), set()
        async with asyncio.timeout(30):
            async for tag in reader.inventory(session=1):
                antennas.add(tag.antenna)
                epcs.add(tag.epc_hex)
                if antennas == {1, 2} and len(epcs) >= 2:
                    break
        assert all(epc.startswith("3055a537c8377") for epc in epcs)
        config = await reader.get_config()
        assert config.keepalive_spec.periodic_trigger_value == 500


async def test_a_second_client_is_turned_away_until_the_first_one_has_left(start):
    async with start() as site:
        port = site.ports["lane-1-gate"]
        async with Reader("127.0.0.1", port):
            with pytest.raises(LLRPConnectionError, match="refused"):
                await Reader("127.0.0.1", port).connect()
        async with Reader("127.0.0.1", port) as again:
            assert again.client.connected


async def test_a_stalled_reader_keeps_the_connection_open_and_says_nothing(start):
    async with start() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.ports["lane-1-gate"])
        assert (await reader.readexactly(32))[1] == 0x3F
        site.faults.begin(Fault(kind=FaultKind.SILENCE, target="lane-1-gate"))
        writer.write(bytes.fromhex("041a0000000a00000001"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 1.0)
        writer.close()


async def test_messages_split_at_every_byte_are_still_understood(start):
    async with start() as site:
        site.faults.begin(Fault(kind=FaultKind.SPLIT, target="lane-1-gate"))
        async with Reader("127.0.0.1", site.ports["lane-1-gate"]) as reader:
            assert reader.max_antennas == 2


async def test_unknown_messages_come_between_the_known_ones_and_a_client_that_skips_them_reads_on(start):
    async with start() as site:
        site.faults.begin(Fault(kind=FaultKind.UNKNOWN_MESSAGE, target="lane-1-gate"))
        reader, writer = await asyncio.open_connection("127.0.0.1", site.ports["lane-1-gate"])
        unknown = await reader.readexactly(17)
        assert int.from_bytes(unknown[:2], "big") & 0x3FF == 999
        assert (await reader.readexactly(32))[:2] == b"\x04\x3f"
        writer.close()
        await writer.wait_closed()
