"""What a bound may count on: offers and rooms large enough for a consignment, or for a part of it."""

import pytest
from routing_samples.tiny import HOUR, consignment, instance, node, offer, service

from routing.draft import draft
from routing.exact.relaxation import relaxation
from routing.model import Band, Consignment, Instance, Storage

STAYS_FEN = 2_000_000


def one_box(count: int, goods: Consignment, **given: object) -> Instance:
    """Return an instance with one service of so many boxes, of four positions each."""
    box = offer(count=count, bands=tuple(Band), plugs=0)
    places = [node("a", **given), node("b", storage=(Storage(band=Band.CHILLED, fen_per_m3_day=0),))]
    return instance(places, [service("only", "a", "b", 10, 20, offers=(box,))], [goods])


def stays(made: Instance) -> bool:
    """Return whether the relaxation knows that nothing goes."""
    under_way = draft(made)
    bound = relaxation(under_way.network, under_way.problem, STAYS_FEN, lambda: True, rounds=20)
    assert bound is not None
    return bound > 0.99 * STAYS_FEN


@pytest.mark.parametrize(("pallets", "stay"), [(8, False), (9, True)])
def test_goods_that_need_more_units_than_there_are_stay(pallets: int, stay: bool) -> None:
    assert stays(one_box(2, consignment("goods", "a", "b", pallets=pallets))) is stay


@pytest.mark.parametrize(("pallets", "stay"), [(16, False), (17, True)])
def test_goods_in_two_parts_stay_when_no_offer_takes_the_larger_one(pallets: int, stay: bool) -> None:
    goods = consignment("goods", "a", "b", pallets=pallets, splittable=True, least_part_g=350_000)

    assert stays(one_box(2, goods)) is stay


@pytest.mark.parametrize(("litres", "stay"), [(3_000, False), (3_001, True)])
def test_goods_that_find_no_room_at_their_origin_stay_whatever_else_waits_there(litres: int, stay: bool) -> None:
    goods = consignment("goods", "a", "b", litres=litres, band=Band.CHILLED)
    room = Storage(band=Band.CHILLED, fen_per_m3_day=0, litres=3_000)

    assert stays(one_box(3, goods, storage=(room,))) is stay


def test_goods_that_leave_at_once_need_no_room() -> None:
    goods = consignment("goods", "a", "b", litres=4_000, band=Band.CHILLED, ready_s=10 * HOUR)
    room = Storage(band=Band.CHILLED, fen_per_m3_day=0, litres=3_000)

    assert not stays(one_box(3, goods, storage=(room,)))


@pytest.mark.parametrize(("budget_h", "stay"), [(10, False), (9, True)])
def test_goods_that_every_way_exposes_for_too_long_stay(budget_h: int, stay: bool) -> None:
    goods = consignment("goods", "a", "b", band=Band.CHILLED, exposure_s=budget_h * HOUR, value_fen=10_000)

    assert stays(one_box(3, goods)) is stay
