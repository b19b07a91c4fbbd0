"""What the page does: lives, acknowledges, notices silence, comes back by itself."""

import re
import time
from datetime import timedelta

import msgspec
import pytest

from coldport.ids import AlarmId
from coldport.messages.alarm import AlarmState, Disposition, Suppressed, Suppression

pytestmark = pytest.mark.browser

CRITICAL = "chilled-hihi.c2-1-temperature.1"


def _alarm(served, name=CRITICAL):
    return served.desk._alarms[AlarmId(name)]


def test_values_move_by_themselves(visit):
    page = visit().page
    before = page.locator(".lane .tile-value").last.inner_text()
    page.wait_for_function(
        "(old) => [...document.querySelectorAll('.lane .tile-value')].at(-1).innerText !== old", arg=before
    )
    assert page.locator(".lane .tile-value").last.inner_text().endswith("kg")


def test_a_press_acknowledges_and_says_by_whom(visit, served, text):
    page = visit().page
    row = page.locator(".alarm", has_text="C2-1").filter(has_text="15")
    row.get_by_role("button").click()
    row.get_by_text("王芳").wait_for()
    assert _alarm(served).state is AlarmState.ACKNOWLEDGED
    assert _alarm(served).acknowledged_by == "王芳"
    assert page.locator("#counters").get_attribute("aria-label") == text(
        "shell.counters.say", critical=0, high=1, low=2
    )


def test_the_first_press_asks_for_the_name_and_the_page_remembers_it(visit, served, text):
    page = visit().page
    page.evaluate("localStorage.removeItem('coldport.operator')")
    button = page.locator(".alarm", has_text="C2-1").filter(has_text="15").get_by_role("button")
    button.click()
    page.get_by_label("姓名").press("Escape")
    assert _alarm(served).state is AlarmState.UNACKNOWLEDGED
    button.click()
    page.get_by_label("姓名").fill("赵工")
    page.get_by_label("姓名").press("Enter")
    page.locator(".alarm-by", has_text="赵工").wait_for()
    assert _alarm(served).acknowledged_by == "赵工"
    assert page.locator("#operator").inner_text() == text("operator.name", name="赵工")


def test_at_a_critical_control_point_the_page_asks_what_was_seen_and_what_was_done(visit, served, text):
    served.desk.put_alarm(msgspec.structs.replace(_alarm(served), must_confirm=True))
    page = visit().page
    row = page.locator(".alarm", has_text="C2-1").filter(has_text="15")
    row.get_by_role("button").click()
    page.get_by_label(text("more.acknowledge.label")).fill("core 9 °C")
    page.get_by_label(text("more.acknowledge.label")).press("Enter")
    row.get_by_text("王芳").wait_for()
    assert _alarm(served).comment == "core 9 °C"
    seen = _alarm(served)
    served.desk.put_alarm(
        msgspec.structs.replace(seen, returned_at=served.desk.now(), transition=seen.transition + 1_000)
    )
    row.get_by_role("button", name="登记处置").click()
    page.get_by_label("纠正措施").fill("moved to f2")
    page.get_by_label("货物处置").select_option("downgrade")
    page.get_by_label("纠正措施").press("Enter")
    row.wait_for(state="detached")
    assert (_alarm(served).corrective_action, _alarm(served).disposition) == ("moved to f2", Disposition.DOWNGRADE)


def test_a_shelved_alarm_says_until_when_and_has_no_button(visit, served):
    until = served.desk.now() + timedelta(minutes=30)
    kept = Suppressed(kind=Suppression.SHELVED, since=served.desk.now(), by="王芳", reason="门在修", until=until)
    served.desk.put_alarm(msgspec.structs.replace(_alarm(served), suppressed=kept))
    row = visit().page.locator(".alarm", has_text="C2-1").filter(has_text="15")
    row.get_by_text("已搁置").wait_for()
    assert re.search(r"至 \d\d:\d\d", row.inner_text())
    assert row.get_by_role("button").count() == 0


