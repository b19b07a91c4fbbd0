"""The bonded account and the buyers' year: nothing goes out that is not there, and no quota is passed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.errors import NotFoundError, RefusedError
from control.inspection.bonded import book as module
from control.inspection.bonded import quota as quota_module
from control.inspection.bonded.acts import (
    BookCancelled,
    BookDeclared,
    BookLine,
    BookOnPass,
    BookReleased,
    BookReported,
    BookThrough,
    CameBack,
    QuotaReleased,
    QuotaReserved,
    Standing,
)
from control.inspection.bonded.book import Book, BookItem, Colour
from control.inspection.bonded.difference import Cause, OnShelf, differences
from control.inspection.bonded.quota import Quota, QuotaLimits

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
ACCOUNT = "T3105W000293"
KEY = f"{ACCOUNT}/7"
WHO = {"at": NOON, "by": "li"}
LIMITS = QuotaLimits(single_cny=Decimal(5_000), year_cny=Decimal(26_000))


def lines(quantity: int | str) -> tuple[BookLine, ...]:
    return (BookLine(account=ACCOUNT, item=7, quantity=Decimal(quantity)),)


def declared(document: str, quantity: int | str, *, inbound: bool = False) -> BookDeclared:
    return BookDeclared(document=document, inbound=inbound, lines=lines(quantity), **WHO)


def on_pass(document: str, number: str, quantity: int | str) -> BookOnPass:
    return BookOnPass(document=document, number=number, lines=lines(quantity), **WHO)


def through(document: str, number: str) -> BookThrough:
    return BookThrough(document=document, number=number, **WHO)


def released(document: str) -> BookReleased:
    return BookReleased(document=document, **WHO)


def reported(standing: Standing = Standing.NORMAL, minutes: int = 0, **more: int | str) -> BookReported:
    values = {"increased": 0, "reduced": 0, "increase_ahead": 0, "reduce_ahead": 0, **more}
    return BookReported(
        account=ACCOUNT,
        item=7,
        standing=standing,
        at=NOON + timedelta(minutes=minutes),
        **{name: Decimal(value) for name, value in values.items()},
    )


def book(*acts: object) -> Book:
    made = Book()
    for act in acts:
        made.check(act)  # type: ignore[arg-type]
        made.take(act)  # type: ignore[arg-type]
    return made


def came_in(quantity: int) -> list[object]:
    return [declared("in", quantity, inbound=True), released("in"), on_pass("in", "Z0", quantity), through("in", "Z0")]


def test_goods_count_when_both_customs_has_released_them_and_all_went_through_the_gate() -> None:
    way = [declared("in", 10, inbound=True), on_pass("in", "Z1", 6), on_pass("in", "Z2", 4)]
    for last in (released("in"), through("in", "Z1"), through("in", "Z2")):
        others = [act for act in (released("in"), through("in", "Z1"), through("in", "Z2")) if act != last]
        made = book(*way, *others)
        assert made.item(KEY) == BookItem(increase_ahead=Decimal(10))
        made.take(last)
        assert made.item(KEY) == BookItem(increased=Decimal(10))


def test_what_is_only_booked_ahead_to_come_in_is_not_for_sale() -> None:
    made = book(declared("in", 10, inbound=True), released("in"))
    with pytest.raises(RefusedError, match="0 may be declared out, not 1"):
        made.check(declared("out", 1))


def test_what_is_booked_ahead_to_go_out_is_not_declared_again() -> None:
    made = book(*came_in(10), declared("out-1", 7))
    assert made.item(KEY).available == Decimal(3)
    with pytest.raises(RefusedError, match="3 may be declared out, not 4"):
        made.check(declared("out-2", 4))
    made.take(BookCancelled(document="out-1", **WHO))
    made.check(declared("out-2", 10))


def test_no_more_goes_on_passes_than_was_declared() -> None:
    made = book(*came_in(10), declared("out", 8), on_pass("out", "Z1", 5))
    with pytest.raises(RefusedError, match="3 of document 'out' is on no pass, not 4"):
        made.check(on_pass("out", "Z2", 4))
    with pytest.raises(RefusedError, match="carries part"):
        made.check(on_pass("out", "Z1", 1))


@pytest.mark.parametrize(
    ("standing", "inbound", "stopped"),
    [
        (Standing.NORMAL, True, False),
        (Standing.NORMAL, False, False),
        (Standing.SUSPENDED, True, True),
        (Standing.SUSPENDED, False, True),
        (Standing.NO_IN, True, True),
        (Standing.NO_IN, False, False),
        (Standing.NO_OUT, True, False),
        (Standing.NO_OUT, False, True),
    ],
)
def test_what_customs_has_stopped_does_not_move_that_way(standing: Standing, inbound: bool, stopped: bool) -> None:
    made = book(*came_in(10), reported(standing))
    if stopped:
        with pytest.raises(RefusedError, match="customs has stopped item"):
            made.check(declared("d", 1, inbound=inbound))
    else:
        made.check(declared("d", 1, inbound=inbound))


def test_an_older_report_of_customs_changes_nothing() -> None:
    made = book(reported(Standing.SUSPENDED, 5), reported(Standing.NORMAL, 4))
    assert made.standing(KEY) is Standing.SUSPENDED


def test_what_went_through_is_neither_cancelled_nor_through_again() -> None:
    made = book(*came_in(10), declared("out", 8), on_pass("out", "Z1", 5), through("out", "Z1"))
    with pytest.raises(RefusedError, match="went through the gate already"):
        made.check(BookCancelled(document="out", **WHO))
    with pytest.raises(RefusedError, match="went through already"):
        made.check(through("out", "Z1"))
    with pytest.raises(NotFoundError, match="carries nothing"):
        made.check(through("out", "Z2"))
    with pytest.raises(NotFoundError, match="booked ahead"):
        made.check(released("other"))


def test_a_document_contradicts_nothing() -> None:
    made = book(declared("in", 10, inbound=True))
    for act, said in ((declared("in", 1, inbound=True), "already"), (declared("x", "0"), "more than nothing")):
        with pytest.raises(RefusedError, match=said):
            made.check(act)


@pytest.mark.parametrize("quantity", ["9E+999999", "NaN", "sNaN", "Infinity", "-1", "1E+30", "0.000001"])
def test_a_quantity_that_customs_could_not_write_is_refused(quantity: str) -> None:
    made = book(declared("in", 10, inbound=True))
    for act in (declared("x", quantity, inbound=True), on_pass("in", "Z1", quantity), reported(increased=quantity)):
        with pytest.raises(RefusedError, match="quantity"):
            made.check(act)


def test_goods_have_the_colour_of_where_their_documents_stand() -> None:
    made = book(*came_in(10))
    assert (made.colour(KEY), made.colour("other/1")) == (Colour.BONDED, Colour.UNBONDED)
    made = book(*came_in(10), declared("out", 10))
    assert made.colour(KEY) is Colour.DECLARING
    made.take(on_pass("out", "Z1", 10))
    assert made.colour(KEY) is Colour.LEAVING
    made.take(released("out"))
    made.take(through("out", "Z1"))
    assert made.colour(KEY) is Colour.BOOKED_OUT


def test_the_book_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = book(declared("in", 10, inbound=True))
    for limit, act in (
        ("OPEN_LIMIT", declared("b", 1, inbound=True)),
        ("ITEM_LIMIT", reported()),
        ("PASS_LIMIT", on_pass("in", "Z", 1)),
    ):
        made.check(act)
        monkeypatch.setattr(module, limit, 0)
        with pytest.raises(RefusedError, match="already"):
            made.check(act)


DOCUMENTS = st.sampled_from(["a", "b", "c"])
TRIED = st.one_of(
    st.builds(declared, DOCUMENTS, st.integers(1, 6), inbound=st.booleans()),
    st.builds(released, DOCUMENTS),
    st.builds(on_pass, DOCUMENTS, st.sampled_from(["Z1", "Z2"]), st.integers(1, 6)),
    st.builds(through, DOCUMENTS, st.sampled_from(["Z1", "Z2"])),
    st.builds(lambda document: BookCancelled(document=document, **WHO), DOCUMENTS),
)


@settings(max_examples=300)
@given(st.lists(TRIED, max_size=60))
def test_whatever_is_tried_no_more_goes_out_than_came_in(tried: list[object]) -> None:
    made = Book()
    for act in tried:
        try:
            made.check(act)  # type: ignore[arg-type]
        except (RefusedError, NotFoundError):
            continue
        made.take(act)  # type: ignore[arg-type]
        item = made.item(KEY)
        assert min(item.available, item.increase_ahead, item.reduce_ahead, item.increased, item.reduced) >= 0
        ahead = {True: Decimal(), False: Decimal()}
        for one in made.state.open.values():
            ahead[one.declared.inbound] += sum(line.quantity for line in one.declared.lines)
            assert (
                one.went().get(KEY, Decimal()) <= one.on_passes().get(KEY, Decimal()) <= one.declared.lines[0].quantity
            )
        assert (item.increase_ahead, item.reduce_ahead) == (ahead[True], ahead[False])


def test_where_book_shelf_and_customs_agree_there_is_no_row() -> None:
    held = BookItem(increased=Decimal(10), reduced=Decimal(2))
    assert differences({KEY: held}, {KEY: OnShelf(quantity=Decimal(8))}, {KEY: reported(increased=10, reduced=2)}) == []


@pytest.mark.parametrize(
    ("booked", "lies", "report", "causes"),
    [
        ({"increased": 10, "reduce_ahead": 3}, {"quantity": 7}, {"increased": 10}, (Cause.IN_TRANSIT,)),
        ({"increased": 10, "increase_ahead": 5}, {"quantity": 15}, {"increased": 10}, (Cause.IN_TRANSIT,)),
        ({"increased": 10}, {"quantity": 8}, {"increased": 10}, (Cause.UNEXPLAINED,)),
        ({"increased": 10}, {"quantity": 10, "count_difference": -1}, {"increased": 10}, (Cause.COUNTED_SHORT,)),
        ({"increased": 10}, {"quantity": 10, "count_difference": 1}, {"increased": 10}, (Cause.COUNTED_OVER,)),
        ({"increased": 10}, {"quantity": 10}, None, (Cause.NOT_REPORTED,)),
        ({"increased": 10}, {"quantity": 10}, {"increase_ahead": 10}, (Cause.CUSTOMS_BEHIND,)),
        ({"increased": 10}, {"quantity": 10}, {"increased": 9}, (Cause.UNEXPLAINED,)),
    ],
)
def test_a_difference_says_what_explains_it(booked, lies, report, causes) -> None:
    decimals = lambda values: {name: Decimal(value) for name, value in values.items()}  # noqa: E731
    rows = differences(
        {KEY: BookItem(**decimals(booked))},
        {KEY: OnShelf(**decimals(lies))},
        {KEY: reported(**report)} if report is not None else {},
    )
    assert [row.causes for row in rows] == [causes]


def reserved(amount: int | str, order: str = "o1", buyer: str = "0" * 64, items: int = 1) -> QuotaReserved:
    return QuotaReserved(buyer=buyer, order=order, amount_cny=Decimal(amount), items=items, **WHO)


def given_back(order: str = "o1") -> QuotaReleased:
    return QuotaReleased(buyer="0" * 64, order=order, reason="cancelled", **WHO)


def quota(*acts: object, year: int = 2026) -> Quota:
    made = Quota(LIMITS)
    for act in acts:
        made.check(act, year)  # type: ignore[arg-type]
        made.take(act, year)  # type: ignore[arg-type]
    return made


def test_exactly_the_year_s_limit_may_be_bought_and_not_a_fen_more() -> None:
    made = quota(reserved(26_000))
    with pytest.raises(RefusedError, match="0 CNY are left"):
        made.check(reserved("0.01", "o2"), 2026)


def test_an_order_over_the_single_limit_is_of_one_item() -> None:
    made = quota()
    made.check(reserved(5_000, items=3), 2026)
    made.check(reserved("5000.01", items=1), 2026)
    with pytest.raises(RefusedError, match="one item only"):
        made.check(reserved("5000.01", items=2), 2026)


def test_a_cancelled_order_gives_its_part_back_once() -> None:
    made = quota(reserved(20_000), given_back())
    made.check(reserved(26_000, "o2"), 2026)
    with pytest.raises(NotFoundError):
        made.check(given_back(), 2026)


@pytest.mark.parametrize(
    ("asked", "back", "said"),
    [
        (30, 45, None),
        (31, 45, "was asked for after 31 days; its part is restored for 30"),
        (30, 46, "was back after 46 days; its part is restored for 45"),
        (20, 10, "in this order"),
    ],
)
def test_an_order_that_comes_back_in_time_gives_its_part_back(asked: int, back: int, said: str | None) -> None:
    made, released = quota(reserved(20_000)), date(2026, 10, 1)
    days = CameBack(
        released_on=released, asked_on=released + timedelta(days=asked), back_on=released + timedelta(days=back)
    )
    act = QuotaReleased(buyer="0" * 64, order="o1", reason="returned", came_back=days, **WHO)
    if said is None:
        made.check(act, 2026)
    else:
        with pytest.raises(RefusedError, match=said):
            made.check(act, 2026)


def test_a_new_year_begins_from_nothing_and_the_old_one_is_over() -> None:
    made = quota(reserved(26_000))
    made.check(reserved(26_000), 2027)
    made.take(reserved(100), 2027)
    assert made.used("0" * 64, 2027) == Decimal(100)
    with pytest.raises(RefusedError, match="is over"):
        made.check(reserved(1, "o3"), 2026)
    made.take(given_back(), 2026)
    assert made.used("0" * 64, 2027) == Decimal(100)


def test_a_part_of_a_quota_is_taken_once_and_is_something(monkeypatch: pytest.MonkeyPatch) -> None:
    made = quota(reserved(100))
    for act, said in ((reserved(100), "already"), (reserved(0, "o2"), "more than nothing")):
        with pytest.raises(RefusedError, match=said):
            made.check(act, 2026)
    monkeypatch.setattr(quota_module, "ORDER_LIMIT", 1)
    with pytest.raises(RefusedError, match="counted already"):
        made.check(reserved(1, "o2"), 2026)


@given(st.lists(st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.integers(1, 26_000), st.booleans()), max_size=40))
def test_no_quota_is_ever_passed(tried: list[tuple[str, int, bool]]) -> None:
    made, parts = Quota(LIMITS), {}
    for order, amount, take in tried:
        act = reserved(amount, order) if take else given_back(order)
        try:
            made.check(act, 2026)
        except (RefusedError, NotFoundError):
            continue
        made.take(act, 2026)
        parts[order] = amount if take else 0
        assert made.used("0" * 64, 2026) == sum(parts.values()) <= 26_000
