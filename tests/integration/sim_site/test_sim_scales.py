import asyncio

import pytest
import serial
from labmcp import InstrumentProtocolError, open_transport
from labmcp_mettler_toledo.driver import MTSICSBalance

from firmware_sim.faults import Fault, FaultKind


@pytest.mark.thirdparty
async def test_labmcp_weighs_zeroes_and_tares_on_the_mt_sics_scale(start):
    def drive(path):
        balance = MTSICSBalance(
            open_transport(
                f"serial://{path}?baudrate=9600", read_termination="\r\n", write_termination="\r\n", timeout=3
            )
        )
        try:
            identity = balance.identify()
            assert identity["serial"] == "LANE-1-SCALE"
            assert "60.000 kg" in identity["balance_data"]
            assert (balance.weight().value, balance.weight(stable=False).unit) == (0.0, "kg")
            assert balance.zero()
            assert balance.zero(immediately=True)
            assert balance.preset_tare(1.25, "kg").value == 1.25
            assert balance.weight(stable=False).value == -1.25
            assert balance.tare_value().value == 1.25
            balance.clear_tare()
            assert balance.reset() == "LANE-1-SCALE"
            with pytest.raises(InstrumentProtocolError, match="ES"):
                balance.command("C3")
        finally:
            balance.close()

    async with start() as site:
        await asyncio.to_thread(drive, site.lines["lane-1-scale"].path)


@pytest.mark.thirdparty
async def test_labmcp_is_told_of_an_overload_and_of_a_scale_in_motion(start, eventually):
    def weigh(path, *, stable):
        balance = MTSICSBalance(
            open_transport(
                f"serial://{path}?baudrate=9600", read_termination="\r\n", write_termination="\r\n", timeout=3
            )
        )
        try:
            return balance.weight(stable=stable)
        finally:
            balance.close()

    async with start() as site:
        path, scale = site.lines["lane-1-scale"].path, site.floor.devices["lane-1-scale"]
        overload = Fault(kind=FaultKind.OVERLOAD, target="lane-1-scale")
        site.faults.begin(overload)
        await eventually(lambda: scale.weighing().overload)
        with pytest.raises(InstrumentProtocolError, match="overload"):
            await asyncio.to_thread(weigh, path, stable=False)
        site.faults.end(overload)
        await eventually(lambda: scale.weighing().stable and not scale.weighing().overload)
        site.faults.begin(Fault(kind=FaultKind.MOTION, target="lane-1-scale"))
        await eventually(lambda: not scale.weighing().stable)
        assert not (await asyncio.to_thread(weigh, path, stable=False)).stable


def read_frames(path, count):
    with serial.Serial(str(path), 9600, timeout=3) as port:
        data = port.read(count * 18)
    start = data.index(b"\x02")
    return [data[at : at + 18] for at in range(start, len(data) - 17, 18)]


async def test_the_toledo_scale_sends_good_frames_until_a_fault_spoils_them(start):
    async with start() as site:
        path = site.lines["lane-2-scale"].path
        frames = await asyncio.to_thread(read_frames, path, 10)
        assert len(frames) >= 9
        assert all(frame[0] == 0x02 and frame[16] == 0x0D and sum(frame) & 0x7F == 0 for frame in frames)
        site.faults.begin(Fault(kind=FaultKind.CRC, target="lane-2-scale"))
        with serial.Serial(str(path), 9600, timeout=3) as port:
            await asyncio.to_thread(port.read, 18)
            spoilt = await asyncio.to_thread(port.read, 18)
        assert sum(byte & 0x7F for byte in spoilt) & 0x7F != 0 or spoilt[0] != 0x02 or any(b & 0x80 for b in spoilt)


async def test_a_pulled_scale_is_gone_and_comes_back(start):
    async with start() as site:
        line = site.lines["lane-2-scale"]
        unplugged = Fault(kind=FaultKind.UNPLUGGED, target="lane-2-scale")
        site.faults.begin(unplugged)
        with pytest.raises(serial.SerialException):
            serial.Serial(str(line.path), 9600)
        site.faults.end(unplugged)
        assert len(await asyncio.to_thread(read_frames, line.path, 3)) >= 2
