"""What people do about alarms, over HTTP."""

from datetime import timedelta

import msgspec
import pytest

from coldport.messages.alarm import AlarmState, Annunciation, Priority, Unseen
from control.alarms.pending import Pending, Phase
from control.api.frames import alarm_row

OCCURRENCE = "chilled-hi.c1-1-temperature.1"
ALARM = "chilled-hi.c1-1-temperature"


@pytest.fixture
def act(client, desk, raise_alarm):
    """Raise an alarm, then post: `act("shelve", by="王芳", ...)`; the answer's body, or the problem."""
    desk.put_alarm(raise_alarm(annunciation=Annunciation.SOUNDING))

    def post(what, name=OCCURRENCE, **body):
        return client.post(f"/api/v1/alarms/{name}/{what}", json={"by": "王芳", **body})

    return post


def test_a_corrective_action_and_a_disposition_are_on_record(act):
    act("acknowledge")
    alarm = act("confirm", corrective_action=" moved to f2 ", disposition="release").json()
    assert (alarm["confirmed_by"], alarm["corrective_action"], alarm["disposition"]) == (
        "王芳",
        "moved to f2",
        "release",
    )


def test_what_comes_too_early_is_refused_with_its_reason(act):
    problem = act("confirm", corrective_action="done")
    assert (problem.status_code, problem.json()["code"]) == (409, "refused")
    assert "acknowledge it first" in problem.json()["detail"]


def test_an_acknowledgement_is_taken_back(act):
    act("acknowledge")
    alarm = act("unacknowledge").json()
    assert (alarm["state"], alarm["isa"], alarm["acknowledged_by"]) == ("unacknowledged", "B", None)


def test_a_horn_is_silenced_and_the_alarm_still_waits(act):
    alarm = act("silence").json()
    assert (alarm["annunciation"], alarm["state"]) == ("silenced", "unacknowledged")


def test_an_alarm_is_given_to_somebody(act):
    assert act("assign", to="李工").json()["assigned_to"] == "李工"
    assert act("assign", to=None).json()["assigned_to"] is None


def test_a_latch_is_reset(act, desk, raise_alarm, clock):
    latched = {"state": AlarmState.ACKNOWLEDGED, "acknowledged_by": "王芳", "latched": True, "returned_at": clock.now()}
    desk.put_alarm(raise_alarm(**latched))
    alarm = act("reset").json()
    assert (alarm["latched"], alarm["state"], alarm["active"]) == (False, "normal", False)


def test_an_alarm_is_put_aside_and_listed_with_who_why_and_until_when(act, client, clock):
    kept = act("shelve", reason="door is being mended", minutes=60).json()
    assert (kept["alarm"], kept["kind"], kept["isa"], kept["zone"]) == (ALARM, "shelved", "E", "c1")
    assert (kept["by"], kept["reason"]) == ("王芳", "door is being mended")
    until = clock.now() + timedelta(minutes=60)
    assert kept["since"] == clock.now().isoformat().replace("+00:00", "Z")
    assert (until - timedelta(minutes=5)).isoformat() < kept["until"] <= until.isoformat()
    assert client.get("/api/v1/suppressions").json() == [kept]
    (alarm,) = client.get("/api/v1/alarms").json()
    assert (alarm["isa"], alarm["state"], alarm["suppression"]) == ("E", "unacknowledged", kept)


def test_an_alarm_comes_off_its_shelf_acknowledged(act, client):
    act("shelve", reason="x", minutes=5, once=True)
    kept = act("unshelve", ALARM).json()
    assert (kept["kind"], kept["isa"], kept["until"]) == ("none", None, None)
    assert client.get("/api/v1/suppressions").json() == []
    assert client.get("/api/v1/alarms").json()[0]["isa"] == "C"


def test_out_of_service_is_by_ticket_and_until_it_is_returned(act):
    kept = act("out-of-service", reason="probe broken", ticket="T-17").json()
    assert (kept["kind"], kept["isa"], kept["reference"]) == ("out-of-service", "G", "T-17")
    assert act("return-to-service").json()["kind"] == "none"


def test_what_is_critical_is_put_aside_by_two(act, desk, raise_alarm):
    desk.put_alarm(msgspec.structs.replace(raise_alarm(), priority=Priority.CRITICAL))
    assert act("shelve", reason="x", minutes=5).status_code == 409
    assert act("shelve", reason="x", minutes=5, approved_by="王芳").status_code == 409
    assert act("shelve", reason="x", minutes=5, approved_by="李工").json()["approved_by"] == "李工"


