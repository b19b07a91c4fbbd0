"""RFID readers by what they speak, and on what. Which tags and light barriers they hear of is the gate's matter."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from firmware_sim.devices.device import TagRead, Value
from firmware_sim.faults import ANTENNA_KINDS, ANY_LINE, TCP_LINE, Breakable, Fault, FaultKind, FaultKinds
from firmware_sim.lines.http_post import HttpPost
from firmware_sim.lines.line import Address
from firmware_sim.places.place import LOCAL, Baud, Named, Port, port_name
from firmware_sim.places.street import Street
from firmware_sim.servers.http import HttpSession
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import V1_0_1, V1_1
from firmware_sim.servers.serving import Pace
from firmware_sim.servers.uhf.inventory import UhfModel
from firmware_sim.servers.uhf.reader import UhfReader
from firmware_sim.servers.vendor import impinj_rest
from firmware_sim.servers.vendor.impinj import ImpinjReader
from firmware_sim.servers.vendor.zebra import HEARTBEAT_S, Mode, ZebraReader

Topic = Annotated[str, Meta(pattern="^[^+#]+$", max_length=200)]
_UHF = frozenset({FaultKind.CRC, FaultKind.SWALLOW})
_JSON = frozenset({FaultKind.SILENCE, FaultKind.ANTENNA, FaultKind.CLOCK_STEP})
_LLRP = frozenset(
    {
        FaultKind.UNKNOWN_MESSAGE,
        FaultKind.ANTENNA,
        FaultKind.OCCUPIED,
        FaultKind.UPTIME,
        FaultKind.CLOCK_STEP,
    }
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Where a reader hangs: the gate's name, its antennas, and the signals of its light barriers, input 1 first."""

    name: str
    antennas: int
    beams: tuple[str, ...] = ()


class _Hears(Protocol):
    """A reader as the world sees it."""

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None: ...


class _Watches(_Hears, Protocol):
    """One that has inputs, and knows when an antenna is gone."""

    def gpi(self, port: int, *, high: bool) -> None: ...

    def antenna(self, number: int, *, connected: bool) -> None: ...


class LlrpLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="llrp"):
    """A reader that speaks LLRP. Without a `utc` clock it tells how long it has been on."""

    port: Port
    host: str = LOCAL
    version: Literal["1.0.1", "1.1"] = "1.1"
    clock: Literal["utc", "uptime"] = "utc"

    def names(self) -> Iterator[Named]:
        """Yield the port."""
        yield Named(".port", port_name(self.port))

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return TCP_LINE | _LLRP

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader listen."""
        world, faults = street.world, street.faults
        reader = LlrpReader(
            gate.name,
            gate.antennas,
            faults,
            stamps=Stamps(
                round(street.epoch.timestamp() * 1e6),
                lambda: world.now_s,
                has_clock=self.clock == "utc",
                step_s=lambda: faults.step_s(gate.name),
                forgotten=lambda: faults.find(FaultKind.UPTIME, gate.name) is not None,
            ),
            inputs=len(gate.beams),
            newest=V1_1 if self.version == "1.1" else V1_0_1,
        )
        _watch(street, gate, reader)
        street.tcp(gate.name, Address(self.host, self.port), reader.connect, reader.disconnect)


class ImpinjHttp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="impinj-http"):
    """An Impinj R700 whose events are fetched: a stream at `/api/v1/data/stream`. Plain HTTP, no password."""

    port: Port
    host: str = LOCAL

    def names(self) -> Iterator[Named]:
        """Yield the port."""
        yield Named(".port", port_name(self.port))

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return TCP_LINE | _JSON

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader listen."""
        reader = _impinj(street, gate)
        address = Address(self.host, self.port)
        street.tcp(gate.name, address, lambda: impinj_rest.session(reader), HttpSession.close)


class ImpinjMqtt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="impinj-mqtt"):
    """An Impinj R700 that publishes its events on a topic."""

    topic: Topic

    def names(self) -> Iterator[Named]:
        """Yield nothing: a topic may be shared."""
        yield from ()

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return _JSON | {FaultKind.DUPLICATE}

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader publish."""
        _impinj(street, gate).listen(lambda event: street.publish(gate.name, self.topic, event))


class ZebraMqtt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="zebra-mqtt"):
    """A Zebra FX with the IoT Connector that publishes. Its clock is `utc_offset_h` ahead of UTC."""

    topic: Topic
    management_topic: Topic
    mode: Mode = Mode.CUSTOM
    utc_offset_h: Annotated[int, Meta(ge=-12, le=14)] = 8

    def names(self) -> Iterator[Named]:
        """Yield nothing: a topic may be shared."""
        yield from ()

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return _JSON | {FaultKind.DUPLICATE}

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader publish."""
        _zebra(
            street,
            gate,
            self,
            lambda data: street.publish(gate.name, self.topic, data),
            lambda event: street.publish(gate.name, self.management_topic, event),
        )