def test_an_acknowledged_alarm_is_shelved_for_a_time_and_a_reason(visit, served, text):
    page = visit().page
    row = page.locator(".alarm", has_text="C2-1").filter(has_text="15")
    row.get_by_role("button").click()
    row.get_by_role("button", name="搁置").click()
    page.get_by_label(text("more.shelve.label"), exact=True).fill("door is being mended")
    page.get_by_label(text("more.time"), exact=True).select_option("30")
    page.get_by_label(text("more.second"), exact=True).fill("李工")
    page.get_by_label(text("more.shelve.label"), exact=True).press("Enter")
    row.get_by_text("已搁置").wait_for()
    kept = _alarm(served).suppressed
    assert (kept.kind, kept.by, kept.approved_by) == (Suppression.SHELVED, "王芳", "李工")
    assert kept.reason == "door is being mended"


def test_a_refused_press_says_so_in_its_row(visit, served):
    page = visit("/cold?lang=en").page
    page.route("**/acknowledge", lambda route: route.fulfill(status=409, json={"detail": "it is normal already"}))
    row = page.locator(".alarm", has_text="C2-1").filter(has_text="15")
    row.get_by_role("button").click()
    row.get_by_text("Not acknowledged: it is normal already").wait_for()


def test_a_frozen_line_is_noticed_disables_buttons_and_resumes_without_a_reload(visit, proxy, served):
    seen = visit(base=f"http://127.0.0.1:{proxy.port}")
    page = seen.page
    page.evaluate("window.sameDocument = true")
    proxy.freeze()
    frozen_at = time.monotonic()  # noqa: TID251 - times a real browser
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    assert time.monotonic() - frozen_at <= 3.5  # noqa: TID251 - as above
    assert re.fullmatch(r"数据中断 \d s", page.locator("#freshness").inner_text())
    buttons = page.locator(".alarm .primary")
    assert buttons.count() == 4
    assert all(buttons.nth(n).is_disabled() for n in range(4))
    page.wait_for_timeout(2_000)
    proxy.thaw()
    page.wait_for_selector("body[data-freshness=live]", timeout=5_000)
    assert buttons.first.is_enabled()
    assert page.evaluate("window.sameDocument")
    assert seen.complaints == []


def test_a_line_frozen_for_long_is_opened_anew_and_commands_are_not_replayed(visit, proxy, served):
    page = visit(base=f"http://127.0.0.1:{proxy.port}").page
    page.evaluate("window.sameDocument = true")
    proxy.freeze()
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    page.locator(".alarm .primary").first.dispatch_event("click")
    page.wait_for_timeout(7_000)
    proxy.thaw()
    page.wait_for_selector("body[data-freshness=live]", timeout=10_000)
    page.wait_for_timeout(500)
    assert page.evaluate("window.sameDocument")
    assert _alarm(served).state is AlarmState.UNACKNOWLEDGED


def test_eight_tabs_live_at_once(visit, browser, served):
    page = visit().page
    tabs = [page] + [page.context.new_page() for _ in range(7)]
    for tab in tabs[1:]:
        tab.goto(served.url + "/cold")
    for tab in tabs:
        tab.wait_for_selector("body[data-freshness=live]", timeout=10_000)


def test_the_language_link_leads_to_the_same_room_in_the_other_language(visit):
    page = visit("/cold?zone=c1&theme=light").page
    page.locator(".tile", has_text="C3").click()
    page.get_by_text("EN", exact=True).click()
    page.wait_for_selector("html[data-lang=en] body[data-freshness=live]")
    assert page.locator("#room-title").inner_text() == "C3 Lotus seed room · 24 hours"
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_the_address_carries_room_probe_range_and_theme(visit):
    page = visit().page
    page.locator(".tile", has_text="C2").click()
    page.locator(".probe", has_text="C2-2").click()
    page.get_by_role("button", name="1 小时").click()
    page.locator("#theme").click()
    assert set(page.url.split("?")[1].split("&")) == {"zone=c2", "point=c2-2-temperature", "range=1h", "theme=light"}
    page.reload()
    page.wait_for_selector("body[data-freshness=live]")
    assert (
        page.locator(".tile[aria-pressed=true]").inner_text().startswith("1\nC2")
        or page.locator(".tile[aria-pressed=true]", has_text="C2").is_visible()
    )
    assert page.locator(".probe[aria-pressed=true]").inner_text().startswith("C2-2")


