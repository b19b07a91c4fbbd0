"""The reader's ROSpecs: what a request does to them, and what the running ones report."""

from collections.abc import Iterable

from firmware_sim.devices.device import TagRead
from firmware_sim.servers.llrp.capabilities import MAX_ROSPECS
from firmware_sim.servers.llrp.inventory import Inventory
from firmware_sim.servers.llrp.outbox import Event, Outbox
from firmware_sim.servers.llrp.rospec import RoSpec, State, parse
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import Problem, Status, at, tlv, u8, u32

STARTED, ENDED = 0, 1


class Operations:
    """All ROSpecs of a reader. The methods named after requests take the request's body and the moment.

    They raise `Problem` when the request cannot be carried out. Reports and ROSpecEvents go into the outbox.
    """

    def __init__(self, antennas: int, stamps: Stamps, outbox: Outbox) -> None:
        """Start with none; `stamps` is the reader's clock."""
        self._antennas = antennas
        self._stamps = stamps
        self._outbox = outbox
        self._specs: dict[int, RoSpec] = {}
        self._running: dict[int, Inventory] = {}

    def offer(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Give reads to the ROSpecs that run."""
        for read in reads:
            for inventory in self._running.values():
                self._outbox.report(inventory.add(read, now_s))
                if inventory.overflowed:
                    self._outbox.overflow()

    def tick(self, now_s: float) -> None:
        """Let time end what it has to end. A ROSpec that starts by itself starts again when its duration is over."""
        for inventory in list(self._running.values()):
            self._outbox.report(inventory.tick(now_s))
            if inventory.over(now_s):
                self._halt(inventory.spec)
                if inventory.spec.immediate:
                    self._run(inventory.spec, now_s)

    def forget(self) -> None:
        """Drop what has been gathered for a client that is gone."""
        self._outbox.clear()
        for inventory in self._running.values():
            inventory.flush()

    def get_report(self) -> None:
        """Report everything gathered so far."""
        for inventory in self._running.values():
            self._outbox.report(inventory.flush())

    def add(self, body: bytes, now_s: float) -> bytes:
        """ADD_ROSPEC."""
        del now_s
        spec = parse(body)
        if spec.number in self._specs:
            raise Problem(Status.FIELD_ERROR, f"ROSpec {spec.number} is there already")
        if len(self._specs) >= MAX_ROSPECS:
            raise Problem(Status.OVERFLOW_PARAMETER, f"there are {MAX_ROSPECS} ROSpecs already")
        if any(antenna > self._antennas for antenna in spec.antennas):
            raise Problem(Status.FIELD_ERROR, f"there are only {self._antennas} antennas")
        self._specs[spec.number] = spec
        return b""

    def delete(self, body: bytes, now_s: float) -> bytes:
        """DELETE_ROSPEC; 0 means all."""
        del now_s
        for spec in self._chosen(body):
            self._halt(spec)
            del self._specs[spec.number]
        return b""

    def enable(self, body: bytes, now_s: float) -> bytes:
        """ENABLE_ROSPEC; one with an immediate trigger starts."""
        for spec in self._chosen(body):
            if spec.state is State.DISABLED:
                spec.state = State.INACTIVE
                if spec.immediate:
                    self._run(spec, now_s)
        return b""

    def disable(self, body: bytes, now_s: float) -> bytes:
        """DISABLE_ROSPEC."""
        del now_s
        for spec in self._chosen(body):
            self._halt(spec)
            spec.state = State.DISABLED
        return b""

    def start(self, body: bytes, now_s: float) -> bytes:
        """START_ROSPEC."""
        spec = self._named(body)
        if spec.state is State.DISABLED:
            raise Problem(Status.FIELD_ERROR, f"ROSpec {spec.number} is disabled")
        if spec.state is State.INACTIVE:
            self._run(spec, now_s)
        return b""

    def stop(self, body: bytes, now_s: float) -> bytes:
        """STOP_ROSPEC; it stays stopped even with an immediate trigger, as readers in the field do."""
        del now_s
        self._halt(self._named(body))
        return b""

    def get(self, body: bytes, now_s: float) -> bytes:
        """GET_ROSPECS."""
        del body, now_s
        return b"".join(spec.parameter for spec in self._specs.values())

    def _chosen(self, body: bytes) -> list[RoSpec]:
        return list(self._specs.values()) if at(body, 0, 4) == 0 else [self._named(body)]

    def _named(self, body: bytes) -> RoSpec:
        number = at(body, 0, 4)
        if number not in self._specs:
            raise Problem(Status.FIELD_ERROR, f"there is no ROSpec {number}")
        return self._specs[number]

    def _run(self, spec: RoSpec, now_s: float) -> None:
        spec.state = State.ACTIVE
        self._running[spec.number] = Inventory(spec, self._stamps, now_s)
        self._tell(STARTED, spec)

    def _halt(self, spec: RoSpec) -> None:
        inventory = self._running.pop(spec.number, None)
        if inventory is not None:
            self._outbox.report(inventory.end())
            spec.state = State.INACTIVE
            self._tell(ENDED, spec)

    def _tell(self, what: int, spec: RoSpec) -> None:
        self._outbox.tell(Event.ROSPEC, tlv(249, u8(what), u32(spec.number), u32(0)))
