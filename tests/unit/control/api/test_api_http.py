import asyncio
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from coldport.errors import UnavailableError
from coldport.messages.alarm import AlarmState
from coldport.messages.status import Health, LinkState, LinkStatus, Presence
from control.api.app import create_app
from control.api.hub import Hub
from control.ports import Bucket
from dashboards import web_root


def test_health_says_that_control_lives_and_who_else_does(client, desk, clock):
    desk.put_status([], [Presence(process="gw-1", session="0" * 32, online=True, since=clock.now())])
    health = client.get("/healthz").json()
    assert (health["status"], health["site"], health["journal_entries"]) == ("ok", "test-1", 1)
    assert health["processes"] == [{"process": "gw-1", "online": True, "since": "2026-03-01T08:00:00Z"}]


def test_health_is_bad_when_the_live_stream_has_ended(desk, historian, clock):
    app = create_app(desk, historian, web_root(), clock=clock)  # without its lifespan nothing ticks
    answer = TestClient(app, base_url="http://127.0.0.1").get("/healthz")
    _is_problem(answer, 503, "stream-stopped")


async def test_a_hub_that_falls_is_not_running(desk, clock):
    hub = Hub(desk, clock, "build")
    running = asyncio.create_task(hub.run())
    await clock.settle()
    assert hub.running
    desk.latest = lambda: 1 / 0
    await clock.advance(2.0)
    assert isinstance(running.exception(), ZeroDivisionError)
    assert not hub.running


def test_the_site_names_zones_points_units_and_what_alarms_mean(client):
    site = client.get("/api/v1/site").json()
    assert (site["timezone"], site["simulated"]) == ("Asia/Shanghai", False)
    assert site["zones"][0]["temperature_c"] == {"low": 2.0, "high": 8.0}
    assert site["zones"][1]["points"][1]["unit"] == "%RH"
    assert site["definitions"][0]["action"] == {"zh": "关门", "en": "Close the door"}
    assert (site["definitions"][0]["limit"], site["definitions"][0]["unit"]) == (8.0, "°C")


def test_points_carry_value_quality_age_unit_and_zone(client, desk, see):
    desk.put(see("c1-1-temperature", 5.25, age_s=1.5), see("c1-2-temperature", None, reason="no-answer"))
    points = {point["id"]: point for point in client.get("/api/v1/points").json()}
    assert len(points) == 8
    first = points["c1-1-temperature"]
    assert (first["value"], first["quality"], first["age_s"], first["unit"]) == (5.25, "good", 1.5, "°C")
    assert (first["zone"], first["stale"]) == ("c1", False)
    bad = points["c1-2-temperature"]
    assert (bad["value"], bad["quality"], bad["reason"]) == (None, "bad", "no-answer")
    never = points["c1-door"]
    assert (never["value"], never["quality"], never["age_s"], never["stale"]) == (None, None, None, True)


def test_points_of_one_zone_can_be_asked_for(client):
    assert [point["id"] for point in client.get("/api/v1/points?zone=t1").json()] == [
        "t1-1-temperature",
        "t1-1-humidity",
    ]


def test_a_series_comes_in_buckets_and_its_gaps_stay_visible(client, historian, clock):
    start = clock.now() - timedelta(hours=1)
    middle = start + timedelta(minutes=30)
    historian.answer = lambda: [
        Bucket(start, middle, count=0, bad=2, covered_s=0.0),
        Bucket(middle, clock.now(), count=3, bad=0, covered_s=1800.0, minimum=4.0, mean=5.0, maximum=6.5),
    ]
    query = {"from": start.isoformat(), "to": clock.now().isoformat(), "buckets": 2}
    series = client.get("/api/v1/points/c1-1-temperature/readings", params=query).json()
    assert (series["unit"], series["bucket_s"]) == ("°C", 1800.0)
    gap, known = series["buckets"]
    assert gap == {
        "start": "2026-03-01T07:00:00Z",
        "count": 0,
        "bad": 2,
        "covered_s": 0.0,
        "min": None,
        "mean": None,
        "max": None,
    }
    assert (known["min"], known["mean"], known["max"]) == (4.0, 5.0, 6.5)
    assert historian.asked == [("c1-1-temperature", start, clock.now(), 2, 5.0)]


def test_a_series_is_the_last_day_when_nothing_else_is_asked(client, historian, clock):
    assert client.get("/api/v1/points/c1-1-temperature/readings").status_code == 200
    assert historian.asked[0][1:4] == (clock.now() - timedelta(days=1), clock.now(), 288)


def test_alarms_name_their_zone_and_moments(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm())
    (alarm,) = client.get("/api/v1/alarms").json()
    assert (alarm["id"], alarm["zone"], alarm["value"]) == ("chilled-hi.c1-1-temperature.1", "c1", 8.6)
    assert alarm["occurred_at"] == "2026-03-01T07:55:00Z"


ACKNOWLEDGE = "/api/v1/alarms/chilled-hi.c1-1-temperature.1/acknowledge"


def test_acknowledging_says_by_whom_and_why(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm())
    answer = client.post(ACKNOWLEDGE, json={"by": " 王芳 ", "comment": "door shut"})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["acknowledged_by"]) == ("acknowledged", "王芳")
    assert answer.json()["comment"] == "door shut"
    assert client.get("/api/v1/alarms").json() == [answer.json()]


