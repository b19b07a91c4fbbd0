"""The bus on MQTT 3.1.1: QoS 1 both ways, a persistent session, acknowledged by hand after the receiver's commit.

paho is driven from the event loop, by its interface for external loops: no second thread takes the interpreter lock in
turns with the work, and acknowledgements leave together. Why paho and not aiomqtt: docs/adr/0004-mqtt-client.md.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from coldport.bus import Outgoing, Received
from coldport.clock import SystemClock
from coldport.errors import RefusedError, UnavailableError
from coldport.site import Broker, Tls

PUBLISH_TIMEOUT_S = 10.0
"""A broker that takes longer over one message is taken to be away; the sender keeps the message and tries again."""

KEEPALIVE_S = 10
"""A link that looks alive and is dead is noticed within one and a half of these (MQTT 3.1.1, 3.1.2.10)."""

CONNECT_TIMEOUT_S = 5.0
RECONNECT_S = 0.3
"""Between two attempts to connect, without back-off: what is new is to be at control within a second of the broker's
return, and an attempt costs it a refused connection."""

MISC_EVERY_S = 1.0
"""How often paho looks after its keepalive."""

READ_LIMIT = 500
"""Packets taken from the socket before other work gets its turn."""

IN_FLIGHT_LIMIT = 1_000
"""Messages published and not yet taken over by the broker."""

WAITING_LIMIT = 20_000
"""Messages received and not yet asked for. Past it they are left unacknowledged: the broker brings them again."""

log = logging.getLogger("coldport.bus")


class _Socket(Protocol):
    """A TCP or TLS socket, as far as watching it goes."""

    def fileno(self) -> int: ...


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
        lasting: bool = True,
    ) -> None:
        """Name the session and what it listens to.

        Args:
            client_id: Names the session at the broker: two clients of one name throw each other out.
            broker: Where to connect.
            password: Goes with `broker.username`.
            filters: Topic filters of this session.
            will: What the broker publishes when this client vanishes.
            lasting: Whether the broker keeps what comes while this client is away.

        Raises:
            RefusedError: A certificate or key that `broker` names cannot be read.
        """
        self._filters = tuple(filters)
        self._waiting: deque[tuple[int, paho.MQTTMessage]] = deque()
        self._arrived = asyncio.Event()
        self._published: dict[int, asyncio.Future[None]] = {}
        self._connection = 0
        self._arrivals = 0
        self._clock = SystemClock()
        self._leaving = False
        self._complaint = ""
        self._connected = asyncio.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=not (filters and lasting), manual_ack=True
        )
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._client.max_inflight_messages_set(IN_FLIGHT_LIMIT)
        if broker.username is not None:
            self._client.username_pw_set(broker.username, password)
        if broker.tls:
            _use_certificates(self._client, broker.tls)
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=will.retained)
        self._client.on_socket_open = self._on_socket_open
        self._client.on_socket_close = self._on_socket_close
        self._client.on_socket_register_write = self._on_register_write
        self._client.on_socket_unregister_write = self._on_unregister_write
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_log = self._on_log
        self._address = (broker.host, broker.port)

    async def __aenter__(self) -> Self:
        """Start to connect."""
        self._loop = asyncio.get_running_loop()
        self._staying = self._loop.create_task(self._stay_connected(), name="mqtt")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to the broker, so that it does not publish the will."""
        self._leaving = True
        self._staying.cancel()
        await asyncio.wait([self._staying])
        self._client.disconnect()
        self._client.loop_write()

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
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return [self._take(*self._waiting.popleft()) for _ in range(min(limit, len(self._waiting)))]

    def _take(self, connection: int, message: paho.MQTTMessage) -> Received:
        def ack() -> None:
            # After a reconnect the broker may have given this number to another message.
            if connection == self._connection:
                self._client.ack(message.mid, message.qos)

        return Received(message.topic, bytes(message.payload), bool(message.retain), ack)

    async def _stay_connected(self) -> None:
        """Connect, look after the connection while it lasts, and connect again."""
        while True:
            try:
                # Only this blocks, in a name server or a handshake; the socket is watched from here on.
                await asyncio.to_thread(self._client.connect, *self._address, KEEPALIVE_S)
            except ssl.SSLError as error:
                self._complain(f"no TLS with the MQTT broker at {self._address[0]}:{self._address[1]}: {error}")
            except (OSError, ValueError) as error:
                log.debug("no MQTT broker at %s:%d: %s", *self._address, error)
            while self._client.socket() is not None:
                await self._clock.sleep(MISC_EVERY_S)
                self._client.loop_misc()
            await self._clock.sleep(RECONNECT_S)

    def _readable(self) -> None:
        """Take what has arrived: paho reads one packet at a call, and a call that brings none was the last."""
        for _ in range(READ_LIMIT):
            before = self._arrivals
            self._client.loop_read()
            if self._arrivals == before:
                return

    # paho's callbacks. While it connects they come from the thread of `connect`, hence call_soon_threadsafe.

    def _on_socket_open(self, _client: paho.Client, _user: object, opened: _Socket) -> None:
        self._loop.call_soon_threadsafe(self._watch, opened, self._loop.add_reader, self._readable)

    def _watch(
        self, wanted: _Socket, add: Callable[[int, Callable[[], object]], None], work: Callable[[], object]
    ) -> None:
        if self._client.socket() is wanted:  # it may have been closed since this was asked for
            add(wanted.fileno(), work)

    def _on_socket_close(self, _client: paho.Client, _user: object, closed: _Socket) -> None:
        self._loop.remove_reader(closed.fileno())
        self._loop.remove_writer(closed.fileno())

    def _on_register_write(self, client: paho.Client, _user: object, full: _Socket) -> None:
        self._loop.call_soon_threadsafe(self._watch, full, self._loop.add_writer, client.loop_write)

    def _on_unregister_write(self, _client: paho.Client, _user: object, flushed: _Socket) -> None:
        self._loop.remove_writer(flushed.fileno())

    def _on_connect(
        self, client: paho.Client, _user: object, _flags: object, reason: ReasonCode, _props: object
    ) -> None:
        self._arrivals += 1
        if reason.is_failure:
            log.error("the MQTT broker refuses this client: %s", reason)
            return
        self._connection += 1
        if self._filters:
            client.subscribe([(topic_filter, 1) for topic_filter in self._filters])
        else:
            self._connected.set()

    def _on_log(self, _client: paho.Client, _user: object, level: int, text: str) -> None:
        # Where a broker refuses a certificate, TLS 1.3 tells it after the handshake, and paho in its log alone.
        if level == paho.MQTT_LOG_ERR and "[SSL" in text:
            self._complain(f"the MQTT broker ended TLS: {text}")

    def _complain(self, text: str) -> None:
        """Log once what trying again will not mend."""
        if text != self._complaint:
            self._complaint = text
            log.error(text)

    def _on_subscribe(self, _client: paho.Client, _user: object, _mid: int, _codes: object, _props: object) -> None:
        self._arrivals += 1
        self._connected.set()

    def _on_message(self, _client: paho.Client, _user: object, message: paho.MQTTMessage) -> None:
        self._arrivals += 1
        if len(self._waiting) < WAITING_LIMIT:
            self._waiting.append((self._connection, message))
            self._arrived.set()

    def _on_publish(self, _client: paho.Client, _user: object, mid: int, _reason: ReasonCode, _props: object) -> None:
        self._arrivals += 1
        taken = self._published.get(mid)
        if taken is not None and not taken.done():
            taken.set_result(None)

    def _on_disconnect(
        self, _client: paho.Client, _user: object, _flags: object, reason: ReasonCode, _props: object
    ) -> None:
        if self._connected.is_set() and not self._leaving:
            log.warning("the MQTT broker is gone: %s", reason)
        self._connected.clear()
        for taken in self._published.values():
            if not taken.done():
                taken.set_exception(UnavailableError("the MQTT broker went away"))


def _use_certificates(client: paho.Client, tls: bool | Tls) -> None:  # noqa: FBT001 - as the settings have it
    if not isinstance(tls, Tls):
        client.tls_set()
        return
    try:
        client.tls_set(tls.ca, tls.certificate, tls.key)
    except (OSError, ValueError) as error:
        raise RefusedError(f"[broker] tls: {tls.certificate}: {error} (see: coldport edge enroll --help)") from error
