"""The planner's pages as they are served: in both languages, no script of their own, and the picture of a plan."""

import re

import pytest
from planner_screens import planner_app
from starlette.testclient import TestClient

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@pytest.fixture(scope="module")
def served():
    app, plan = planner_app()
    return TestClient(app, base_url="http://127.0.0.1"), plan


@pytest.fixture(scope="module", params=["plans", "plan"])
def page(request, served):
    client, plan = served
    return lambda lang: client.get(f"/plan/{plan}?lang={lang}" if request.param == "plan" else f"/plan?lang={lang}")


def test_a_page_speaks_the_language_it_is_asked_for(page):
    assert HAN.search(page("zh").text)
    assert HAN.findall(re.sub(r">中文<", "><", page("en").text)) == []


def test_a_page_holds_no_script_style_or_address_of_its_own(page):
    html = page("zh").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r"(src|href)=\"(https?:)?//", html)


def test_everything_a_page_loads_is_served(page, served):
    client, _ = served
    for path in re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", page("zh").text):
        assert client.get(path).status_code == 200, path


def test_the_start_of_the_planner_is_its_list_of_plans(served):
    client, _ = served
    assert client.get("/", follow_redirects=False).headers["location"] == "/plan"


def test_a_plan_that_is_not_kept_is_not_found(served):
    client, _ = served
    assert client.get(f"/plan/{'0' * 32}").status_code == 404
    assert client.get("/plan/plan").status_code == 422


def test_the_picture_of_a_plan_has_its_routes_and_only_what_they_touch(served):
    client, plan = served
    picture = client.get(f"/api/v1/plan/plans/{plan}/picture").json()
    whole = client.get(f"/api/v1/plan/plans/{plan}").json()
    rides = {leg["service"] for route in whole["routes"] for leg in route["legs"]}

    assert sum(len(one["ways"]) for one in picture["goods"]) == len(whole["routes"])
    assert {one["id"] for one in picture["rides"]} == rides
    assert picture["total_fen"] > 0
