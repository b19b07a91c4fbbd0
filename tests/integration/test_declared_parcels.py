"""Parcels of the example site from shipper to verdict: its API, real folders, the played office, its own lane."""

import random
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from lane_floor import NOON, passage, weighing
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.messages.observation import Batch
from coldport.site import load_site
from control.access.party import PartyKind
from control.api.app import create_app
from control.followers.customs.folder import FolderLetterbox
from control.followers.customs.line import CustomsLine
from control.historian.memory import MemoryHistorian
from control.inspection.lane.acts import Judged
from control.inspection_settings import load_inspection
from control.journal.memory import MemoryJournal
from control.memory import Inspection
from control.service import Service
from control.settings import load_alarms, load_control
from dashboards import web_root
from firmware_sim.customs.manner import Manner
from firmware_sim.devices.conveyor import Parcel
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.floor import build
from firmware_sim.lines.ends import MachineEnds
from firmware_sim.lines.http_ask import TOO_MANY, Said
from firmware_sim.places.customs import Counter
from firmware_sim.places.ground import dice_of
from firmware_sim.places.shippers import Shipping
from firmware_sim.places.street import Street
from firmware_sim.scenario import load_scenario

SITE = Path(__file__).parents[2] / "config/sites/xiangtan"
CALM = Manner(step_s=1.0, rejected=0, by_hand=0, inspected=0)
SILENCE = Fault(kind=FaultKind.SILENCE, target="customs")


class Port:
    """The example site with a shipper and an office, in a time that is moved by hand."""

    def __init__(self, data: Path, manner: Manner = CALM, **wrong: float) -> None:
        self.clock = ManualClock(NOON)
        site, self.journal = load_site(SITE), MemoryJournal()
        inspection = Inspection(load_inspection(SITE, site))
        self.service = Service(site, load_alarms(SITE, site), self.journal, self.clock, inspection)
        transfer = load_control(SITE).customs
        assert transfer is not None
        letterbox = FolderLetterbox(data / transfer.folder)
        self.line = CustomsLine(self.service, self.journal, letterbox, transfer, self.clock)
        scenario = load_scenario(SITE)
        (shipper,) = scenario.shippers
        right = {"undeclared": 0.0, "misweighed": 0.0, "vehicle": 8}
        self.shipper = msgspec.structs.replace(shipper, lanes=("lane-1",), **right | wrong)
        assert scenario.customs is not None
        place = msgspec.structs.replace(scenario.customs, manner=manner)
        floor = build(msgspec.structs.replace(scenario, timeline=()), 1)
        self.world, self.faults = floor.world, floor.faults
        ends = MachineEnds(data, any_ports=True)
        self.street = Street(
            floor.world,
            floor.devices,
            lambda name: dice_of(1, name),
            floor.faults,
            self.clock,
            NOON,
            ends,
            floor.offices,
        )
        place.serve(self.street)
        letters = ends.letters(place.folder)
        self.counter = Counter(place, floor.offices[place.id], self.street, letters)
        self.shipping = Shipping(self.shipper, self.street)
        self.seq = 0

    @property
    def parcels(self) -> list[Parcel]:
        device = self.street.devices["lane-1"]
        return list(device.ready)  # type: ignore[attr-defined]

    async def declare(self, ask) -> None:
        """Let all that lies ready be declared, and the site and its office talk until nobody has anything to say."""
        self.shipping.look()
        while self.shipping.sender.busy:
            await self.shipping.sender.run_one(ask)
            if not self.shipping.sender.busy:
                self.shipping.look()
        self.talk()

    def talk(self, seconds: int = 30) -> None:
        for _ in range(seconds):
            self.clock._elapsed_s += 1
            self.world.now_s += 1
            while self.line.send_some():
                pass
            self.counter.look()
            while self.line.receive_some():
                pass

    def cross(self, parcel: Parcel) -> Judged:
        """Let a parcel go over the lane, and return its verdict."""
        now, before = self.clock.now(), self.journal.last()
        through = msgspec.structs.replace(
            passage(epc=parcel.epc.hex().upper()), point="lane-1-gate", observed_at=now - timedelta(seconds=7)
        )
        weighed = msgspec.structs.replace(
            weighing(kg=round(parcel.mass_kg, 2)),
            point="lane-1-scale",
            placed_at=now - timedelta(seconds=2),
            observed_at=now - timedelta(seconds=1),
        )
        seen = [msgspec.structs.replace(one, seq=self.seq + n) for n, one in enumerate((through, weighed), 1)]
        self.seq += 2
        self.service.take([Batch(gateway="g", boot_id="0" * 32, observations=tuple(seen))])
        self.clock._elapsed_s += 0.2
        self.service.tick()
        self.clock._elapsed_s += 30
        (judged,) = [one.content for one in self.journal.read(before, 100) if isinstance(one.content, Judged)]
        return judged


