import json
from itertools import pairwise

import aiomqtt
import pytest

from coldport.bus_mqtt import MqttBus

pytestmark = [pytest.mark.broker, pytest.mark.thirdparty, pytest.mark.slow]


async def test_the_trucks_device_is_heard_through_a_real_broker_and_its_history_when_it_is_back(start, start_broker):
    broker = (await start_broker("nats")).broker
    bus = MqttBus(client_id="simulator", broker=broker)
    counts, history = [], []
    async with aiomqtt.Client("127.0.0.1", broker.port) as listener, bus:
        await listener.subscribe("application/+/device/24e124136b000001/event/up", qos=1)
        async with start(bus=bus, speed=200.0):
            async for message in listener.messages:
                event = json.loads(message.payload)
                counts.append(event.get("fCnt", 0))
                history += event["object"].get("history", [])
                if len(history) >= 20:
                    break
    away = [later - earlier for earlier, later in pairwise(counts)]
    assert max(away) > 15  # counted on while nobody heard it
    assert history == sorted(history, key=lambda sample: sample["timestamp"])