@pytest.mark.parametrize(
    ("what", "body", "place"),
    [
        ("shelve", {"reason": "x", "minutes": 0}, "body.minutes"),
        ("shelve", {"reason": "x", "minutes": 1441}, "body.minutes"),
        ("shelve", {"reason": " ", "minutes": 5}, "body.reason"),
        ("out-of-service", {"reason": "x"}, "body.ticket"),
        ("confirm", {"corrective_action": "x", "disposition": "eaten"}, "body.disposition"),
        ("assign", {}, "body.to"),
        ("silence", {"by": ""}, "body.by"),
        ("reset", {"extra": 1}, "body.extra"),
    ],
)
def test_a_body_is_told_where_it_is_wrong(act, what, body, place):
    problem = act(what, **body)
    assert problem.status_code in (400, 422)
    assert [error["place"] for error in problem.json()["errors"]] == [place]


@pytest.mark.parametrize("what", ["silence", "unshelve"])
def test_what_is_not_there_is_not_found(act, what):
    assert act(what, "none.there.1").json()["code"] == "not-found"


def test_conditions_that_wait_are_for_technicians(client, desk, clock):
    desk.waiting.append(Pending("chilled-hi", "c1-1-temperature", Phase.PENDING, clock.now()))
    (waiting,) = client.get("/api/v1/conditions").json()
    assert (waiting["phase"], waiting["zone"], waiting["definition"]) == ("pending", "c1", "chilled-hi")


def test_the_live_stream_says_what_is_kept_from_people_and_what_it_waits_for(act, desk, raise_alarm, clock):
    act("shelve", reason="x", minutes=5)
    (alarm,) = desk.alarms()
    row = alarm_row(alarm)
    assert (row["suppression"], row["until"]) == ("shelved", round(alarm.suppressed.until.timestamp() * 1000))
    act("unshelve")
    act("out-of-service", reason="x", ticket="T")
    assert "until" not in alarm_row(desk.alarms()[0])
    held = {"state": AlarmState.ACKNOWLEDGED, "returned_at": clock.now()}
    assert alarm_row(raise_alarm(must_confirm=True, **held))["waits_for"] == "confirm"
    assert alarm_row(raise_alarm(latched=True, **held))["waits_for"] == "reset"
    assert alarm_row(raise_alarm(first_out=True, no_data=True))["marks"] == ["first_out", "no_data"]
    assert not {"suppression", "marks", "waits_for"} & alarm_row(raise_alarm()).keys()


@pytest.fixture
def found_later(desk, raise_alarm, clock):
    """An excursion in a gap of yesterday, that late readings showed."""
    now = clock.now()
    unseen = Unseen(
        found_at=now,
        onset=now - timedelta(hours=5),
        gap_start=now - timedelta(hours=6),
        gap_end=now - timedelta(hours=2),
        others=1,
    )
    alarm = raise_alarm(
        state=AlarmState.RETURNED_UNACKNOWLEDGED,
        historical=True,
        must_confirm=True,
        returned_at=now - timedelta(hours=3),
        unseen=unseen,
    )
    desk.put_alarm(alarm)
    return alarm


def test_what_a_gap_hid_is_listed_with_its_gap_and_what_else_was_passed_in_it(client, found_later):
    [alarm] = client.get("/api/v1/alarms").json()

    assert (alarm["historical"], alarm["isa"], alarm["active"]) == (True, "D", False)
    assert set(alarm["unseen"]) == {"found_at", "onset", "gap_start", "gap_end", "others"}
    assert (alarm["unseen"]["gap_start"] < alarm["unseen"]["onset"], alarm["unseen"]["others"]) == (True, 1)


def test_the_stream_tells_of_what_a_gap_hid_with_its_gap(found_later, clock):
    row = alarm_row(found_later)

    assert "historical" in row["marks"]
    now = round(clock.now().timestamp() * 1000)
    assert row["unseen"] == [now - 6 * 3_600_000, now - 2 * 3_600_000, now, 1]


def test_what_a_gap_hid_is_acknowledged_and_its_goods_are_disposed_of(client, found_later):
    path = f"/api/v1/alarms/{found_later.id}"
    said = {"by": "王芳"}
    assert client.post(f"{path}/acknowledge", json=said | {"comment": "core 5 °C"}).json()["state"] == "acknowledged"
    goods = {"corrective_action": "checked the core", "disposition": "release"}
    alarm = client.post(f"{path}/confirm", json=said | goods).json()

    assert (alarm["state"], alarm["disposition"], alarm["historical"]) == ("normal", "release", True)


def test_a_lesser_alarm_is_marked_while_a_graver_one_speaks_for_it(client, desk, raise_alarm):
    alarm = raise_alarm(superseded_by="chilled-hihi.c1-1-temperature.1")
    desk.put_alarm(alarm)

    [view] = client.get("/api/v1/alarms").json()
    assert view["superseded_by"] == "chilled-hihi.c1-1-temperature.1"
    assert alarm_row(alarm)["marks"] == ["superseded"]
