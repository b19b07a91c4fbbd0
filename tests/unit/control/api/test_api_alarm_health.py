"""The health of alarms over HTTP."""

from datetime import timedelta


def test_it_counts_the_alarms_that_are_known(client, desk, raise_alarm):
    desk.put_alarm(raise_alarm())
    said = client.get("/api/v1/alarms/health").json()

    assert said["raised"] == 1
    assert said["top"] == [{"alarm": "chilled-hi.c1-1-temperature", "count": 1, "share": 1.0}]
    assert {one["name"]: one["verdict"] for one in said["kpis"]}["time-in-flood"] == "good"


def test_a_span_that_is_empty_or_too_long_is_refused(client, clock):
    now = clock.now()
    for start in (now, now - timedelta(days=500)):
        answer = client.get("/api/v1/alarms/health", params={"from": start.isoformat(), "to": now.isoformat()})

        assert answer.status_code == 422
