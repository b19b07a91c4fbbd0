"""The bus port: the memory bus and the MQTT bus, on both brokers, keep the same promises."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from coldport.bus import Bus, Outgoing
from coldport.bus_memory import MemoryBroker, topic_matches
from coldport.bus_mqtt import MqttBus
from coldport.errors import UnavailableError


class Network:
    """A broker of one kind and the clients of one test."""

    def __init__(self, connect: Callable[[str, Sequence[str]], Awaitable[Bus]], stop: Callable[[], None]) -> None:
        self.connect = connect
        self.stop = stop


@pytest.fixture(
    params=[
        "memory",
        pytest.param("nats", marks=pytest.mark.broker),
        pytest.param("mosquitto", marks=pytest.mark.broker),
    ]
)
async def network(request: pytest.FixtureRequest, start_broker) -> AsyncIterator[Network]:
    if request.param == "memory":
        broker = MemoryBroker()

        async def connect_memory(client_id: str, filters: Sequence[str]) -> Bus:
            return broker.client(client_id, filters)

        def stop_memory() -> None:
            broker.up = False

        yield Network(connect_memory, stop_memory)
        return
    if request.param == "mosquitto" and shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    process = await start_broker(request.param)
    async with AsyncExitStack() as stack:
        open_clients: dict[str, AsyncExitStack] = {}

        async def connect(client_id: str, filters: Sequence[str]) -> Bus:
            if client_id in open_clients:
                await open_clients.pop(client_id).aclose()
            bus = MqttBus(client_id=client_id, broker=process.broker, filters=filters)
            open_clients[client_id] = own = await stack.enter_async_context(AsyncExitStack())
            await own.enter_async_context(bus)
            await bus.wait_connected()
            return bus

        yield Network(connect, process.kill)


async def test_a_message_reaches_whoever_listens_for_its_topic(network: Network) -> None:
    listener = await network.connect("listener", ["site/+/alarms"])
    stranger = await network.connect("stranger", ["other/#"])
    sender = await network.connect("sender", [])

    await sender.publish(Outgoing("site/a/alarms", b"one"))
    await sender.publish(Outgoing("other/x", b"two"))

    (heard,) = await listener.receive(10)
    (elsewhere,) = await stranger.receive(10)
    assert (heard.topic, heard.payload, heard.retained) == ("site/a/alarms", b"one", False)
    assert elsewhere.payload == b"two"


async def test_messages_arrive_in_the_order_sent_and_no_more_than_asked_for(network: Network) -> None:
    listener = await network.connect("listener", ["t/#"])
    sender = await network.connect("sender", [])
    for number in range(20):
        await sender.publish(Outgoing("t/x", str(number).encode()))

    heard: list[int] = []
    while len(heard) < 20:
        some = await listener.receive(7)
        assert len(some) <= 7
        heard += [int(message.payload) for message in some]

    assert heard == list(range(20))


async def test_a_retained_message_waits_for_those_who_come_later_and_an_empty_one_erases_it(network: Network) -> None:
    sender = await network.connect("sender", [])
    await sender.publish(Outgoing("kept/1", b"now", retained=True))
    await sender.publish(Outgoing("kept/2", b"gone", retained=True))
    await sender.publish(Outgoing("kept/2", b"", retained=True))

    late = await network.connect("late", ["kept/#"])
    (message,) = await late.receive(10)

    assert (message.topic, message.payload, message.retained) == ("kept/1", b"now", True)


async def test_what_was_not_acknowledged_comes_again_and_what_was_does_not(network: Network) -> None:
    sender = await network.connect("sender", [])
    first_life = await network.connect("worker", ["work/#"])
    await sender.publish(Outgoing("work/1", b"committed"))
    await sender.publish(Outgoing("work/2", b"not committed"))
    heard = list(await first_life.receive(10))
    while len(heard) < 2:
        heard += await first_life.receive(10)
    heard[0].ack()

    second_life = await network.connect("worker", ["work/#"])
    (again,) = await second_life.receive(10)

    assert again.payload == b"not committed"


async def test_a_session_keeps_what_was_sent_while_its_client_was_away(network: Network) -> None:
    sender = await network.connect("sender", [])
    await network.connect("worker", ["work/#"])
    await network.connect("worker", ["nothing"])
    await network.connect("worker", ["work/#"])
    await sender.publish(Outgoing("work/1", b"kept"))

    back = await network.connect("worker", ["work/#"])
    (message,) = await back.receive(10)

    assert message.payload == b"kept"


async def test_a_sender_is_told_when_the_broker_is_away(network: Network) -> None:
    sender = await network.connect("sender", [])
    network.stop()

    with pytest.raises(UnavailableError):
        await sender.publish(Outgoing("t", b"lost?"))


@pytest.mark.broker
async def test_a_will_speaks_for_a_client_that_vanished(start_broker, vanish) -> None:
    process = await start_broker("nats")
    async with MqttBus(client_id="watcher", broker=process.broker, filters=["will/#"]) as watcher:
        await watcher.wait_connected()
        await vanish(process.broker, Outgoing("will/edge", b"gone", retained=True))

        (message,) = await watcher.receive(1)

    assert message.payload == b"gone"


@pytest.mark.broker
async def test_a_client_finds_its_broker_again_by_itself(start_broker, eventually) -> None:
    process = await start_broker("nats")
    async with MqttBus(client_id="edge", broker=process.broker, filters=["t/#"]) as bus:
        await bus.wait_connected()
        process.kill()
        await eventually(lambda: not bus.connected)
        await process.start(eventually)
        await bus.wait_connected()
        await bus.publish(Outgoing("t/1", b"back"))

        (message,) = await bus.receive(1)

    assert message.payload == b"back"


@pytest.mark.broker
@pytest.mark.thirdparty
async def test_an_independent_client_sees_the_same_messages(start_broker) -> None:
    import aiomqtt  # noqa: PLC0415 - only this test needs it

    process = await start_broker("nats")
    async with (
        MqttBus(client_id="ours", broker=process.broker) as ours,
        aiomqtt.Client(process.broker.host, process.broker.port) as theirs,
    ):
        await ours.wait_connected()
        await theirs.subscribe("coldport/#", qos=1)
        await ours.publish(Outgoing("coldport/v1/x/alarms/a/b", b"{}", retained=True))
        message = await anext(theirs.messages)

    assert (str(message.topic), message.payload) == ("coldport/v1/x/alarms/a/b", b"{}")


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("+/b", "a/b", True),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("#", "a/b", True),
        ("a/+/c", "a/b/d", False),
        ("a/b/c", "a/b", False),
    ],
)
def test_topic_filters_match_as_mqtt_says(topic_filter: str, topic: str, matches: bool) -> None:
    assert topic_matches(topic_filter, topic) is matches
