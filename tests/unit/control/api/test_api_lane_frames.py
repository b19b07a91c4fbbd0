"""What the live stream says of lanes, to pages that ask."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from lane_floor import LANE, weighing

from coldport.messages.status import LinkState, LinkStatus
from coldport.site import Text, load_site
from control.api import hub as hubs
from control.api.desk_memory import MemoryDesk
from control.api.hub import Hub
from control.inspection.floor import Floor
from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict, Why, reason
from control.inspection_settings import load_inspection

EXAMPLE = Path(__file__).parents[4] / "config/sites/xiangtan"
INSPECT = {Verdict.INSPECT: Text(zh="2 号查验台", en="Inspection bench 2")}


@pytest.fixture
def desk(site, clock):
    lane = msgspec.structs.replace(
        LANE, scale="lane-1-scale", gate="lane-1-gate", places=INSPECT, lines=("lane-1-reader",)
    )
    file = msgspec.structs.replace(load_inspection(EXAMPLE, load_site(EXAMPLE)), lanes=(lane,))
    return MemoryDesk(site, clock, Floor(site, file))


@pytest.fixture
def hub(desk, clock) -> Hub:
    return Hub(desk, clock, "build-1")


@pytest.fixture
def judge(desk, clock):
    """Let the lane say something."""

    def say(number: int = 1, verdict: Verdict = Verdict.RELEASE, **more) -> Judged:
        fields = {
            "id": f"lane-1.{number}.1",
            "presentation": f"lane-1.{number}",
            "lane": "lane-1",
            "at": clock.now(),
            "verdict": verdict,
            "reasons": (reason(Why.CLEARED),),
            "rules": 1,
            "logistics_no": f"SF1234567{number:04}",
            "epcs": ("3055A537C837754000000001",),
            "measured_kg": 2.005,
            "error_kg": 0.005,
            "declared_kg": 2.0,
            "seen_at": clock.now() + timedelta(seconds=number),
        }
        judged = Judged(**(fields | more))
        desk.floor.recall(judged, clock.now())
        return judged

    return say


async def next_frames(client):
    return [json.loads(text) for text in await client.next()]


async def ticked(hub, clock, client):
    await clock.advance(hubs.TICK_S)
    hub.tick()
    return await next_frames(client)


async def test_a_page_that_asks_gets_every_lane_and_then_what_changed(hub, clock, judge):
    client = hub.join(None, lanes=True)
    snapshot, lanes = await next_frames(client)
    assert snapshot["kind"] == "snapshot"
    assert lanes["lanes"] == [{"lane": "lane-1", "busy": False, "today": {}, "down": [], "last": []}]
    judge()
    delta, lanes = await ticked(hub, clock, client)
    assert (delta["kind"], lanes["kind"], lanes["lanes"][0]["today"]) == ("delta", "lanes", {"release": 1})
    await clock.advance(hubs.SILENCE_S)
    assert [frame["kind"] for frame in await ticked(hub, clock, client)] == ["delta"]


async def test_a_page_that_does_not_ask_hears_nothing_of_lanes(hub, clock, judge):
    client = hub.join(None)
    await client.next()
    judge()
    await clock.advance(hubs.SILENCE_S)
    assert [frame["kind"] for frame in await ticked(hub, clock, client)] == ["delta"]


async def test_a_page_that_comes_later_takes_no_change_away_from_another(hub, clock, judge):
    first = hub.join(None, lanes=True)
    await first.next()
    judge()
    hub.join(None, lanes=True)
    assert [frame["kind"] for frame in await ticked(hub, clock, first)] == ["delta", "lanes"]


async def test_a_page_that_fell_behind_gets_every_lane_anew(hub, clock, judge):
    client = hub.join(None, lanes=True)
    for number in range(1, hubs.QUEUE_LIMIT + 2):
        judge(number)
        await clock.advance(hubs.TICK_S)
        hub.tick()
    kinds = [[frame["kind"] for frame in await next_frames(client)] for _ in range(client._waiting.qsize())]
    assert kinds[0] == ["snapshot", "lanes"]


async def test_a_verdict_is_codes_and_figures_without_what_is_not_known(hub, judge):
    judge(
        verdict=Verdict.INSPECT,
        reasons=(reason(Why.WEIGHT_FAR_OFF, measured_kg=2.4, declared_kg=2.0, error_kg=0.005),),
        measured_kg=2.4,
    )
    judge(2, verdict=Verdict.HOLD, reasons=(reason(Why.NO_TAG),), logistics_no=None, epcs=(), declared_kg=None)
    _, lanes = await next_frames(hub.join(None, lanes=True))
    nameless, heavy = lanes["lanes"][0]["last"]
    assert (heavy["declared"], heavy["weighed"], heavy["band"], heavy["tags"]) == (2.0, 2.4, 0.105, 1)
    assert heavy["reasons"][0]["why"] == "weight-far-off"
    assert set(nameless) == {"id", "verdict", "at", "reasons", "tags", "weighed"}


async def test_a_parcel_on_the_scale_and_a_line_that_is_down_are_told(hub, desk, clock, judge):
    client = hub.join(None, lanes=True)
    await client.next()
    now = clock.now()
    desk.floor.see([msgspec.structs.replace(weighing(), point="lane-1-scale", placed_at=now, observed_at=now)], now)
    down = {"gateway": "gw", "state": LinkState.DOWN, "since": now, "reason": "no-answer"}
    names = [("lane-1-reader", None), ("lane-1-reader", "r"), ("cold-a", None)]
    desk.put_status([LinkStatus(link=link, device=device, **down) for link, device in names])
    _, lanes = await ticked(hub, clock, client)
    [row] = lanes["lanes"]
    assert row["busy"]
    assert [line[:2] for line in row["down"]] == [["lane-1-reader", "no-answer"]]


async def test_a_lane_with_eight_verdicts_is_at_most_two_and_a_half_kb(hub, judge):
    for number in range(1, 9):
        judge(number)
    hub.join(None, lanes=True)
    assert len(json.dumps(hub._lane_rows["lane-1"], separators=(",", ":"))) <= 2_500


def test_the_site_names_its_lanes_and_where_parcels_go(client):
    [lane] = client.get("/api/v1/site").json()["lanes"]
    assert lane == {
        "id": "lane-1",
        "name": {"zh": "1 号查验线", "en": "Lane 1"},
        "places": {"inspect": {"zh": "2 号查验台", "en": "Inspection bench 2"}},
    }


def test_a_page_asks_for_lanes_in_the_address_of_its_stream(listen):
    with listen("?lanes=true") as socket:
        assert [socket.receive_json()["kind"] for _ in range(2)] == ["snapshot", "lanes"]


def test_a_scan_whose_answer_was_lost_is_sent_again_and_is_one_scan(client, desk):
    act = {"entry": "scanned", "lane": "lane-1", "code": "SF1", "by": "li", "id": "0b7d1c2e-1"}
    assert [client.post("/api/v1/floor/acts", json=act).status_code for _ in range(2)] == [201, 201]
    assert len(desk.floor.lanes.state.lanes["lane-1"].scans) == 1
