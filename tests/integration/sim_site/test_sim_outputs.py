import asyncio

import minimalmodbus
import msgspec
import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient

from firmware_sim.places.controllers import ControllerLine, ControllerPlace
from firmware_sim.places.meters import MeterPlace
from firmware_sim.places.outputs import DiverterPlace, OutputModule
from firmware_sim.servers.modules import MeterModel
from firmware_sim.servers.profiles import Model

pytestmark = pytest.mark.thirdparty


@pytest.fixture
def machine_room(quiet):
    """The example site with lamps and a diverter, a controller, a meter, and a probe line behind a serial server."""
    (line,) = (line for line in quiet.probe_lines if line.id == "cold-a")
    served = msgspec.structs.replace(line, id="cold-t", model=Model.KINCONY_SHT30, port=15099)
    others = tuple(line for line in quiet.probe_lines if line.id != "cold-a")
    return msgspec.structs.replace(
        quiet,
        probe_lines=(served, *others),
        controller_lines=(
            ControllerLine(
                id="cold-c",
                controllers=(ControllerPlace(id="f1-c", room="f1", unit=3, lowest_c=-25.0, highest_c=-10.0),),
            ),
        ),
        meters=(MeterPlace(id="meter", model=MeterModel.SDM120, port=15098, rooms=("f1", "c1"), base_kw=2.0),),
        output_modules=(
            OutputModule(
                id="io-2",
                port=15097,
                coils=("red", "amber", "green", "siren"),
                diverters=(DiverterPlace(id="diverter", ways=3, travel_s=0.2),),
            ),
        ),
    )


async def connected(site, name, **options):
    client = AsyncModbusTcpClient("127.0.0.1", port=site.ports[name], timeout=2, retries=0, **options)
    assert await client.connect()
    return client


async def test_pymodbus_switches_lamps_and_moves_a_diverter_and_reads_both_back(start, machine_room, eventually):
    async with start(machine_room) as site:
        client = await connected(site, "io-2")
        assert not (await client.write_coil(0, value=True, device_id=1)).isError()
        assert (await client.read_coils(0, count=4, device_id=1)).bits[:4] == [True, False, False, False]
        await client.write_coils(1, [True, False, True], device_id=1)
        assert (await client.read_coils(0, count=4, device_id=1)).bits[:4] == [True, True, False, True]
        assert site.floor.world.number("hand.siren.on") == 1.0
        await client.write_register(0, 2, device_id=1)
        assert (await client.read_holding_registers(0, count=1, device_id=1)).registers == [2]
        await eventually(lambda: site.floor.world.number("diverter.way") == 2.0)
        assert (await client.read_input_registers(0, count=1, device_id=1)).registers == [2]
        assert (await client.write_registers(0, [3], device_id=1)).exception_code == 3
        assert (await client.write_coil(4, value=True, device_id=1)).exception_code == 2
        client.close()


async def test_minimalmodbus_sets_a_set_point_that_the_room_then_keeps_to(start, machine_room, eventually):
    async with start(machine_room) as site:
        device = minimalmodbus.Instrument(str(site.lines["cold-c"].path), 3, close_port_after_each_call=True)
        device.serial.baudrate, device.serial.timeout = 9600, 0.5
        assert await asyncio.to_thread(device.read_register, 1, 1, 3, True) == -19.0
        for function in (6, 16):
            target = -20.5 if function == 6 else -24.0
            await asyncio.to_thread(device.write_register, 1, target, 1, function, True)
            assert await asyncio.to_thread(device.read_register, 1, 1, 3, True) == target
        with pytest.raises(minimalmodbus.IllegalRequestError):
            await asyncio.to_thread(device.write_register, 1, -9.0, 1, 6, True)
        await eventually(lambda: site.floor.world.number("f1.compressor") == 1.0)
        assert await asyncio.to_thread(device.read_bit, 0, 2) == 1
        assert await asyncio.to_thread(device.read_bit, 1, 2) == 0


async def test_pymodbus_reads_a_meter_in_floats_and_a_line_behind_a_serial_server_as_rtu_over_tcp(start, machine_room):
    async with start(machine_room, speed=50.0) as site:
        meter = await connected(site, "meter")
        registers = (await meter.read_input_registers(0x0C, count=2, device_id=1)).registers
        watts = meter.convert_from_registers(registers, meter.DATATYPE.FLOAT32)
        assert watts in (2000.0, 6000.0, 10_000.0)
        registers = (await meter.read_input_registers(0x48, count=2, device_id=1)).registers
        assert meter.convert_from_registers(registers, meter.DATATYPE.FLOAT32) >= 0
        meter.close()
        line = await connected(site, "cold-t", framer=FramerType.RTU)
        temperature, humidity = (await line.read_holding_registers(0, count=2, device_id=1)).registers
        assert 10_160 < temperature < 10_220
        assert 500 < humidity < 1000
        line.close()
