import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATH = "/api/v1/alarms/chilled-hi.c1-1-temperature.1/acknowledge"

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT | st.just("by"), inner, max_size=3),
    max_leaves=6,
)
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _is_answered(answer) -> None:
    assert answer.status_code in {200, 400, 422}
    if answer.status_code != 200:
        assert answer.json()["errors"]


@FEW
@given(body=ANY_JSON)
def test_whatever_json_is_posted_is_taken_or_told_where_it_is_wrong(client, desk, raise_alarm, body):
    desk.put_alarm(raise_alarm())
    _is_answered(client.post(PATH, content=json.dumps(body), headers={"Content-Type": "application/json"}))


ACTS = ("confirm", "unacknowledge", "reset", "silence", "assign", "shelve", "unshelve", "out-of-service")
SAID = st.fixed_dictionaries(
    {"by": ANY_TEXT},
    optional={
        "reason": ANY_TEXT,
        "ticket": ANY_TEXT,
        "minutes": st.floats() | st.integers() | ANY_TEXT,
        "once": ANY_JSON,
        "approved_by": ANY_TEXT | st.none(),
        "to": ANY_TEXT | st.none(),
        "corrective_action": ANY_TEXT,
        "disposition": ANY_TEXT | st.just("release"),
    },
)


@FEW
@given(act=st.sampled_from(ACTS), body=ANY_JSON | SAID, name=ANY_TEXT | st.just("chilled-hi.c1-1-temperature.1"))
def test_whatever_is_asked_of_an_alarm_is_done_refused_or_told_where_it_is_wrong(
    client, desk, raise_alarm, act, body, name
):
    desk.put_alarm(raise_alarm())
    path = f"/api/v1/alarms/{quote(name, safe='')}/{act}"
    answer = client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 400, 404, 405, 409, 422}


@FEW
@given(body=st.binary(max_size=200))
def test_whatever_bytes_are_posted_are_told_where_they_are_wrong(client, desk, raise_alarm, body):
    desk.put_alarm(raise_alarm())
    _is_answered(client.post(PATH, content=body, headers={"Content-Type": "application/json"}))


@FEW
@given(by=ANY_TEXT, comment=ANY_TEXT | st.none())
def test_a_name_that_is_taken_is_one_line_and_not_empty(client, desk, raise_alarm, by, comment):
    desk.put_alarm(raise_alarm())
    body = json.dumps({"by": by, "comment": comment})
    answer = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    _is_answered(answer)
    if answer.status_code == 200:
        assert desk.alarms()[0].acknowledged_by == by.strip()
        assert by.strip()
        assert "\n" not in by.strip()


def test_a_body_that_is_nested_without_end_is_told_so(client):
    body = "[" * 60_000
    problem = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert problem.status_code in {400, 422}
    assert problem.json()["errors"][0]["place"].startswith("body")


@pytest.mark.parametrize(
    "path", ["/%ff%fe", "/api/v1/points/%00/readings", "/static/%2e%2e/templates/base.html", "/static/../app.py"]
)
def test_a_path_that_means_harm_finds_nothing(client, path):
    assert client.get(path).status_code == 404
