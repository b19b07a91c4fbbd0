"""Manifests from the bus to the gates, and again to a gate that was exchanged."""

import asyncio

import pytest

from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.codec import encode
from coldport.ids import PointId
from coldport.messages.manifest import Manifest
from edge.drivers.gates.manifests import AGAIN_S, Manifests
from edge.ports import Checkpoint

EPC = "3034257BF7194E4000001A85"
GATE = PointId("dock-1-gate")


class Gate:
    def __init__(self, point: PointId) -> None:
        self.point = point
        self.expected: list[str] = []

    def expect(self, manifest: Manifest) -> None:
        self.expected.append(manifest.id)


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
def gates() -> dict:
    return {GATE: Gate(GATE), PointId("dock-2-gate"): Gate(PointId("dock-2-gate"))}


@pytest.fixture
async def manifests(broker, gates, clock):
    task = asyncio.create_task(Manifests(broker.client("edge-1", ["manifests/+"]), lambda: gates, clock).run())
    yield
    task.cancel()
    await asyncio.wait([task])


def send(broker, clock, name: str) -> None:
    manifest = Manifest(id=name, point=GATE, since=clock.now(), epcs=(EPC,))
    broker.deliver(Outgoing("manifests/dock-1-gate", encode(manifest), retained=True))


def test_a_gate_is_a_checkpoint(gates) -> None:
    assert all(isinstance(gate, Checkpoint) for gate in gates.values())


async def test_a_manifest_reaches_its_gate_and_no_other(manifests, broker, gates, clock) -> None:
    send(broker, clock, "load-7")
    await clock.advance(0.0)
    assert [gate.expected for gate in gates.values()] == [["load-7"], []]
    assert broker._sessions["edge-1"].unacknowledged == {}


async def test_a_gate_that_was_exchanged_is_told_the_latest(manifests, broker, gates, clock) -> None:
    send(broker, clock, "load-7")
    send(broker, clock, "load-8")
    await clock.advance(0.0)
    gates[GATE] = Gate(GATE)
    await clock.advance(AGAIN_S)
    assert gates[GATE].expected == ["load-8"]


async def test_what_cannot_be_read_is_logged_and_the_next_is_taken(manifests, broker, gates, clock, caplog) -> None:
    broker.deliver(Outgoing("manifests/dock-1-gate", b"{half"))
    broker.deliver(Outgoing("manifests/dock-1-gate", b""))
    send(broker, clock, "load-9")
    await clock.advance(0.0)
    assert gates[GATE].expected[-1] == "load-9"
    assert "cannot be read" in caplog.text
