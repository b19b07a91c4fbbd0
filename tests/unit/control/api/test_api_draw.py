"""The draw of a day over HTTP: what was told in the morning, and how it came out."""

import hashlib
from datetime import date

import pytest
from declarations import NOON
from lane_floor import LANE
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.historian.memory import MemoryHistorian
from control.inspection.floor import Floor
from control.inspection.lane.acts import DrawCommitted, Drawn, DrawRevealed, Judged, RateSet
from control.inspection.lane.draw import wilson
from control.inspection.lane.settings import Draw
from control.inspection.lane.verdict import Verdict
from control.inspection.settings import InspectionFile
from dashboards import web_root

DAY = date(2026, 3, 2)
SEED = bytes(range(32))
WHO = {"at": NOON, "by": "chen"}


def judged(number: int, *, selected: bool, rate: float, stratum: str) -> Judged:
    return Judged(
        id=f"p{number}.1",
        presentation=f"p{number}",
        lane="lane-1",
        at=NOON,
        verdict=Verdict.INSPECT if selected else Verdict.RELEASE,
        reasons=(),
        rules=1,
        logistics_no=f"SF{number}",
        seen_at=NOON,
        drawn=Drawn(day=DAY, stratum=stratum, rate=rate, selected=selected),
    )


@pytest.fixture
def desk(one_room) -> MemoryDesk:
    site = one_room()
    settings = InspectionFile(lanes=(LANE,), draw=Draw(rates={"all": 0.02, "abroad": 0.1}))
    return MemoryDesk(site, ManualClock(NOON), Floor(site, settings))


@pytest.fixture
def client(desk):
    with TestClient(create_app(desk, MemoryHistorian(), web_root()), base_url="http://127.0.0.1") as client:
        yield client


def draw(client) -> dict:
    return client.get(f"/api/v1/floor/draw/{DAY}").json()


def test_a_draw_is_told_with_its_hash_its_realised_rates_and_in_the_end_its_seed(desk, client):
    assert client.get(f"/api/v1/floor/draw/{DAY}").status_code == 404
    sha256 = hashlib.sha256(SEED).hexdigest()
    desk.record(DrawCommitted(day=DAY, sha256=sha256, **WHO))
    assert (draw(client)["sha256"], draw(client)["seed"], draw(client)["strata"]) == (sha256, None, {})
    for number in range(40):
        desk.floor.recall(judged(number, selected=number < 4, rate=0.1, stratum="abroad"), NOON)
    desk.floor.recall(judged(99, selected=True, rate=0.0, stratum="all"), NOON)
    abroad = draw(client)["strata"]["abroad"]
    assert (abroad["parcels"], abroad["drawn"], abroad["rate"], abroad["share"]) == (40, 4, 0.1, 0.1)
    assert (abroad["low"], abroad["high"]) == wilson(4, 40)
    assert abroad["mean_rate"] == pytest.approx(0.1)
    assert (abroad["within"], draw(client)["strata"]["all"]["within"]) == (True, False)
    desk.record(DrawRevealed(day=DAY, seed=SEED.hex(), **WHO))
    assert draw(client)["seed"] == SEED.hex()


def test_a_rate_that_is_set_is_published_and_does_not_change_what_was_drawn_before(desk, client):
    desk.record(DrawCommitted(day=DAY, sha256=hashlib.sha256(SEED).hexdigest(), **WHO))
    desk.floor.recall(judged(1, selected=False, rate=0.1, stratum="abroad"), NOON)
    desk.record(RateSet(stratum="abroad", rate=0.5, reason="season", **WHO))
    abroad = draw(client)["strata"]["abroad"]
    assert (abroad["rate"], abroad["mean_rate"]) == (0.5, 0.1)


def test_a_site_without_lanes_has_no_draw(one_room):
    desk = MemoryDesk(one_room(), ManualClock(NOON))
    with TestClient(create_app(desk, MemoryHistorian(), web_root()), base_url="http://127.0.0.1") as client:
        answer = client.get(f"/api/v1/floor/draw/{DAY}")
        assert (answer.status_code, "no lanes" in answer.json()["detail"]) == (404, True)
        assert client.get("/api/v1/floor/draw/today").status_code == 422
