"""What the floor tells a lane of a parcel: cold goods, the watch list, the stratum of the draw."""

from datetime import timedelta
from decimal import Decimal

import pytest
from declarations import EBC, NOON, changed, declared, exported, imported
from lane_floor import LANE

from coldport.site import ZoneClass
from control.inspection.floor import Floor
from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict, Why
from control.inspection.parcels.acts import ParcelMoved, ParcelReceived
from control.inspection.parcels.rules import Step
from control.inspection.settings import ColdGoods, InspectionFile, StratumRule
from control.inspection.stock.acts import BinSet, StockLotNamed, StockMoved
from control.inspection.stock.rules import Verb
from control.inspection.watch.acts import Watched, WatchPut

WHO = {"at": NOON, "by": "li"}
COLD = (ColdGoods(codes=("0902", "0406"), dwell_s=300), ColdGoods(codes=("09",), dwell_s=900))
STRATA = (
    StratumRule(id="abroad", countries=("502",), modes=("9610",)),
    StratumRule(id="ours", enterprises=(EBC["ebc_code"],)),
)


def floor_of(site, **settings) -> Floor:
    floor = Floor(site, InspectionFile(lanes=(LANE,), **settings))
    for document in (*exported().values(), *imported().values()):
        say(floor, declared(document))
    return floor


def say(floor: Floor, act, at=NOON):
    floor.check(act, at)
    return floor.apply(act, at)


@pytest.fixture
def site(one_room):
    return one_room()


def test_goods_that_the_site_names_are_cold_and_the_least_patient_counts(site):
    facts = floor_of(site, cold=COLD).facts("E1")
    assert (facts.cold, facts.dwell_limit_s, facts.cold_since) == (True, 300, None)
    assert not floor_of(site, cold=COLD[:1]).facts("L1").cold
    assert not floor_of(site).facts("E1").cold


def test_a_parcel_left_the_cold_when_it_was_put_on_the_line(site):
    floor = floor_of(site, cold=COLD)
    say(floor, ParcelReceived(logistics_no="E1", **WHO))
    assert floor.facts("E1").cold_since is None
    later = NOON + timedelta(minutes=20)
    say(floor, ParcelMoved(logistics_no="E1", step=Step.LINE, at=later, by="li"), later)
    assert floor.facts("E1").cold_since == later


@pytest.mark.parametrize(
    ("kept", "cold"), [(ZoneClass.CHILLED, True), (ZoneClass.FROZEN, True), (ZoneClass.TEA, False)]
)
def test_a_bonded_order_is_cold_when_its_goods_are_kept_cold(site, kept, cold):
    floor = floor_of(site)
    owner = EBC["ebc_code"]
    for act in (
        BinSet(bin="a1", zone="c1", temperature_class=kept, capacity=Decimal(9), walk=1, **WHO),
        StockLotNamed(lot="l1", item="tea", unit="011", owner=owner, temperature_class=kept, **WHO),
        StockMoved(
            verb=Verb.ADJUST_UP, lot="l1", quantity=Decimal(2), bin="a1", reason="opening", approved_by="wu", **WHO
        ),
        StockMoved(verb=Verb.RESERVE, lot="l1", quantity=Decimal(1), bin="a1", order="O1", **WHO),
    ):
        say(floor, act)
    facts = floor.facts("L1")
    assert (facts.cold, facts.dwell_limit_s) == (cold, None)


def test_a_parcel_is_of_the_first_stratum_that_fits_it_whole(site):
    floor = floor_of(site, strata=STRATA)
    assert (floor.facts("E1").stratum, floor.facts("L1").stratum) == ("abroad", "ours")
    assert floor.facts("unknown").stratum == "all"
    other = changed(exported(2)["inventory"], trade_mode="1210", ebc_code="4301969999")
    say(floor, declared(other))
    assert floor.facts("E2").stratum == "all"


def test_a_parcel_that_is_watched_is_told_of_and_one_that_was_let_go_is_taken_back(site):
    floor = floor_of(site)
    assert floor.facts("E1").watch is None
    released = Judged(
        id="p.1",
        presentation="p",
        lane="lane-1",
        at=NOON,
        verdict=Verdict.RELEASE,
        reasons=(),
        rules=1,
        logistics_no="E1",
        seen_at=NOON,
    )
    floor.recall(released, NOON)
    entry = {"reason": "found twice", "approved_by": "wu", **WHO}
    (again,) = say(floor, WatchPut(name="w1", watched=Watched.PARCEL, value="E1", **entry))
    assert again.verdict is Verdict.HOLD  # customs has not released it either
    assert Why.WATCHED in [one.why for one in again.reasons]
    assert floor.facts("E1").watch == "w1"
    assert say(floor, WatchPut(name="w2", watched=Watched.GOODS, value="2106", **entry)) == []
    assert floor.facts("L1").watch == "w2"
