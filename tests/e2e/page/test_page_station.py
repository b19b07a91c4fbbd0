"""The station of a lane: every scan counts once, nothing looks released that is not, no command is sent twice."""

import re
import time
from datetime import timedelta

import pytest

from control.inspection.lane.acts import Overridden, Scanned
from control.inspection.lane.verdict import Verdict, Why, reason

pytestmark = pytest.mark.browser

PAGE = "/lane/lane-1"
WORDS = {"release": "放行", "hold": "扣留", "inspect": "查验"}


def scans(server) -> list[str]:
    return [one.act.code for one in server.desk.floor.lanes.state.lanes["lane-1"].scans]


def arrive(page, server, codes) -> None:
    page.wait_for_function("() => localStorage.getItem('coldport.scans.lane-1') === '[]'", timeout=15_000)
    assert scans(server) == codes


def judge(server, verdict, *why, **more):
    """Let the lane say something on the server's own loop."""
    server.do(lambda: server.desk.judge("lane-1", verdict, *why, **more))


def overrides(server) -> list[Overridden]:
    return [one.content for one in server.desk._recorded if isinstance(one.content, Overridden)]


def card(page, verdict):
    return page.locator(f"#verdict[data-verdict={verdict}]")


def test_twenty_scans_at_a_millisecond_a_key_arrive_exactly(visit, station):
    page = visit(PAGE, base=station.url).page
    codes = [f"SF10{20_481_000 + 7 * n}" for n in range(20)]
    for code in codes:
        page.keyboard.type(f"{code}\n", delay=1)
    arrive(page, station, codes)
    assert page.locator("#scan").input_value() == ""


def test_a_scan_while_something_else_has_the_focus_loses_no_letter(visit, station):
    page = visit(PAGE, base=station.url).page
    page.locator("#theme").focus()
    page.keyboard.type("SF1020481001\n", delay=1)
    arrive(page, station, ["SF1020481001"])


def test_the_same_label_within_two_seconds_is_one_scan(visit, station, text):
    page = visit(PAGE, base=station.url).page
    for _ in range(3):
        page.keyboard.type("SF1020481001\n", delay=1)
    page.get_by_text(text("scan.same", code="SF1020481001")).wait_for()
    page.keyboard.type("SF1020481002\n", delay=1)
    arrive(page, station, ["SF1020481001", "SF1020481002"])


def test_a_scan_whose_answer_is_lost_is_sent_again_and_is_on_record_once(visit, station):
    page = visit(PAGE, base=station.url).page
    lost = []

    def lose_the_first(route):
        answer = route.fetch()
        lost.append(answer.status)
        if len(lost) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/floor/acts", lose_the_first)
    page.keyboard.type("SF1020481001\n", delay=1)
    arrive(page, station, ["SF1020481001"])
    assert lost == [201, 201]


def test_scans_while_control_is_gone_are_kept_shown_as_pending_and_sent_when_it_is_back(visit, station, text, served):
    page = visit(PAGE, base=station.url).page
    judge(station, Verdict.RELEASE)
    card(page, "release").wait_for()
    page.evaluate("window.sameDocument = true")
    station.stop()
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    codes = ["SF1020481001", "SF1020481002", "SF1020481003"]
    for code in codes:
        page.keyboard.type(f"{code}\n", delay=1)
    page.get_by_text(text("scan.queued", count=3)).wait_for()
    assert card(page, "pending").locator(".verdict-word").inner_text() == text("station.pending")
    assert card(page, "pending").locator(".verdict-parcel").inner_text() == codes[-1]
    scanned_at = station.desk.now()
    again = type(served)(station.desk, station.desk.judge_what_is_due, port=station.port)
    page.wait_for_selector("body[data-freshness=live]", timeout=10_000)
    arrive(page, again, codes)
    kept = station.desk.about("lane:lane-1", 9)
    assert all(scanned_at - one.content.at < timedelta(seconds=9) for one in kept if isinstance(one.content, Scanned))
    assert page.evaluate("window.sameDocument")
    again.stop()


def test_a_queue_outlives_its_page(visit, station):
    page = visit(PAGE, base=station.url).page
    page.route("**/floor/acts", lambda route: route.abort())
    page.keyboard.type("SF1020481001\n", delay=1)
    page.locator("#scan-queued", has_text="1").wait_for()
    page.unroute("**/floor/acts")
    page.reload()
    arrive(page, station, ["SF1020481001"])


def test_a_scan_that_the_browser_cannot_keep_is_told_of(visit, station, text):
    page = visit(PAGE, base=station.url).page
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    page.keyboard.type("SF1020481001\n", delay=1)
    page.get_by_text(text("scan.full", code="SF1020481001")).wait_for()


def test_a_frozen_line_is_noticed_disables_buttons_and_sends_no_command_later(visit, station, frozen):
    proxy = frozen(station)
    page = visit(PAGE, base=f"http://127.0.0.1:{proxy.port}").page
    page.evaluate("window.sameDocument = true")
    judge(station, Verdict.HOLD, reason(Why.NO_TAG))
    card(page, "hold").wait_for()
    proxy.freeze()
    frozen_at = time.monotonic()  # noqa: TID251 - times a real browser
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    assert time.monotonic() - frozen_at <= 3.5  # noqa: TID251 - as above
    buttons = page.locator(".station-acts button")
    assert [buttons.nth(n).is_disabled() for n in range(2)] == [True, True]
    for n in range(2):
        buttons.nth(n).dispatch_event("click")
    assert not page.locator("#override-box").is_visible()
    proxy.thaw()
    page.wait_for_selector("body[data-freshness=live]", timeout=5_000)
    assert buttons.first.is_enabled()
    assert card(page, "hold").is_visible()
    assert page.evaluate("window.sameDocument")


