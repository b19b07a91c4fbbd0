"""The planner over HTTP: what comes in, what is refused and where it is wrong, what comes out."""

import gzip
import json
from pathlib import Path

import httpx
import msgspec
import openpyxl
import pytest
from planner_house import READY, House, found, settle
from routing_samples.by_hand import plan_of, whole
from routing_samples.tiny import consignment, instance, node, service

from routing.api.app import create_app
from routing.api.limits import BODY_LIMIT, body_limit
from routing.consignment_form import export_consignments
from routing.generate import generate
from routing.jobs.ports import Found
from routing.network_folder import load_network
from routing.result import Leg
from routing.workbook import write_csv, write_workbook

ROOT = Path(__file__).parents[4]
TINY = instance([node("a"), node("b")], [service("s1", "a", "b", 10, 20)], [consignment("k1", "a", "b")])
PLAN = plan_of(TINY, [whole(TINY.consignments[0], Leg(service="s1", offer="box"))])
WRONG = msgspec.structs.replace(PLAN, bookings=())
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="session")
def network():
    return load_network(ROOT / "config/networks/xiangtan")


@pytest.fixture
async def house():
    made = House()
    yield made
    made.running.cancel()


@pytest.fixture
async def client(house, network):
    app = create_app(house.office, {network.frame.id: network}, house.clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8010/api/v1/plan") as made:
        yield made


async def load(client, what=TINY) -> str:
    answer = await client.post("/instances?by=Li", content=msgspec.json.encode(what), headers=JSON)
    assert answer.is_success, answer.text
    return answer.json()["instance"]


async def solved(client, house, plan=PLAN) -> str:
    """Return a plan that a job has made."""
    job = (await client.post("/jobs", json={"instance": await load(client), "by": "Li"})).json()["job"]
    await settle()
    await house.say(job, READY, Found(plan=plan))
    return (await client.get(f"/jobs/{job}")).json()["best"]["plan"]


async def test_an_instance_comes_in_once_however_it_is_packed(client):
    said = msgspec.json.encode(TINY)
    first = await client.post("/instances?by=Li", content=said, headers=JSON)
    packed = gzip.compress(said)
    again = await client.post("/instances?by=Han", content=packed, headers={"Content-Type": "application/gzip"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    name = first.json()["instance"]
    assert (await client.get("/instances")).json() == [(await client.get(f"/instances/{name}")).json()]
    document = await client.get(f"/instances/{name}/document")
    assert msgspec.json.decode(document.content, type=type(TINY)) == TINY


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not-a-document"),
        (b'{"id": "x", "colour": 1}', "application/json", 400, "not-a-document"),
        (b"[" * 100_000, "application/json", 400, "not-a-document"),
        (b"no gzip", "application/gzip", 400, "not-a-document"),
        (b"{}", "text/plain", 415, "refused"),
    ],
)
async def test_what_is_no_instance_is_refused(client, house, body, kind, status, code):
    answer = await client.post("/instances?by=Li", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert house.board.last == 0


async def test_an_instance_that_cannot_be_planned_is_told_place_by_place(client, house):
    wrong = msgspec.structs.replace(TINY, consignments=(consignment("k1", "a", "nowhere"),))
    answer = await client.post("/instances?by=Li", content=msgspec.json.encode(wrong), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "instance")
    place = {"place": "$.consignments[0].destination", "message": "there is no nowhere", "reason": None}
    assert answer.json()["errors"] == [place]
    assert house.board.last == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_table_of_consignments_is_put_onto_a_network(client, house, network, tmp_path, kind):
    rows = export_consignments(generate(network, 3, 1))
    path = tmp_path / f"goods.{kind}"
    if kind == "csv":
        write_csv(path, rows)
    else:
        write_workbook(path, {"Goods": rows})
    answer = await client.post(
        "/networks/xiangtan/consignments?by=Li", content=path.read_bytes(), headers={"Content-Type": _type_of(kind)}
    )
    assert (answer.status_code, answer.json()["consignments"]) == (201, 3)
    assert answer.json()["name"].startswith("xiangtan-")


async def test_a_table_with_an_error_is_told_by_row_and_column_and_nothing_of_it_is_taken(
    client, house, network, tmp_path
):
    rows = export_consignments(generate(network, 3, 1))
    mass, to = rows[0].index("Mass kg"), rows[0].index("Destination")
    rows[2][mass], rows[3][to] = "heavy", None
    write_workbook(tmp_path / "goods.xlsx", {"Goods": rows})
    body = (tmp_path / "goods.xlsx").read_bytes()
    answer = await client.post(
        "/networks/xiangtan/consignments?by=Li", content=body, headers={"Content-Type": _type_of("xlsx")}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "form")
    assert [one["place"] for one in answer.json()["errors"]] == ["3:Mass kg", "4:Destination"]
    assert house.board.last == 0


async def test_what_is_no_table_names_no_path_of_the_machine(client):
    answer = await client.post(
        "/networks/xiangtan/consignments?by=Li", content=b"no workbook", headers={"Content-Type": _type_of("xlsx")}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "workbook")
    assert answer.json()["detail"].startswith("the table: is no table")
    missing = await client.post("/networks/mars/consignments?by=Li", content=b"", headers={"Content-Type": "text/csv"})
    assert (missing.status_code, missing.json()["detail"]) == (404, "there is no network 'mars'; there are: xiangtan")


async def test_a_job_is_asked_for_followed_and_stopped(client, house):
    name = await load(client)
    asked = await client.post("/jobs", json={"instance": name, "by": "Li", "seconds": 5, "seed": 3, "key": "k1"})
    assert (asked.status_code, asked.json()["state"], asked.json()["seed"]) == (202, "queued", 3)
    again = await client.post("/jobs", json={"instance": name, "by": "Li", "seconds": 5, "seed": 3, "key": "k1"})
    assert (again.status_code, again.json()["job"]) == (200, "j1")
    await settle()
    stopped = await client.post("/jobs/j1/stop", json={"by": "Han"})
    assert (stopped.json()["state"], stopped.json()["stop_asked"]) == ("running", True)
    await house.say("j1", READY, found(7, stopped=True))
    jobs = (await client.get("/jobs")).json()
    assert [(job["job"], job["state"], job["best"]["cost_fen"]) for job in jobs] == [("j1", "stopped", 7)]
    stream = await client.get("/jobs/j1/progress")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert [line for line in stream.text.splitlines() if line.startswith("event")] == ["event: end"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"seconds": 0}, 422),
        ({"seconds": 86_401}, 422),
        ({"seconds": 101}, 409),
        ({"seed": -1}, 422),
        ({"by": ""}, 422),
        ({"kind": "magic"}, 422),
        ({"key": "No Key"}, 422),
        ({"instance": "../etc"}, 422),
        ({"instance": "c" * 32}, 404),
        ({"start": "c" * 32}, 404),
    ],
)
async def test_a_job_that_cannot_be_done_is_refused(client, house, changed, status):
    body = {"instance": await load(client), "by": "Li", "seconds": 5} | changed
    answer = await client.post("/jobs", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert house.board.jobs == {}


async def test_a_plan_is_shown_checked_explained_and_written_as_excel(client, house, tmp_path):
    plan = await solved(client, house)
    assert msgspec.json.decode((await client.get(f"/plans/{plan}")).content, type=type(PLAN)) == PLAN
    assert (await client.get(f"/plans/{plan}/check")).json()["violations"] == []
    assert [one["result"]["plan"] for one in (await client.get("/plans")).json()] == [plan]
    sheet = await client.get(f"/plans/{plan}/lists.xlsx")
    (tmp_path / "lists.xlsx").write_bytes(sheet.content)
    assert "Routes" in openpyxl.load_workbook(tmp_path / "lists.xlsx").sheetnames
    ways = (await client.get(f"/plans/{plan}/ways/k1")).json()
    assert ways["planned"]["way"]["route"]["legs"] == [{"service": "s1", "offer": "box"}]
    assert (await client.get(f"/plans/{plan}/ways/k9")).status_code == 404
    assert (await client.get(f"/plans/{'c' * 32}")).status_code == 404


async def test_two_plans_are_put_side_by_side(client, house):
    stays = plan_of(TINY, [])
    first, second = await solved(client, house), await solved(client, house, stays)
    answer = (await client.get(f"/plans/{first}/compare/{second}")).json()
    total = {"part": "total", "first_fen": PLAN.cost.total, "second_fen": stays.cost.total}
    assert (answer["parts"][-1], answer["changed"]) == (total, ["k1"])


async def test_only_what_the_judge_lets_pass_is_published_and_twice_is_once(client, house):
    good, bad = await solved(client, house), await solved(client, house, WRONG)
    refused = await client.post(f"/plans/{bad}/publish", json={"by": "Li"})
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("the judge refuses it: ")
    answers = [await client.post(f"/plans/{good}/publish", json={"by": "Li"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    published = (await client.get("/published")).json()
    assert published == [answers[0].json()] == [answers[1].json()]
    assert (published[0]["name"], published[0]["result"]["plan"]) == ("tiny", good)


async def test_a_disk_that_is_away_is_a_503(client, house):
    house.log.is_away = True
    answer = await client.post("/instances?by=Li", content=msgspec.json.encode(TINY), headers=JSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_another_sites_page_may_not_ask_and_no_other_name_is_served(client):
    foreign = await client.post("/jobs/j1/stop", json={"by": "x"}, headers={"Origin": "http://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "origin-refused")
    rebound = await client.get("/jobs", headers={"Host": "evil.example"})
    assert (rebound.status_code, rebound.json()["code"]) == (421, "host-refused")


async def test_a_body_past_its_limit_is_not_read(client):
    answer = await client.post("/jobs", content=b"x" * (BODY_LIMIT + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert body_limit("/api/v1/plan/instances") == body_limit("/api/v1/plan/networks/x/consignments") == 32 * 1024**2


async def test_the_streams_are_counted(client, house, monkeypatch):
    await solved(client, house)
    monkeypatch.setattr("routing.api.jobs.STREAMS_LIMIT", 0)
    assert (await client.get("/jobs/j1/progress")).status_code == 503


async def test_the_service_says_that_it_is_alive(client):
    answer = await client.get("http://127.0.0.1:8010/healthz")
    assert (answer.json()["status"], answer.json()["workers"], answer.json()["queued"]) == ("ok", 1, 0)


def test_the_description_says_what_is_in_the_file():
    described = json.loads((ROOT / "docs/reference/planner-openapi.json").read_text("utf-8"))
    assert "ProblemView" in described["components"]["schemas"]
    assert "/api/v1/plan/jobs/{job}/progress" in described["paths"]


def _type_of(kind: str) -> str:
    return {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[kind]
