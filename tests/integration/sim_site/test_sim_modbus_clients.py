import asyncio
import shutil

import minimalmodbus
import pytest
from pymodbus.client import AsyncModbusTcpClient

from firmware_sim.faults import Fault, FaultKind

pytestmark = pytest.mark.thirdparty


def instrument(site, line, unit):
    device = minimalmodbus.Instrument(str(site.lines[line].path), unit, close_port_after_each_call=True)
    device.serial.baudrate = 9600
    device.serial.timeout = 0.5
    return device


async def test_minimalmodbus_reads_every_probe_of_both_lines_negatives_included(start):
    async with start() as site:
        world = site.floor.world
        for line, function, register in (("cold-a", 3, 1), ("cold-b", 4, 1)):
            (probes,) = (known.probes for known in site.floor.scenario.probe_lines if known.id == line)
            for probe in probes:
                device = instrument(site, line, probe.unit)
                before = world.number(f"{probe.id}.temperature_c")
                read = await asyncio.to_thread(device.read_register, register, 1, function, True)
                after = world.number(f"{probe.id}.temperature_c")
                assert min(before, after) <= read <= max(before, after)
        frozen = await asyncio.to_thread(instrument(site, "cold-a", 1).read_register, 1, 1, 3, True)
        assert -21 < frozen < -17
        humidity = await asyncio.to_thread(instrument(site, "cold-a", 1).read_register, 0, 1, 3)
        assert 60 < humidity < 90


async def test_minimalmodbus_meets_silence_exceptions_and_bad_crcs(start):
    async with start() as site:
        device = instrument(site, "cold-b", 5)
        with pytest.raises(minimalmodbus.NoResponseError):
            await asyncio.to_thread(instrument(site, "cold-b", 99).read_register, 1, 1, 4)
        with pytest.raises(minimalmodbus.IllegalRequestError):
            await asyncio.to_thread(device.write_register, 1, 5)
        for fault, error in (
            (Fault(kind=FaultKind.SILENCE, target="cold-b", unit=5), minimalmodbus.NoResponseError),
            (Fault(kind=FaultKind.CRC, target="cold-b"), minimalmodbus.ModbusException),
            (Fault(kind=FaultKind.EXCEPTION, target="cold-b", code=6), minimalmodbus.SlaveDeviceBusyError),
        ):
            site.faults.begin(fault)
            with pytest.raises((error, ValueError, OSError)):
                await asyncio.to_thread(device.read_register, 1, 1, 4)
            site.faults.end(fault)
            assert await asyncio.to_thread(device.read_register, 1, 1, 4) < 10
        site.faults.begin(Fault(kind=FaultKind.SENTINEL, target="cold-b", unit=5))
        assert await asyncio.to_thread(device.read_register, 1, 0, 4) == 0x8000
        site.faults.begin(Fault(kind=FaultKind.SPLIT, target="cold-b"))
        assert await asyncio.to_thread(device.read_register, 1, 0, 4) == 0x8000


async def mbpoll(site, line, unit, kind, register):
    arguments = ["-m", "rtu", "-b", "9600", "-P", "none", "-a", unit, "-t", kind, "-r", register, "-c", "2", "-1", "-q"]
    process = await asyncio.create_subprocess_exec(
        "mbpoll", *arguments, str(site.lines[line].path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, out.decode()


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
async def test_mbpoll_reads_both_models_and_gets_nothing_from_a_unit_that_is_not_there(start):
    async with start() as site:
        code, out = await mbpoll(site, "cold-a", "1", "4", "1")
        assert code == 0
        temperature = int(out.split("(-")[1].split(")")[0])
        assert 170 < temperature < 210
        code, out = await mbpoll(site, "cold-b", "10", "3", "2")
        assert code == 0
        assert 180 <= int(out.split("[2]:")[1].split()[0]) <= 220
        code, out = await mbpoll(site, "cold-b", "99", "3", "2")
        assert "[2]:" not in out


async def test_pymodbus_sees_the_doors_open_and_close_over_tcp(start, eventually):
    async with start() as site:
        client = AsyncModbusTcpClient("127.0.0.1", port=site.ports["io-1"], timeout=1, retries=0)
        assert await client.connect()
        assert (await client.read_discrete_inputs(0, count=4, device_id=1)).bits[:4] == [False] * 4
        site.open_door("c1-door", wanted=True)
        await eventually(lambda: site.floor.world.number("c1-door.contact") == 1.0)
        assert (await client.read_discrete_inputs(0, count=4, device_id=1)).bits[:4] == [False, False, True, False]
        assert (await client.read_discrete_inputs(0, count=5, device_id=1)).exception_code == 2
        assert (await client.read_holding_registers(0, count=1, device_id=1)).exception_code == 1
        client.close()
