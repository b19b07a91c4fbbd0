"""Stock: nothing is lost, nothing is reserved twice, and what expires first goes first."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from coldport.errors import NotFoundError, RefusedError
from coldport.site import ZoneClass
from control.inspection.stock import stock as module
from control.inspection.stock.acts import BinSet, StockCounted, StockLotNamed, StockMoved
from control.inspection.stock.advice import Take, to_put, to_take
from control.inspection.stock.rules import FOR_ORDER, RULES, Status, Verb
from control.inspection.stock.stock import Stock

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LOTS = ("l1", "l2")
BINS = ("dock", "a1", "a2")


def bin_set(
    name: str, temperature_class: ZoneClass = ZoneClass.CHILLED, capacity: int = 1_000, walk: int = 0
) -> BinSet:
    return BinSet(
        bin=name,
        zone="c1",
        temperature_class=temperature_class,
        capacity=Decimal(capacity),
        walk=walk,
        at=NOON,
        by="li",
    )


def lot(name: str, expires_on: date | None = None, minutes: int = 0, **more: object) -> StockLotNamed:
    values: dict[str, object] = {"item": "tea", "unit": "011", "owner": "ebc", "temperature_class": ZoneClass.CHILLED}
    at = NOON + timedelta(minutes=minutes)
    return StockLotNamed(lot=name, expires_on=expires_on, at=at, by="li", **{**values, **more})  # type: ignore[arg-type]


def moved(verb: Verb, quantity: int | str = 1, name: str = "l1", place: str = "a1", **more: object) -> StockMoved:
    row = RULES[verb]
    values: dict[str, object] = {
        "order": "o1" if row.order else None,
        "reason": "because" if row.reason else None,
        "approved_by": "wu" if row.two else None,
    }
    return StockMoved(
        verb=verb,
        lot=name,
        quantity=Decimal(quantity),
        bin=place,
        at=NOON,
        by="li",
        **{**values, **more},  # type: ignore[arg-type]
    )


def house(*acts: object, today: date = TODAY) -> Stock:
    stock = Stock()
    for act in (*(bin_set(name, walk=at) for at, name in enumerate(BINS)), lot("l1"), lot("l2", minutes=1), *acts):
        stock.check(act, today)  # type: ignore[arg-type]
        stock.take(act)  # type: ignore[arg-type]
    return stock


def shelved(quantity: int = 10) -> list[StockMoved]:
    return [moved(Verb.RECEIVE, quantity, place="dock"), moved(Verb.PUT_AWAY, quantity, place="dock", to_bin="a1")]


def test_goods_come_are_put_away_reserved_picked_packed_and_leave() -> None:
    way = [moved(verb, 4) for verb in (Verb.RESERVE, Verb.PICK, Verb.PACK, Verb.SHIP)]
    stock = house(*shelved(), *way)
    assert [(one.bin, one.status, one.quantity) for one in stock.holdings()] == [("a1", Status.FREE, Decimal(6))]


@pytest.mark.parametrize("verb", [verb for verb in Verb if RULES[verb].before is not Status.OUTSIDE])
def test_no_place_goes_below_zero(verb: Verb) -> None:
    other = {"to_bin": "a2"} if RULES[verb].other_bin else {}
    with pytest.raises(RefusedError, match=f"is {RULES[verb].before}, not 11"):
        house(*shelved(10)).check(moved(verb, 11, **other), TODAY)


def test_a_unit_that_is_reserved_is_not_reserved_again() -> None:
    stock = house(*shelved(1), moved(Verb.RESERVE))
    with pytest.raises(RefusedError, match="0 of 'l1' is free"):
        stock.check(moved(Verb.RESERVE, order="o2"), TODAY)


async def test_of_eight_workers_who_want_the_last_unit_exactly_one_gets_it_each_time() -> None:
    stock = house(*shelved(1))
    writer = asyncio.Queue[tuple[StockMoved, "asyncio.Future[bool]"]]()

    async def write() -> None:
        while True:
            act, done = await writer.get()
            try:
                stock.check(act, TODAY)
                stock.take(act)
                done.set_result(True)
            except RefusedError:
                done.set_result(False)

    async def want(worker: int) -> bool:
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await writer.put((moved(Verb.RESERVE, order=f"o{worker}"), done))
        return await done

    writing = asyncio.create_task(write())
    for _ in range(1_000):
        won = await asyncio.gather(*(want(worker) for worker in range(8)))
        assert sum(won) == 1
        stock.take(moved(Verb.UNRESERVE, order=f"o{won.index(True)}"))
    writing.cancel()


def test_what_expired_is_neither_reserved_nor_picked() -> None:
    fresh = lot("l3", TODAY)
    stock = house(fresh, moved(Verb.ADJUST_UP, 5, "l3"), moved(Verb.RESERVE, 2, "l3"))
    tomorrow = TODAY + timedelta(days=1)
    for verb in (Verb.RESERVE, Verb.PICK):
        stock.check(moved(verb, 1, "l3"), TODAY)
        with pytest.raises(RefusedError, match="expired"):
            stock.check(moved(verb, 1, "l3"), tomorrow)


def test_goods_go_into_bins_of_their_temperature_class_only() -> None:
    stock = house(bin_set("f1", ZoneClass.FROZEN), moved(Verb.RECEIVE, 5, place="dock"))
    with pytest.raises(RefusedError, match="is chilled, bin 'f1' is frozen"):
        stock.check(moved(Verb.PUT_AWAY, 5, place="dock", to_bin="f1"), TODAY)


def test_a_bin_takes_what_it_holds_and_not_one_more() -> None:
    stock = house(bin_set("s1", capacity=5), *shelved(6))
    stock.check(moved(Verb.MOVE, 5, to_bin="s1"), TODAY)
    with pytest.raises(RefusedError, match="no room for 6"):
        stock.check(moved(Verb.MOVE, 6, to_bin="s1"), TODAY)


@pytest.mark.parametrize("quantity", ["0", "-1", "0.000001", "1e15", "NaN", "Infinity"])
def test_a_quantity_is_a_number_as_customs_writes_it(quantity: str) -> None:
    with pytest.raises(RefusedError, match="quantity"):
        house(*shelved()).check(moved(Verb.RESERVE, quantity), TODAY)


@pytest.mark.parametrize("verb", list(Verb))
def test_a_verb_says_what_its_row_asks_for(verb: Verb) -> None:
    row = RULES[verb]
    stock = house()
    for needed, without in (
        (row.order, {"order": None}),
        (row.reason, {"reason": None}),
        (row.two, {"approved_by": "li"}),
    ):
        if needed:
            with pytest.raises(RefusedError, match=f"to {verb} "):
                stock.check(moved(verb, to_bin="a2" if row.other_bin else None, **without), TODAY)
    with pytest.raises(RefusedError, match="names another bin" if row.other_bin else "names one bin"):
        stock.check(moved(verb, to_bin=None if row.other_bin else "a2"), TODAY)


def test_first_expired_goes_first_and_what_is_put_aside_does_not_go() -> None:
    late, soon, over = lot("late", date(2027, 5, 1)), lot("soon", date(2026, 12, 1)), lot("over", date(2026, 11, 1))
    up = [
        moved(Verb.ADJUST_UP, 5, name, place)
        for name, place in (("late", "a1"), ("soon", "a2"), ("over", "a1"), ("l1", "a1"))
    ]
    stock = house(late, soon, over, *up, moved(Verb.QUARANTINE, 3, "soon", "a2"))
    assert to_take(stock, "tea", Decimal(8), TODAY) == [
        Take(lot="soon", bin="a2", quantity=Decimal(2)),
        Take(lot="late", bin="a1", quantity=Decimal(5)),
        Take(lot="l1", bin="a1", quantity=Decimal(1)),
    ]
    assert [one.lot for one in to_take(stock, "tea", Decimal(99), TODAY, least_days=30)] == ["late", "l1"]


def test_a_lot_is_put_where_it_lies_already_then_along_the_way() -> None:
    stock = house(bin_set("f1", ZoneClass.FROZEN), moved(Verb.ADJUST_UP, 1, place="a2"))
    assert list(to_put(stock, "l1", Decimal(5))) == ["a2", "dock", "a1"]
    assert list(to_put(stock, "l1", Decimal(1_000))) == ["dock", "a1"]


def test_a_count_is_kept_beside_what_the_records_said() -> None:
    stock = house(*shelved(10), StockCounted(lot="l1", bin="a1", counted=Decimal(9), at=NOON, by="li"))
    (counted,) = stock.state.counts.values()
    assert (counted.counted, counted.expected) == (Decimal(9), Decimal(10))


def test_what_is_not_known_is_not_found() -> None:
    stock = house()
    for act in (moved(Verb.RECEIVE, name="l9"), moved(Verb.RECEIVE, place="a9")):
        with pytest.raises(NotFoundError):
            stock.check(act, TODAY)


def test_a_lot_and_a_bin_contradict_nothing() -> None:
    stock = house(*shelved())
    for act, said in (
        (lot("l1"), "already"),
        (lot("l3", account="T3105W000293"), "names its account"),
        (bin_set("a1", ZoneClass.FROZEN), "is not empty"),
    ):
        with pytest.raises(RefusedError, match=said):
            stock.check(act, TODAY)


def test_everything_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = house()
    for held in ("l1", "l2"):
        stock.take(moved(Verb.RECEIVE, name=held, place="a2"))
    for limit, act in (("BIN_LIMIT", bin_set("a9")), ("LOT_LIMIT", lot("l9")), ("HOLDING_LIMIT", moved(Verb.RECEIVE))):
        stock.check(act, TODAY)
        monkeypatch.setattr(module, limit, 0)
        with pytest.raises(RefusedError, match="already"):
            stock.check(act, TODAY)


def test_at_its_limit_stock_can_still_shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = house(*shelved(2), moved(Verb.RESERVE, 2))
    monkeypatch.setattr(module, "HOLDING_LIMIT", 1)
    stock.take(moved(Verb.PICK, 1))
    stock.check(moved(Verb.PICK, 1), TODAY)
    with pytest.raises(RefusedError, match="already"):
        stock.check(moved(Verb.UNRESERVE, 1), TODAY)


def test_a_lot_of_which_nothing_is_left_makes_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = house(*shelved(2))
    monkeypatch.setattr(module, "LOT_LIMIT", 2)
    stock.check(lot("l3"), TODAY)
    stock.take(lot("l3"))
    assert set(stock.state.lots) == {"l1", "l3"}


class UnitByUnit(RuleBasedStateMachine):
    """The slow model: a list of every single unit, where it is and whose."""

    @initialize()
    def begin(self) -> None:
        self.stock = house()
        self.units: Counter[tuple[str, str, Status, str | None]] = Counter()

    @rule(
        verb=st.sampled_from(list(Verb)),
        name=st.sampled_from(LOTS),
        place=st.sampled_from(BINS),
        to_bin=st.sampled_from(BINS),
        order=st.sampled_from(["o1", "o2"]),
        quantity=st.integers(1, 5),
    )
    def act(self, verb, name, place, to_bin, order, quantity) -> None:
        row = RULES[verb]
        act = moved(
            verb, quantity, name, place, to_bin=to_bin if row.other_bin else None, order=order if row.order else None
        )
        before = (name, place, row.before, order if row.before in FOR_ORDER else None)
        after = (name, to_bin if row.other_bin else place, row.after, order if row.after in FOR_ORDER else None)
        possible = row.before is Status.OUTSIDE or self.units[before] >= quantity
        possible = possible and not (row.other_bin and place == to_bin)
        try:
            self.stock.check(act, TODAY)
        except RefusedError:
            assert not possible
            return
        assert possible
        self.stock.take(act)
        for key, sign in ((before, -1), (after, 1)):
            if key[2] is not Status.OUTSIDE:
                self.units[key] += sign * quantity

    @invariant()
    def says_what_the_list_says(self) -> None:
        if not hasattr(self, "stock"):
            return
        held = {(one.lot, one.bin, one.status, one.order): int(one.quantity) for one in self.stock.holdings()}
        assert held == +self.units
        assert all(count > 0 for count in held.values())
        assert self.stock.filled("a1") == sum(count for key, count in held.items() if key[1] == "a1")


TestUnitByUnit = UnitByUnit.TestCase
TestUnitByUnit.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


@given(st.lists(st.tuples(st.sampled_from([Verb.RECEIVE, Verb.RESERVE, Verb.SHIP]), st.integers(1, 3)), max_size=30))
def test_a_snapshot_goes_on_as_the_fold_itself(tried: list[tuple[Verb, int]]) -> None:
    whole = house(*shelved(20), moved(Verb.RESERVE, 5), moved(Verb.PICK, 5), moved(Verb.PACK, 5))
    for verb, quantity in tried:
        again = Stock(whole.state)
        act = moved(verb, quantity, place="a1")
        outcomes = []
        for stock in (whole, again):
            try:
                stock.check(act, TODAY)
                outcomes.append("taken")
            except RefusedError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1]
        if outcomes[0] == "taken":
            whole.take(act)