def test_acknowledging_again_changes_nothing_and_is_no_error(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm())
    first = client.post(ACKNOWLEDGE, json={"by": "王芳"}).json()
    assert client.post(ACKNOWLEDGE, json={"by": "李工"}).json() == first


def test_acknowledging_what_has_returned_makes_it_normal(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm(state=AlarmState.RETURNED_UNACKNOWLEDGED, returned_at=desk.now()))
    assert client.post(ACKNOWLEDGE, json={"by": "王芳"}).json()["state"] == "normal"


def test_acknowledging_a_normal_alarm_is_refused(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm(state=AlarmState.NORMAL))
    problem = client.post(ACKNOWLEDGE, json={"by": "王芳"})
    assert (problem.status_code, problem.json()["code"]) == (409, "refused")


def test_links_say_which_line_is_down_and_since_when(client, desk, clock):
    down = LinkStatus(gateway="gw-1", link="rs485-1", state=LinkState.DOWN, since=clock.now(), reason="unplugged")
    desk.put_status([down])
    (link,) = client.get("/api/v1/links").json()
    assert (link["link"], link["device"], link["state"], link["reason"]) == ("rs485-1", None, "down", "unplugged")


def test_devices_say_how_well_they_are_heard(client, desk, clock):
    health = Health(
        gateway="gw-1",
        link="lora",
        device="truck-1",
        at=clock.now(),
        frames=9,
        errors=1,
        error_share=0.1,
        rssi_dbm=-101,
    )
    desk.put_status([], devices=[health])
    (device,) = client.get("/api/v1/devices").json()
    assert (device["device"], device["frames"], device["error_share"], device["rssi_dbm"]) == ("truck-1", 9, 0.1, -101)
    assert device["battery_percent"] is None


def _is_problem(answer, status, code):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no-such-page", 404, "not-found"),
        ("GET", "/api/v1/points?zone=x", 404, "not-found"),
        ("GET", "/api/v1/points/x/readings", 404, "not-found"),
        ("POST", "/api/v1/alarms/x/acknowledge", 404, "not-found"),
        ("GET", "/static/none.js", 404, "not-found"),
        ("GET", "/static/vendor/none.js", 404, "not-found"),
        ("GET", "/i18n/fr.json", 404, "not-found"),
        ("DELETE", "/api/v1/site", 405, "method-not-allowed"),
    ],
)
def test_what_does_not_exist_is_a_problem_with_a_code(client, method, path, status, code):
    problem = _is_problem(client.request(method, path, json={"by": "x"} if method == "POST" else None), status, code)
    assert problem["instance"] == path.split("?")[0]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("buckets=0", "query.buckets"),
        ("buckets=2001", "query.buckets"),
        ("buckets=many", "query.buckets"),
        ("from=yesterday", "query.from"),
        ("from=2026-03-01T00:00:00", "query.from"),
        ("to=2026-02-01T00:00:00Z&from=2026-03-01T00:00:00Z", "query.to"),
        ("from=2020-03-01T00:00:00Z", "query.from"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_where_it_is_wrong(client, query, place):
    problem = _is_problem(client.get(f"/api/v1/points/c1-1-temperature/readings?{query}"), 422, "malformed")
    assert [error["place"] for error in problem["errors"]] == [place]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"by": ""}', "body.by"),
        ('{"by": "   "}', "body.by"),
        ('{"by": "two\\nlines"}', "body.by"),
        ('{"by": 7}', "body.by"),
        ("{}", "body.by"),
        (f'{{"by": "{"x" * 61}"}}', "body.by"),
        (f'{{"by": "x", "comment": "{"x" * 201}"}}', "body.comment"),
        ('{"by": "x", "why": "y"}', "body.why"),
        ("[]", "body"),
        ('{"by": ', "body.7"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_where_it_is_wrong(client, desk, raise_alarm, body, place):
    desk.put_alarm(raise_alarm())
    answer = client.post(ACKNOWLEDGE, content=body, headers={"Content-Type": "application/json"})
    problem = _is_problem(answer, 422, "malformed")
    assert place in [error["place"] for error in problem["errors"]]
    assert desk.alarms()[0].state is AlarmState.UNACKNOWLEDGED


def test_a_body_that_is_not_declared_as_json_is_not_read(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm())
    answer = client.post(ACKNOWLEDGE, content='{"by": "x"}', headers={"Content-Type": "text/plain"})
    _is_problem(answer, 422, "malformed")
    assert desk.alarms()[0].state is AlarmState.UNACKNOWLEDGED


def test_a_store_that_is_away_is_a_503_that_says_when_to_ask_again(client, historian):
    def away():
        raise UnavailableError("influxdb does not answer")

    historian.answer = away
    answer = client.get("/api/v1/points/c1-1-temperature/readings")
    _is_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


def test_a_bug_is_a_500_that_tells_no_secrets(client, historian):
    def broken():
        raise ValueError("the password is 1234")

    historian.answer = broken
    problem = _is_problem(client.get("/api/v1/points/c1-1-temperature/readings"), 500, "internal")
    assert "1234" not in str(problem)