class ZebraHttp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="zebra-http"):
    """A Zebra FX with the IoT Connector that posts data and management events to one address."""

    url: Annotated[str, Meta(pattern="^http://")]
    mode: Mode = Mode.CUSTOM
    utc_offset_h: Annotated[int, Meta(ge=-12, le=14)] = 8

    def names(self) -> Iterator[Named]:
        """Yield nothing: the address is the listener's."""
        yield from ()

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return _JSON

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader post."""
        post = HttpPost(self.url)
        _zebra(street, gate, self, post.put, post.put)
        street.work.append(post.run)


class UhfSerial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="uhf-serial"):
    """An UHFReader18 or 288 on a serial line that has the gate's name."""

    model: UhfModel
    baud: Baud = 57_600
    address: Annotated[int, Meta(ge=0, le=254)] = 0

    def names(self) -> Iterator[Named]:
        """Yield nothing: the line has the gate's name."""
        yield from ()

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return ANY_LINE | _UHF

    def serve(self, street: Street, gate: Gate) -> None:
        """Put the reader onto its line. It has no inputs: light barriers are not told."""
        reader = UhfReader(gate.name, self.model, gate.antennas, street.faults, address=self.address)
        _hear(street, gate, reader)
        street.serial(gate.name, reader.connect(), Pace.of_baud(self.baud))


class UhfTcp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="uhf-tcp"):
    """An UHFReader18 or 288 behind TCP."""

    model: UhfModel
    port: Port
    host: str = LOCAL
    address: Annotated[int, Meta(ge=0, le=254)] = 0

    def names(self) -> Iterator[Named]:
        """Yield the port."""
        yield Named(".port", port_name(self.port))

    def faults(self) -> FaultKinds:
        """Return what can be broken."""
        return TCP_LINE | _UHF

    def serve(self, street: Street, gate: Gate) -> None:
        """Let the reader listen. It has no inputs: light barriers are not told."""
        reader = UhfReader(gate.name, self.model, gate.antennas, street.faults, address=self.address)
        _hear(street, gate, reader)
        street.tcp(gate.name, Address(self.host, self.port), reader.connect, reader.disconnect)


Reader = LlrpLink | ImpinjHttp | ImpinjMqtt | ZebraMqtt | ZebraHttp | UhfSerial | UhfTcp
"""What a gate's reader can be; `kind` says which."""


def breakable(reader: Reader, gate: Gate) -> Breakable:
    """Return how a reader can be broken, and which antennas can be pulled off it."""
    kinds = reader.faults()
    antennas = range(1, gate.antennas + 1) if FaultKind.ANTENNA in kinds else ()
    return Breakable(kinds, frozenset(antennas), ANTENNA_KINDS)


def _impinj(street: Street, gate: Gate) -> ImpinjReader:
    now, epoch = partial(street.now, gate.name), partial(street.epoch_of, gate.name)
    reader = ImpinjReader(gate.name, gate.antennas, street.faults, now=now, epoch=epoch)
    _watch(street, gate, reader)
    return reader


def _zebra(
    street: Street,
    gate: Gate,
    link: ZebraMqtt | ZebraHttp,
    on_data: Callable[[bytes], None],
    on_management: Callable[[bytes], None],
) -> None:
    reader = ZebraReader(
        name=gate.name,
        faults=street.faults,
        mode=link.mode,
        offset=timedelta(hours=link.utc_offset_h),
        epoch=partial(street.epoch_of, gate.name),
        now=partial(street.now, gate.name),
        on_data=on_data,
        on_management=on_management,
    )
    _watch(street, gate, reader)

    async def beat() -> None:
        while True:
            await street.clock.sleep(HEARTBEAT_S)
            reader.beat()

    street.work.append(beat)


def _watch(street: Street, gate: Gate, reader: _Watches) -> None:
    """Let a reader hear tags, light barriers, and hands at its antennas."""
    _hear(street, gate, reader)

    def pull(fault: Fault, active: bool) -> None:  # noqa: FBT001 - a Watcher
        if fault.kind is FaultKind.ANTENNA and fault.target == gate.name:
            for number in range(1, gate.antennas + 1):
                if fault.unit in (None, number):
                    reader.antenna(number, connected=not active)

    street.faults.watch(pull)
    for port, signal in enumerate(gate.beams, start=1):

        def on_beam(now_s: float, value: Value, port: int = port) -> None:
            del now_s
            reader.gpi(port, high=bool(value))

        street.world.watch(signal, on_beam)
        if street.world.number(signal):
            reader.gpi(port, high=True)


def _hear(street: Street, gate: Gate, reader: _Hears) -> None:
    def on_reads(now_s: float, value: Value) -> None:
        del now_s  # the reader's timers run on the real clock
        reads = [read for read in value if isinstance(read, TagRead)] if isinstance(value, tuple) else []
        gone = partial(street.faults.find, FaultKind.ANTENNA, gate.name)
        reader.reads([read for read in reads if not gone(read.antenna)], street.clock.monotonic_s())

    street.world.watch(f"{gate.name}.reads", on_reads)
