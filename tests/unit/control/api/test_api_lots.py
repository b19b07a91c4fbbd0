"""Lots over HTTP: they come, go, leave, and say what they suffered; from one site to the next."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from coldport.ids import PointId
from coldport.messages.observation import Quality
from coldport.site import Text
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.exposure.budget import Budget, Counting
from control.exposure.chilling import Chilling
from control.exposure.product import Product
from control.exposure.rules import ExposureRules, Kinetic
from control.exposure.shelf_life import Exponential
from control.exposure_archive import ExposureArchive
from control.historian.memory import MemoryHistorian
from control.ports import Sample
from dashboards import web_root

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LOOPBACK = "http://127.0.0.1:8000"
RULES = ExposureRules(
    shelf_life=Exponential(
        reference_c=5, life_d=20, valid_from_c=0, valid_to_c=25, source="site rule", per_k=0.1, shape=3
    ),
    budgets=(Budget(id="over-8", above_c=8, counting=Counting.CUMULATIVE, allowed_s=120, source="site rule"),),
    chilling=Chilling(lowest_safe_c=2, allowed_degree_h=100, source="site rule"),
    kinetic=Kinetic(limit_c=8, source="site rule"),
)


class House:
    """One site over HTTP, its room at a temperature that a test says."""

    def __init__(self, site, rules: ExposureRules = RULES) -> None:
        self.clock = ManualClock(START)
        self.historian = MemoryHistorian()
        self.desk = MemoryDesk(site, self.clock)
        name = Text(zh="鱼", en="Salmon")
        bare = Product(id="tools", version=1, name=name, exposure=ExposureRules())
        products = {("salmon", 1): Product(id="salmon", version=1, name=name, exposure=rules), ("tools", 1): bare}
        exposures = ExposureArchive(site, products, self.historian)
        app = create_app(self.desk, self.historian, web_root(), exposures=exposures, clock=self.clock)
        self.http = TestClient(app, base_url=LOOPBACK)

    def receive(self, **changes):
        body = {"lot": "l1", "product": "salmon", "product_version": 1, "zone": "c1", "by": "Li"}
        return self.http.post("/api/v1/lots", json=body | changes)

    async def pass_minutes(self, minutes: int, at_c: float | None) -> None:
        start = self.clock.now()
        samples = [
            Sample(PointId("c1-1-temperature"), start + timedelta(seconds=second), at_c, Quality.GOOD)
            for second in range(0, minutes * 60, 2)
            if at_c is not None
        ]
        self.historian.write(self.historian.applied() + 1, samples)
        await self.clock.advance(minutes * 60)


@pytest.fixture
def house(site) -> House:
    return House(site)


async def test_a_lot_says_what_it_suffered_and_how_long_it_will_keep(house) -> None:
    assert house.receive(plan={"at_c": 5, "transit_d": 3, "buffer_d": 1}).status_code == 201
    await house.pass_minutes(2, 9.0)
    await house.pass_minutes(22, 5.0)

    said = house.http.get("/api/v1/lots/l1").json()

    assert said["until"] == "2026-03-01T08:24:00Z"
    assert said["coverage"]["share"] == 1.0
    assert (said["minimum_c"], said["maximum_c"], said["maximum_at"]) == (5.0, 9.0, "2026-03-01T08:00:00Z")
    assert said["mean_c"] == pytest.approx((2 * 9 + 22 * 5) / 24)
    assert said["mean_c"] < said["kinetic_c"] < 9
    [budget] = said["budgets"]
    assert (budget["id"], budget["counted_s"], budget["spent"], budget["events"]) == ("over-8", 120, 1.0, 1)
    assert budget["first_at"] == "2026-03-01T08:00:00Z"
    assert said["margin_d"] == pytest.approx(said["remaining_d"] - 4)
    assert (said["assumed_lost"], said["extrapolated_s"], said["chilling_degree_h"]) == (0, 0, 0)
    assert 0.9 < said["accepted"] <= 1
    [stay] = said["lot"]["stays"]
    assert stay["points"] == ["c1-1-temperature", "c1-2-temperature", "c1-3-temperature"]


async def test_what_the_product_has_no_rule_for_is_null(house) -> None:
    house.receive(product="tools")
    await house.pass_minutes(1, 9.0)

    said = house.http.get("/api/v1/lots/l1").json()

    assert said["mean_c"] == 9.0
    nothing = ("kinetic_c", "not_evaluable", "chilling_spent", "chilling_degree_h", "life_lost", "remaining_d", "at_c")
    assert {said[key] for key in nothing} == {None}


async def test_lots_move_and_leave_and_are_listed(house) -> None:
    house.receive()
    await house.pass_minutes(1, 5.0)
    moved = house.http.post("/api/v1/lots/l1/moves", json={"by": "Li", "zone": "t1"})
    await house.pass_minutes(1, 5.0)
    left = house.http.post("/api/v1/lots/l1/moves", json={"by": "Wang"})

    assert [stay["zone"] for stay in moved.json()["stays"]] == ["c1", "t1"]
    assert left.json()["shipped_at"] == "2026-03-01T08:02:00Z"
    assert house.http.get("/api/v1/lots").json() == [left.json()]


async def test_the_next_site_goes_on_where_this_one_ended(house, site) -> None:
    house.receive()
    await house.pass_minutes(3, 9.0)
    house.http.post("/api/v1/lots/l1/moves", json={"by": "Wang"})
    early = house.http.post("/api/v1/lots/l1/statement", json={"by": "Wang"})
    await house.clock.advance(10)
    statement = house.http.post("/api/v1/lots/l1/statement", json={"by": "Wang"}).json()
    assert early.status_code == 409
    following = House(site)
    await following.pass_minutes(4, None)

    assert following.receive(earlier=statement).status_code == 201
    await following.pass_minutes(1, 9.0)
    said = following.http.get("/api/v1/lots/l1").json()

    assert [(one.by, one.hash) for one in house.desk.stated] == [("Wang", statement["hash"])]
    assert said["lot"]["stated_by"] == "test-1"
    assert said["budgets"][0]["counted_s"] == 4 * 60
    assert said["coverage"]["unknown_s"] == 60
    assert said["not_evaluable"] == "coverage"


async def test_a_statement_made_by_other_rules_is_refused(house, site) -> None:
    house.receive()
    await house.pass_minutes(1, 9.0)
    house.http.post("/api/v1/lots/l1/moves", json={"by": "Wang"})
    await house.clock.advance(10)
    statement = house.http.post("/api/v1/lots/l1/statement", json={"by": "Wang"}).json()
    following = House(site, ExposureRules())
    await following.pass_minutes(2, None)

    answer = following.receive(earlier=statement)

    assert (answer.status_code, answer.json()["code"]) == (409, "refused")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"zone": "nowhere"}, 404),
        ({"product": "stone"}, 404),
        ({"lot": "L 1"}, 422),
        ({"by": ""}, 422),
        ({"by": "L\ni"}, 422),
        ({"at": "2026-03-01T08:00:00"}, 422),
        ({"at": "2027-03-01T08:00:00Z"}, 409),
        ({"plan": {"at_c": 5, "transit_d": -1}}, 422),
        ({"earlier": {}}, 422),
        ({"more": 1}, 422),
    ],
)
def test_what_cannot_be_taken_in_is_a_problem(house, changes, status) -> None:
    answer = house.receive(**changes)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_unknown_lots_and_lots_still_here(house) -> None:
    house.receive()

    assert house.receive().status_code == 409
    assert house.http.get("/api/v1/lots/l2").status_code == 404
    assert house.http.post("/api/v1/lots/l2/moves", json={"by": "Li"}).status_code == 404
    assert house.http.post("/api/v1/lots/l2/statement", json={"by": "Li"}).status_code == 404
    assert house.http.post("/api/v1/lots/l1/statement", json={"by": "Li"}).status_code == 409
