"""Questions about one consignment over HTTP: why this way, why not that one, why it stays."""

import pytest
from planner_screens import planner_app
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def ask():
    app, plan = planner_app()
    client = TestClient(app, base_url="http://127.0.0.1")
    return lambda question: client.get(f"/api/v1/plan/plans/{plan}/{question}")


def total(way) -> int:
    return sum(fen for part, fen in way["way"]["cost"].items() if part != "co2e_g")


def test_other_ways_are_compared_with_the_one_that_is_planned(ask):
    said = ask("ways/c00003?most=3").json()
    assert [one["dearer_fen"] for one in said["ways"]] == [total(one) - total(said["planned"]) for one in said["ways"]]
    assert len(said["ways"]) == 3


def test_a_way_by_a_mode_has_a_price_or_a_rule_against_it(ask):
    said = ask("via/c00003?by=air").json()
    assert said["via"] == ["air"]
    assert said["way"] is None or said["violations"] or isinstance(said["dearer_fen"], int)


def test_why_it_would_stay_is_one_of_the_verdicts(ask):
    assert ask("stay/c00003").json()["verdict"] in {"dearer-than-staying", "cheaper-than-staying", "room-taken"}


def test_questions_about_nothing_are_refused_with_a_reason(ask):
    assert ask("ways/nobody").status_code == 404
    assert ask("via/c00003?by=teleport").status_code == 404
    assert ask("via/c00003").status_code == 422
