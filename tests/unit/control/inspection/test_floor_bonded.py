"""Bonded goods leave their shelf when customs says so, and not before."""

from decimal import Decimal

import pytest
from declarations import EBC, NOON, answer, declared, imported

from coldport.errors import NotFoundError, RefusedError
from coldport.site import ZoneClass
from control.inspection.bonded.acts import BookReported, Standing
from control.inspection.floor import Floor
from control.inspection.stock.acts import BinSet, StockLotNamed, StockMoved
from control.inspection.stock.rules import RULES, Verb

ACCOUNT = "T3105W000293"
WHO = {"at": NOON, "by": "li"}


def moved(verb: Verb, order: str = "O1", **more) -> StockMoved:
    values = {"order": order if RULES[verb].order else None, **more}
    return StockMoved(verb=verb, lot="l1", quantity=Decimal(1), bin="a1", **WHO, **values)


@pytest.fixture
def floor(one_room):
    """A house with ten units of a bonded lot on the shelf, and the papers of one order."""
    made = Floor(one_room())
    for act in (
        BinSet(bin="a1", zone="c1", temperature_class=ZoneClass.CHILLED, capacity=Decimal(99), walk=1, **WHO),
        StockLotNamed(
            lot="l1",
            item="tea",
            unit="011",
            owner=EBC["ebc_code"],
            temperature_class=ZoneClass.CHILLED,
            account=ACCOUNT,
            account_item=7,
            **WHO,
        ),
        StockMoved(
            verb=Verb.ADJUST_UP,
            lot="l1",
            quantity=Decimal(10),
            bin="a1",
            reason="opening",
            approved_by="wu",
            **WHO,
        ),
        *(declared(document) for document in imported().values()),
        moved(Verb.RESERVE),
    ):
        say(made, act)
    return made


def say(floor: Floor, act) -> None:
    floor.check(act, NOON)
    floor.apply(act, NOON)


def test_an_order_is_picked_when_customs_has_examined_it_and_leaves_when_it_is_released(floor):
    with pytest.raises(RefusedError, match="lets nobody pick"):
        floor.check(moved(Verb.PICK), NOON)
    say(floor, answer("399", 1))
    say(floor, moved(Verb.PICK))
    say(floor, moved(Verb.PACK))
    with pytest.raises(RefusedError, match="lets nobody ship"):
        floor.check(moved(Verb.SHIP), NOON)
    say(floor, answer("800", 2))
    say(floor, moved(Verb.SHIP))
    assert sum(one.quantity for one in floor.stock.holdings()) == 9


@pytest.mark.parametrize("status", ["500", "502", "600", "100"])
def test_an_order_that_customs_stopped_is_not_picked(floor, status):
    say(floor, answer("399", 1))
    say(floor, answer(status, 2))
    with pytest.raises(RefusedError, match="lets nobody pick"):
        floor.check(moved(Verb.PICK), NOON)


def test_an_order_without_papers_is_not_picked(floor):
    say(floor, moved(Verb.RESERVE, order="O9"))
    with pytest.raises(NotFoundError, match="no order"):
        floor.check(moved(Verb.PICK, order="O9"), NOON)


def test_an_order_that_was_given_up_returns_to_the_shelf(floor):
    for status, verb in (("399", Verb.PICK), ("399", Verb.PACK)):
        say(floor, answer(status, 1))
        say(floor, moved(verb))
    say(floor, moved(Verb.UNPACK, reason="cancelled"))
    say(floor, moved(Verb.PUT_BACK, reason="cancelled"))
    assert floor.stock.quantity("l1", "a1", next(iter(floor.stock.holdings())).status) == 10


@pytest.mark.parametrize(
    ("standing", "stopped"), [(Standing.SUSPENDED, True), (Standing.NO_OUT, True), (Standing.NO_IN, False)]
)
def test_nothing_of_an_account_that_customs_stopped_is_reserved(floor, standing, stopped):
    zero = Decimal()
    figures = {"increased": zero, "reduced": zero, "increase_ahead": zero, "reduce_ahead": zero}
    say(floor, BookReported(account=ACCOUNT, item=7, standing=standing, at=NOON, **figures))
    if stopped:
        with pytest.raises(RefusedError, match="customs has stopped lot"):
            floor.check(moved(Verb.RESERVE), NOON)
    else:
        floor.check(moved(Verb.RESERVE), NOON)
