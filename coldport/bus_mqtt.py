"""The bus on MQTT 3.1.1: QoS 1 both ways, a persistent session, acknowledged by hand after the receiver's commit.

paho's network thread owns the socket, reconnects and keeps alive; this module carries what it brings over to the event
loop. Why paho and not aiomqtt here: docs/adr/0004-mqtt-client.md.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from coldport.bus import Outgoing, Received
from coldport.errors import UnavailableError
from coldport.site import Broker

PUBLISH_TIMEOUT_S = 10.0
"""A broker that takes longer over one message is taken to be away; the sender keeps the message and tries again."""

KEEPALIVE_S = 10
"""A link that looks alive and is dead is noticed within one and a half of these (MQTT 3.1.1, 3.1.2.10)."""

RECONNECT_S = (1, 4)
"""First and longest wait between two attempts to connect."""

IN_FLIGHT_LIMIT = 1_000
"""Messages published and not yet taken over by the broker."""

WAITING_LIMIT = 20_000
"""Messages received and not yet asked for. Past it they are left unacknowledged: the broker brings them again."""

log = logging.getLogger("coldport.bus")


class MqttBus:
    """One client of an MQTT broker, for the length of an `async with`.

    Entering does not wait for the broker: a process can start before it. `connected` and the errors of `publish` tell.
    """

    def __init__(
        self,
        *,
        client_id: str,
        broker: Broker,
        password: str | None = None,
        filters: Sequence[str] = (),
        will: Outgoing | None = None,
    ) -> None:
        """Name the session and what it listens to.

        Args:
            client_id: Names the session at the broker: two clients of one name throw each other out.
            broker: Where to connect.
            password: Goes with `broker.username`.
            filters: Topic filters of this session.
            will: What the broker publishes when this client vanishes.
        """
        self._filters = tuple(filters)
        self._waiting: deque[tuple[int, paho.MQTTMessage]] = deque()
        self._arrived = asyncio.Event()
        self._published: dict[int, asyncio.Future[None]] = {}
        self._connection = 0
        self._leaving = False
        self._connected = asyncio.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=not filters, manual_ack=True
        )
        self._client.reconnect_delay_set(*RECONNECT_S)
        self._client.max_inflight_messages_set(IN_FLIGHT_LIMIT)
        if broker.username is not None:
            self._client.username_pw_set(broker.username, password)
        if broker.tls:
            self._client.tls_set()
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=will.retained)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._address = (broker.host, broker.port)

    async def __aenter__(self) -> Self:
        """Start the network thread."""
        self._loop = asyncio.get_running_loop()
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to the broker, so that it does not publish the will, and stop the thread."""
        self._leaving = True
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted this client and its subscriptions, and not gone since."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Return once the broker is there."""
        await self._connected.wait()

    async def publish(self, message: Outgoing) -> None:
        """Return when the broker has acknowledged the message; see `coldport.bus.Bus.publish`."""
        if not self._connected.is_set():
            raise UnavailableError(f"no MQTT broker at {self._address[0]}:{self._address[1]}")
        info = self._client.publish(message.topic, message.payload, qos=1, retain=message.retained)
        if info.rc not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_NO_CONN):
            raise UnavailableError(f"the message was not sent: {paho.error_string(info.rc)}")
        # The acknowledgement comes through call_soon_threadsafe, so it cannot overtake this registration.
        taken = self._published[info.mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await taken
        except TimeoutError as error:
            raise UnavailableError(f"the broker did not take a message over in {PUBLISH_TIMEOUT_S:.0f} s") from error
        finally:
            self._published.pop(info.mid, None)

    async def receive(self, limit: int) -> Sequence[Received]:
        """Wait for a message, then return it with all others that have arrived, at most `limit`, in order."""
        # Cleared before looking: a message that arrives in between leaves the event set, and none is overlooked.
        self._arrived.clear()
        while not self._waiting:
            await self._arrived.wait()
            self._arrived.clear()
        return [self._take(*self._waiting.popleft()) for _ in range(min(limit, len(self._waiting)))]

    def _take(self, connection: int, message: paho.MQTTMessage) -> Received:
        def ack() -> None:
            # After a reconnect the broker may have given this number to another message.
            if connection == self._connection:
                self._client.ack(message.mid, message.qos)

        return Received(message.topic, bytes(message.payload), bool(message.retain), ack)

    # The callbacks below run in paho's thread.

    def _on_connect(
        self, client: paho.Client, _user: object, _flags: object, reason: ReasonCode, _props: object
    ) -> None:
        if reason.is_failure:
            log.error("the MQTT broker refuses this client: %s", reason)
            return
        self._connection += 1
        if self._filters:
            client.subscribe([(topic_filter, 1) for topic_filter in self._filters])
        else:
            self._loop.call_soon_threadsafe(self._connected.set)

    def _on_subscribe(self, _client: paho.Client, _user: object, _mid: int, _codes: object, _props: object) -> None:
        self._loop.call_soon_threadsafe(self._connected.set)

    def _on_disconnect(
        self, _client: paho.Client, _user: object, _flags: object, reason: ReasonCode, _props: object
    ) -> None:
        self._loop.call_soon_threadsafe(self._lost, str(reason))

    def _on_message(self, _client: paho.Client, _user: object, message: paho.MQTTMessage) -> None:
        if len(self._waiting) >= WAITING_LIMIT:
            return
        self._waiting.append((self._connection, message))
        if not self._arrived.is_set():
            self._loop.call_soon_threadsafe(self._arrived.set)

    def _on_publish(self, _client: paho.Client, _user: object, mid: int, _reason: ReasonCode, _props: object) -> None:
        self._loop.call_soon_threadsafe(self._taken_over, mid)

    # And these on the event loop.

    def _taken_over(self, mid: int) -> None:
        taken = self._published.get(mid)
        if taken is not None and not taken.done():
            taken.set_result(None)

    def _lost(self, reason: str) -> None:
        if self._connected.is_set() and not self._leaving:
            log.warning("the MQTT broker is gone: %s", reason)
        self._connected.clear()
        for taken in self._published.values():
            if not taken.done():
                taken.set_exception(UnavailableError("the MQTT broker went away"))