def test_a_room_of_which_nothing_is_known_shows_dashes_and_no_old_value(visit):
    tile = visit().page.locator(".tile", has_text="K1")
    assert tile.locator(".tile-value").first.inner_text() == "—\u00a0—"
    assert tile.locator(".tile-note").inner_text() == "离线"


def test_gaps_in_the_trend_are_not_joined_and_alarms_are_marked(visit):
    page = visit("/cold?zone=c2").page
    page.wait_for_selector("#chart .mark")
    assert page.locator("#chart .mark").count() == 2
    nulls = page.evaluate(
        """async () => { const { fetchSeries } = await import("/static/series.js");
          const series = await fetchSeries(["c2-1-temperature"], "24h", Date.now());
          return series.mean.slice(10, -10).filter((value) => value === null).length; }"""
    )
    assert 16 <= nulls <= 19


def test_a_value_that_is_held_is_no_gap_and_one_that_is_not_known_is(visit):
    series = visit().page.evaluate(
        """async () => { const { combine } = await import("/static/series.js");
          const at = (i, count, covered_s, v) =>
            ({ start: new Date(1000 * 60 * i).toISOString(), count, covered_s, min: v, mean: v, max: v });
          const buckets = [at(0, 1, 60, 5), at(1, 0, 60, null), at(2, 0, 0, null), at(3, 1, 60, 7)];
          return combine([buckets], 60, 1e9).mean; }"""
    )
    assert series == [5, 5, None, 7]


def test_without_uplot_the_page_draws_its_own_chart_with_the_same_parts(visit):
    seen = visit("/cold?zone=c2")
    page = seen.page
    page.wait_for_selector("#chart .uplot")
    page.evaluate("delete globalThis.uPlot; globalThis.uPlot = undefined")
    page.get_by_role("button", name="24 小时").click()
    page.wait_for_selector("#chart .own-chart .c-line")
    assert page.locator("#chart .c-line").get_attribute("d").count("M") == 2
    assert page.locator("#chart .c-limit").count() == 2
    assert page.locator("#chart .mark").count() == 2
    assert seen.complaints == []


def test_a_store_that_is_away_leaves_the_page_alive(visit):
    page = visit("/cold?zone=c2&lang=en").page
    page.route("**/readings?*", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    page.locator(".tile", has_text="C3").click()
    page.get_by_text("History is not available now").wait_for()
    assert page.locator("body").get_attribute("data-freshness") == "live"


def test_a_page_of_an_older_build_is_loaded_anew_when_nobody_has_touched_it_for_half_a_minute(browser, served):
    hub, build = served.app.state.context.hub, served.app.state.context.hub._build
    page = browser.new_page()
    page.clock.install()
    page.goto(served.url + "/cold")
    page.wait_for_selector("body[data-freshness=live]")
    page.evaluate("window.sameDocument = true")

    def update() -> None:
        hub._build = "newer"
        for client in hub._clients:
            client.restart((hub._snapshot(),))

    served.do(update)
    page.wait_for_timeout(500)
    page.clock.fast_forward(20_000)
    page.keyboard.press("Tab")
    page.clock.fast_forward(20_000)
    page.wait_for_selector("body[data-freshness=live]")
    assert page.evaluate("window.sameDocument")
    with page.expect_navigation():
        page.clock.fast_forward(15_000)
    assert not page.evaluate("window.sameDocument")
    served.do(lambda: setattr(hub, "_build", build))
    page.close()


def test_the_simulation_badge_comes_and_goes_with_the_simulator(visit, served):
    page = visit("/cold").page
    links, simulator = served.desk.links(), served.desk.presences()
    served.do(lambda: served.desk.put_status(links))
    page.locator("#simulation").wait_for(state="hidden")
    served.do(lambda: served.desk.put_status(links, simulator))
    page.locator("#simulation").wait_for(state="visible")


def test_the_first_load_of_the_cold_store_is_at_most_150_kilobytes(browser, served):
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    loaded: list[float] = []
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(f"{served.url}/cold?zone=c2")
    page.wait_for_selector("#chart .uplot")
    page.wait_for_load_state("networkidle")
    assert len(loaded) > 20
    assert sum(loaded) <= 150_000
    context.close()
