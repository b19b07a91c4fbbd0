"""The watch list: who puts on it and takes off it, and what meets it."""

import hashlib
from datetime import UTC, datetime

import msgspec
import pytest
from declarations import BUYER_ID, exported, imported

from coldport.errors import NotFoundError, RefusedError
from control.inspection.watch import watchlist as module
from control.inspection.watch.acts import Watched, WatchPut, WatchTaken
from control.inspection.watch.watchlist import WatchList, WatchState

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
WHO = {"reason": "found twice", "at": NOON, "by": "li", "approved_by": "wu"}


def put(watched: Watched, value: str, name: str = "w1", **more) -> WatchPut:
    return WatchPut(name=name, watched=watched, value=value, **(WHO | more))


def taken(name: str = "w1", **more) -> WatchTaken:
    return WatchTaken(name=name, **(WHO | more))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def do(watch: WatchList, *acts) -> None:
    for act in acts:
        watch.check(act)
        watch.take(act)


def fields(documents) -> list:
    return [part for document in documents.values() for part in (document.head, *document.lines)]


@pytest.fixture
def watch() -> WatchList:
    return WatchList()


@pytest.mark.parametrize(
    ("watched", "value"),
    [
        (Watched.PARCEL, "L1"),
        (Watched.ENTERPRISE, "4301960002"),
        (Watched.PLATFORM, "4301960001"),
        (Watched.CARRIER, "4301960003"),
        (Watched.AGENT, "4301960004"),
        (Watched.PERSON, digest(BUYER_ID)),
        (Watched.PHONE, digest("13800000000")),
        (Watched.COUNTRY, "116"),
        (Watched.GOODS, "2106"),
        (Watched.GOODS, "2106909090"),
    ],
)
def test_what_is_watched_is_met_wherever_it_is_declared(watch, watched, value):
    assert watch.met(fields(imported())) is None
    do(watch, put(watched, value))
    assert watch.met(fields(imported())) == "w1"
    do(watch, taken())
    assert watch.met(fields(imported())) is None


def test_goods_are_met_by_the_beginning_of_their_code_and_not_by_another_part_of_it(watch):
    do(watch, put(Watched.GOODS, "0690"))
    assert watch.met(fields(imported())) is None


def test_what_is_watched_as_one_thing_is_not_met_as_another(watch):
    do(watch, put(Watched.ENTERPRISE, "4301960001"))  # the platform's code
    assert watch.met(fields(exported())) is None


@pytest.mark.parametrize("second", ["li", " LI "])
@pytest.mark.parametrize("act", [put(Watched.PARCEL, "L1"), taken()])
def test_nobody_puts_on_it_or_takes_off_it_alone(watch, act, second):
    with pytest.raises(RefusedError, match="two different people"):
        watch.check(msgspec.structs.replace(act, approved_by=second))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (put(Watched.PERSON, BUYER_ID, "w2"), "never by the number itself"),
        (put(Watched.PHONE, "13800000000", "w2"), "never by the number itself"),
        (put(Watched.GOODS, "21", "w2"), "four to ten digits"),
        (put(Watched.PARCEL, "L2"), "is on the watch list already"),
        (put(Watched.PARCEL, "L1", "w2"), "entry 'w1' watches that already"),
    ],
)
def test_what_is_no_entry_is_refused(watch, act, said):
    do(watch, put(Watched.PARCEL, "L1"))
    with pytest.raises(RefusedError, match=said):
        watch.check(act)


def test_what_is_not_on_it_is_not_taken_off_it(watch):
    with pytest.raises(NotFoundError):
        watch.check(taken())


def test_the_list_has_an_end(watch, monkeypatch):
    monkeypatch.setattr(module, "ENTRY_LIMIT", 1)
    do(watch, put(Watched.PARCEL, "L1"))
    with pytest.raises(RefusedError, match="already"):
        watch.check(put(Watched.PARCEL, "L2", "w2"))


def test_a_snapshot_goes_on_where_it_was_taken(watch):
    do(watch, put(Watched.PARCEL, "L1"))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(watch.state), type=WatchState)
    assert WatchList(kept).met(fields(imported())) == "w1"