class Asking:
    """Asks the site's application; may lose answers, as a network does."""

    def __init__(self, client: TestClient, loses: float = 0.0) -> None:
        self.client, self.loses, self.dice = client, loses, random.Random(5)
        self.tokens: list[str | None] = []

    async def __call__(self, method: str, path: str, body: bytes = b"", token: str | None = None) -> Said:
        self.tokens.append(token)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = self.client.request(method, path, content=body, headers=headers)
        assert answer.status_code != TOO_MANY
        if self.dice.random() < self.loses:
            raise UnavailableError("the answer was lost")
        return Said(answer.status_code, answer.json())


@pytest.fixture
def opened() -> Iterator:
    """A function that opens a port's pages to whoever asks."""
    clients: list[TestClient] = []

    def open_to(port: Port, loses: float = 0.0) -> Asking:
        app = create_app(port.service, MemoryHistorian(), web_root(), clock=port.clock)
        clients.append(TestClient(app, base_url="http://127.0.0.1"))
        return Asking(clients[-1].__enter__(), loses)

    yield open_to
    for client in clients:
        client.__exit__(None, None, None)


async def test_parcels_are_declared_sent_answered_and_released_at_the_lane(tmp_path, opened):
    port = Port(tmp_path)
    await port.declare(opened(port))
    verdicts = [port.cross(parcel) for parcel in port.parcels]
    assert Tally(one.verdict for one in verdicts) == {"release": 20}
    assert len(list((tmp_path / "customs/out/done").glob("*.xml"))) == 62
    assert not list((tmp_path / "customs/in/refused").iterdir())
    assert port.shipping.sender.refused == 0


async def test_while_the_office_is_silent_a_parcel_waits_and_says_for_what(tmp_path, opened):
    port = Port(tmp_path)
    port.faults.begin(SILENCE)
    await port.declare(opened(port))
    waiting = port.cross(port.parcels[0])
    assert (waiting.verdict, [one.why for one in waiting.reasons]) == ("wait", ["not-released-yet"])
    port.faults.end(SILENCE)
    port.talk()
    assert port.cross(port.parcels[0]).verdict == "release"


@pytest.mark.parametrize(
    ("wrong", "manner", "verdict", "why"),
    [
        ({"undeclared": 1.0}, CALM, "hold", "unknown-parcel"),
        ({"misweighed": 1.0}, CALM, "inspect", "weight-far-off"),
        ({}, msgspec.structs.replace(CALM, rejected=1.0), "hold", "customs-refuses"),
        ({}, msgspec.structs.replace(CALM, inspected=1.0, officer_s=600.0), "inspect", "customs-holds"),
        ({}, msgspec.structs.replace(CALM, by_hand=1.0, officer_s="never"), "wait", "not-released-yet"),
    ],
)
async def test_what_is_wrong_with_a_parcel_is_what_its_verdict_says(tmp_path, opened, wrong, manner, verdict, why):
    port = Port(tmp_path, manner, **wrong)
    await port.declare(opened(port))
    judged = port.cross(port.parcels[0])
    assert (judged.verdict, judged.reasons[0].why) == (verdict, why)