def test_a_dialog_that_was_open_when_the_line_froze_sends_nothing(visit, station, frozen):
    proxy = frozen(station)
    page = visit(PAGE, base=f"http://127.0.0.1:{proxy.port}").page
    judge(station, Verdict.HOLD, reason(Why.NO_TAG))
    card(page, "hold").wait_for()
    page.locator("#override").click()
    page.locator("#override-reason").fill("leaks")
    page.locator("#override-second").fill("李工")
    proxy.freeze()
    page.wait_for_selector("body[data-freshness=stale]", timeout=5_000)
    page.locator("#override-box .primary").click()
    proxy.thaw()
    page.wait_for_selector("body[data-freshness=live]", timeout=5_000)
    page.wait_for_timeout(500)
    assert overrides(station) == []
    assert card(page, "hold").is_visible()


def test_a_release_is_in_full_colour_for_four_seconds_and_then_grey(visit, station):
    page = visit(PAGE, base=station.url).page
    judge(station, Verdict.RELEASE)
    card(page, "release").wait_for()
    page.wait_for_selector("#verdict[data-verdict=release][data-fresh]")
    page.wait_for_selector("#verdict[data-verdict=release]:not([data-fresh])", timeout=6_000)
    assert card(page, "release").locator(".verdict-word").inner_text() == WORDS["release"]


def test_what_is_stopped_stays_on_the_card_until_somebody_has_taken_it_out(visit, station, text):
    page = visit(PAGE, base=station.url).page
    judge(station, Verdict.INSPECT, reason(Why.DRAWN, rate=0.1, stratum="all"))
    judge(station, Verdict.HOLD, reason(Why.NO_TAG))
    judge(station, Verdict.RELEASE)
    page.locator(".past-one").nth(2).wait_for()
    assert card(page, "hold").locator(".verdict-word").inner_text() == WORDS["hold"]
    assert page.locator("#station-more").inner_text() == text("station.more", count=1)
    page.locator("#handled").click()
    card(page, "inspect").wait_for()
    page.keyboard.press("Enter")  # of a scan gun: it takes nothing else out
    card(page, "inspect").wait_for()
    page.reload()
    card(page, "inspect").wait_for()
    page.locator("#handled").click()
    card(page, "release").wait_for()
    assert not page.locator("#handled").is_visible()


def test_two_persons_overrule_a_verdict(visit, station):
    page = visit(PAGE, base=station.url).page
    judge(station, Verdict.HOLD, reason(Why.NO_TAG))
    card(page, "hold").wait_for()
    page.locator("#override").click()
    page.get_by_label("改为").select_option("inspect")
    page.get_by_label("理由").fill("箱体破损")
    page.get_by_label("第二人").fill("李工")
    page.get_by_label("第二人").press("Enter")
    card(page, "inspect").wait_for()
    page.get_by_text("箱体破损").wait_for()
    [act] = overrides(station)
    assert (act.by, act.approved_by, act.verdict) == ("王芳", "李工", Verdict.INSPECT)


def test_a_refused_override_says_why(visit, station, text):
    page = visit(PAGE, base=station.url).page
    judge(station, Verdict.HOLD, reason(Why.NO_TAG))
    card(page, "hold").wait_for()
    page.locator("#override").click()
    page.get_by_label("理由").fill("ok")
    page.get_by_label("第二人").fill("王芳")
    page.get_by_label("第二人").press("Enter")
    page.locator("#station-failed", has_text="both names are the same").wait_for()
    assert card(page, "hold").is_visible()


def test_a_scan_is_answered_by_the_verdict_that_it_led_to(visit, station):
    page = visit(PAGE, base=station.url).page
    page.keyboard.type("SF77\n", delay=1)
    card(page, "pending").wait_for()
    arrive(page, station, ["SF77"])
    judge(station, Verdict.RELEASE, codes=("SF77",), logistics_no="SF77")
    card(page, "release").wait_for()
    assert re.fullmatch(r"SF77.\d\d:\d\d 判定放行", page.locator("#scan-note").inner_text())


def test_a_scan_that_the_lane_says_nothing_of_is_looked_up(visit, station, text):
    page = visit(PAGE, base=station.url).page
    page.keyboard.type("SF-nobody-knows\n", delay=1)
    page.get_by_text(text("scan.unknown", code="SF-nobody-knows")).wait_for(timeout=15_000)
    assert card(page, "none").is_visible()


def test_an_input_method_is_warned_of_until_a_code_comes_clean(visit, station, text):
    page = visit(PAGE, base=station.url).page
    page.locator("#scan").dispatch_event("compositionstart")
    page.get_by_text(text("scan.composing")).wait_for()
    page.keyboard.type("SF1020481001\n", delay=1)
    page.get_by_text(text("scan.composing")).wait_for(state="hidden")


def test_the_keyboard_of_a_tablet_comes_only_when_asked_for(visit, station):
    page = visit(PAGE, base=station.url).page
    field = page.locator("#scan")
    assert field.get_attribute("inputmode") == "none"
    page.locator("#keyboard").click()
    assert (field.get_attribute("inputmode"), field.evaluate("(e) => e === document.activeElement")) == ("text", True)


def test_markup_in_numbers_and_words_is_text(visit, station):
    seen = visit(PAGE, base=station.url)
    nasty = "<img src=x onerror=alert(1)>"
    judge(station, Verdict.HOLD, reason(Why.OVERRULED, by=nasty, approved_by="b", text=nasty), logistics_no=nasty)
    card(seen.page, "hold").wait_for()
    seen.page.keyboard.type(f"{nasty}\n", delay=1)
    assert card(seen.page, "hold").locator(".verdict-parcel").inner_text() == nasty
    assert seen.page.locator("img").count() == 0
    assert seen.complaints == []
