import asyncio

import msgspec
import pytest
from llrpkit.protocol import messages, params
from llrpkit.reader import Reader

from firmware_sim.devices.dock.settings import Dock, Traffic
from firmware_sim.devices.dock.traffic import KINDS
from firmware_sim.places.docks import DockGatePlace
from firmware_sim.places.readers import LlrpLink

pytestmark = pytest.mark.thirdparty

GPI_EVENT = 1
SINGLES = Traffic(**(dict.fromkeys(KINDS, 0.0) | {"single": 1.0, "walker": 0.0}))
GATE = DockGatePlace(id="dock-1-gate", reader=LlrpLink(port=1), dock=Dock(traffic=SINGLES))


async def test_llrpkit_reads_pallets_at_all_four_antennas_and_is_told_of_both_light_barriers(start, quiet):
    scenario = msgspec.structs.replace(quiet, dock_gates=(GATE,))
    async with start(scenario, speed=10.0) as site, Reader("127.0.0.1", site.ports["dock-1-gate"]) as reader:
        assert reader.max_antennas == 4
        edges = set()

        async def listen():
            inputs = [params.GPIPortCurrentState(gpi_port_num=port, config=True, state=0) for port in (1, 2)]
            wanted = params.EventNotificationState(event_type=GPI_EVENT, notification_state=True)
            await reader.client.transact(
                messages.SET_READER_CONFIG(
                    reader_event_notification_spec=params.ReaderEventNotificationSpec(
                        event_notification_states=[wanted]
                    ),
                    gpi_port_current_states=inputs,
                )
            )
            async for edge in reader.gpi_events():
                edges.add((edge.port, edge.high))

        listening = asyncio.create_task(listen())
        antennas = set()
        async with asyncio.timeout(40):
            async for tag in reader.inventory():
                antennas.add(tag.antenna)
                if antennas == {1, 2, 3, 4} and len(edges) == 4:
                    break
        listening.cancel()
        assert edges == {(1, True), (1, False), (2, True), (2, False)}