async def test_papers_are_brought_with_keys_and_the_dock_speaks_for_the_site(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    await port.declare(asking)
    assert len({token for token in asking.tokens if token}) == 2
    parties = port.service.access.state.parties
    assert [parties[f"dark-tea-{role}"].kind for role in ("seller", "carrier")] == [
        PartyKind.ENTERPRISE,
        PartyKind.CARRIER,
    ]
    assert {key.scopes for key in port.service.access.state.keys.values()} == {("consignments:write",)}


async def test_lost_answers_change_nothing_but_that_it_is_told_again(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port, loses=0.3)
    port.shipping.look()
    while port.shipping.sender.busy:
        try:
            await port.shipping.sender.run_one(asking)
        except UnavailableError:
            continue
    port.talk()
    assert Tally(port.cross(parcel).verdict for parcel in port.parcels[:10]) == {"release": 10}
    assert len(list((tmp_path / "customs/out/done").glob("*.xml"))) == 31


async def test_a_simulation_that_starts_anew_never_runs_out_of_keys_or_numbers(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    await port.declare(asking)
    for _ in range(25):
        port.clock._elapsed_s += 60
        port.shipping = Shipping(port.shipper, replace(port.street, epoch=port.clock.now()))
        port.shipping.look()
        await port.shipping.sender.run_one(asking)
    while port.shipping.sender.busy:
        await port.shipping.sender.run_one(asking)
    assert port.shipping.sender.refused == 0
    assert len(port.service.access.state.keys) == 2
    port.talk()
    assert port.cross(port.parcels[0]).verdict == "release"


async def test_a_key_that_was_revoked_is_asked_for_anew(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    port.shipping.look()
    await port.shipping.sender.run_one(asking)
    for key in list(port.service.access.state.keys):
        asking.client.post(f"/api/v1/access/keys/{key}/revoke", json={"by": "li"})
    while port.shipping.sender.busy:
        await port.shipping.sender.run_one(asking)
    assert port.shipping.sender.refused == 0


async def test_a_site_that_gives_no_key_is_asked_again_with_its_reason_said(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    body = {
        "id": "other",
        "name": {"zh": "他", "en": "Other"},
        "kind": "enterprise",
        "codes": ["4301961002"],
        "by": "li",
    }
    asking.client.post("/api/v1/access/parties", json=body)
    port.shipping.look()
    with pytest.raises(UnavailableError, match="code '4301961002' is that of party 'other'"):
        await port.shipping.sender.run_one(asking)
    assert port.shipping.sender.busy


async def test_the_next_truck_comes_when_it_is_full(tmp_path, opened):
    port = Port(tmp_path)
    await port.declare(opened(port))
    port.shipping.look()
    assert not port.shipping.sender.busy
    first = port.parcels[0].serial
    while port.parcels[0].serial < first + port.shipper.truck:
        port.shipping.look()
        assert not port.shipping.sender.busy
        port.world.run_until(port.world.now_s + 1)
    port.shipping.look()
    assert port.shipping.sender.busy


async def dispatched(port: Port, asking: Asking) -> None:
    """Let everything leave that can."""
    while due := await port.shipping.dispatch.due(asking):
        port.shipping.sender.add(due)
        while port.shipping.sender.busy:
            await port.shipping.sender.run_one(asking)


def stop_one_on_a_vehicle(port: Port) -> None:
    (vehicle,) = port.service.floor.parcels.state.vehicles.values()
    port.street.offices["customs"].decide(vehicle.parcels[3], "500", port.world.now_s)


def states(port: Port) -> Tally:
    return Tally(one.state for one in port.service.floor.parcels.state.parcels.values())


async def test_what_is_released_leaves_by_the_vehicle_and_customs_closes_it(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    await port.declare(asking)
    for parcel in port.parcels:
        port.cross(parcel)
    await dispatched(port, asking)
    assert states(port) == {"departed": 16, "released": 4}
    port.talk()
    assert states(port) == {"closed": 16, "released": 4}
    said = [one.content for one in port.journal.read(0, 10_000) if isinstance(one.content, Judged)]
    assert Tally(one.verdict for one in said) == {"release": 20}
    assert port.shipping.sender.refused == 0


async def test_what_customs_stops_is_taken_off_its_vehicle_and_another_one_leaves_in_its_place(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    await port.declare(asking)
    for parcel in port.parcels[:8]:
        port.cross(parcel)
    port.shipping.sender.add(await port.shipping.dispatch.due(asking))
    while port.shipping.sender.busy:
        await port.shipping.sender.run_one(asking)
    assert states(port)["loaded"] == 8
    stop_one_on_a_vehicle(port)
    port.talk()
    await dispatched(port, asking)
    assert states(port) == {"held": 1, "loaded": 7, "received": 12}
    port.cross(port.parcels[8])
    await dispatched(port, asking)
    assert states(port) == {"held": 1, "departed": 8, "received": 11}


async def test_a_vehicle_that_was_sealed_waits_for_people_when_customs_stops_what_is_on_it(tmp_path, opened):
    port = Port(tmp_path)
    asking = opened(port)
    await port.declare(asking)
    for parcel in port.parcels[:8]:
        port.cross(parcel)
    while states(port)["sealed"] < 8:
        port.shipping.sender.add(await port.shipping.dispatch.due(asking))
        while port.shipping.sender.busy:
            await port.shipping.sender.run_one(asking)
    stop_one_on_a_vehicle(port)
    port.talk()
    await dispatched(port, asking)
    assert states(port)["sealed"] == 8
    assert port.shipping.sender.refused == 0
