"""The lane board: what the lanes say, as they say it."""

import re

import pytest

from control.inspection.lane.verdict import Verdict, Why, reason

pytestmark = pytest.mark.browser


def column(page, lane: str):
    return page.locator(".lane-column", has=page.locator(f"a[href^='/lane/{lane}?']"))


def test_a_verdict_comes_by_itself_is_counted_and_pushes_the_one_before_into_the_list(visit, station, text):
    page = visit("/board", base=station.url).page
    assert page.locator("#total-all").inner_text() == "0"
    assert page.get_by_text(text("board.nothing")).is_visible()
    station.do(lambda: station.desk.judge("lane-1", Verdict.RELEASE, logistics_no="SF1"))
    page.wait_for_selector("[data-verdict=release]")
    station.do(lambda: station.desk.judge("lane-1", Verdict.INSPECT, reason(Why.WATCHED, entry="7"), off=0.02))
    page.wait_for_selector("[data-verdict=inspect]")
    said = column(page, "lane-1").locator(".verdict").inner_text()
    assert all(part in said for part in ("查验", text("brief.watched"), "→ 1 号查验台", "+2.0"))
    assert page.locator(".past-one .past-parcel").inner_text() == "SF1"
    shares = [page.locator(f"#total-{name}").inner_text() for name in ("all", "release", "stopped", "share", "round")]
    assert shares == ["2", "1", "1", "50.0\u00a0%", "0"]


def test_a_lane_whose_line_is_down_shows_that_and_no_verdict(visit, lanes, text):
    page = visit("/board", base=lanes(4).url).page
    down = column(page, "lane-4")
    assert re.fullmatch(text("board.down", age=r"\d+ 分"), down.locator(".lane-state").inner_text())
    assert down.locator(".verdict").inner_text().split() == ["—", "—", "lane-4-reader"]
    assert down.locator(".past-one").count() == 5


def test_the_address_says_which_lanes_a_screen_shows(visit, lanes):
    page = visit("/board?lanes=lane-3,lane-9", base=lanes(14).url).page
    assert [one.split("\n")[0] for one in page.locator(".lane-column").all_inner_texts()] == [
        "3 号查验线",
        "9 号查验线",
    ]


def test_more_lanes_than_can_be_read_are_counted(visit, lanes, text):
    page = visit("/board", base=lanes(16).url).page
    assert page.locator(".lane-column").count() == 14
    assert page.locator("#lanes-more").inner_text() == text("board.more", count=2)


def test_a_site_without_lanes_says_so(visit, served, text):
    page = visit("/board", base=served.url).page
    page.get_by_text(text("board.none")).wait_for()


def test_lost_data_greys_the_board_and_no_release_stays_green(visit, station, frozen):
    proxy = frozen(station)
    page = visit("/board", base=f"http://127.0.0.1:{proxy.port}").page
    station.do(lambda: station.desk.judge("lane-1", Verdict.RELEASE))
    page.wait_for_selector("[data-verdict=release][data-fresh]")
    proxy.freeze()
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    assert page.locator("[data-fresh]").count() == 0
    assert page.locator(".verdict-word").evaluate("(e) => getComputedStyle(e).opacity") == "0.35"
    proxy.thaw()
    page.wait_for_selector("body[data-freshness=live]", timeout=5_000)


def test_from_the_board_to_a_lane_and_back(visit, lanes):
    page = visit("/board?lang=en", base=lanes(4).url).page
    page.get_by_role("link", name="Lane 2", exact=True).click()
    page.wait_for_selector("html[data-lang=en] .station")
    assert page.locator("#lane-name").inner_text() == "Lane 2"
    page.get_by_role("link", name="Board").click()
    page.wait_for_selector(".board")
    page.get_by_role("link", name="Cold store").click()
    page.wait_for_selector("body[data-freshness=live] .cold")
