"""Generated demand has the shape it is said to have, is the same for the same seed, and can be planned."""

from pathlib import Path
from time import process_time

import pytest

from routing.departures import nodes
from routing.generate import CONSIGNMENT_LIMIT, LATEST_AFTER_DUE_D, generate
from routing.instance_check import problems
from routing.model import Band, Instance
from routing.network_folder import load_network

XIANGTAN = Path(__file__).parents[3] / "config/networks/xiangtan"


@pytest.fixture(scope="module")
def network():
    return load_network(XIANGTAN)


@pytest.fixture(scope="module")
def thousand(network) -> Instance:
    return generate(network, 1_000, 1)


@pytest.mark.parametrize("number", [0, 1, 10, 100, 1_000])
def test_an_instance_has_as_many_consignments_as_asked_for_and_no_problem(network, number: int) -> None:
    made = generate(network, number, 1)

    assert len(made.consignments) == number
    assert problems(made) == ()


def test_the_same_seed_is_the_same_instance_and_another_is_another(network) -> None:
    assert generate(network, 50, 7) == generate(network, 50, 7)
    assert generate(network, 50, 7).consignments != generate(network, 50, 8).consignments


def test_weights_bands_and_volumes_have_their_shares(thousand: Instance) -> None:
    goods = thousand.consignments
    heavy = sum(one.mass_g >= 6_000_000 for one in goods)
    light = sum(one.mass_g <= 800_000 for one in goods)

    assert 70 <= heavy <= 130
    assert 500 <= light <= 650  # half of all, and some of those of 0.3 to 3 t
    assert 200 <= sum(one.band is Band.CHILLED for one in goods) <= 300
    assert 30 <= sum(one.band is Band.FROZEN for one in goods) <= 75
    assert all(3.49 <= one.litres * 1_000 / one.mass_g <= 7.51 for one in goods)


def test_latest_is_a_fortnight_after_due_and_staying_costs_by_the_tonne(thousand: Instance) -> None:
    for one in thousand.consignments:
        assert one.latest_s - one.due_s == LATEST_AFTER_DUE_D * 86_400
        assert one.unplanned_fen == 2_000_000 + 7_500 * one.mass_g // 1_000


def test_only_what_spoils_has_a_shelf_life_and_an_exposure(thousand: Instance) -> None:
    for one in thousand.consignments:
        if one.band is Band.AMBIENT:
            assert one.shelf_life_s is None
            assert one.exposure_s is None
        else:
            assert one.shelf_life_s > one.shelf_life_left_s > 0
    assert {one.load_class for one in thousand.consignments} == {None, "tea", "fish", "fruit"}
    assert any(one.splittable for one in thousand.consignments)


def test_above_a_thousand_goods_are_lighter_and_the_network_grows(network, thousand: Instance) -> None:
    large = generate(network, 4_000, 1)
    mass, mass_large = (sum(one.mass_g for one in made.consignments) for made in (thousand, large))
    units, units_large = (
        sum(offer.count for service in made.services for offer in service.offers) for made in (thousand, large)
    )

    assert mass_large / mass == pytest.approx(4 * 0.6, rel=0.15)  # one in ten has half of the weight
    assert units_large / units == pytest.approx(2, rel=0.02)
    assert len(large.services) == len(thousand.services)
    assert nodes(network)[8].plugs * 2 == large.nodes[8].plugs
    assert generate(network, 1_001, 1).services == thousand.services


def test_ten_thousand_take_less_than_two_seconds(network) -> None:
    began = process_time()
    generate(network, 10_000, 1)

    assert process_time() - began < 2


@pytest.mark.parametrize("number", [-1, CONSIGNMENT_LIMIT + 1])
def test_a_number_outside_the_limits_is_refused(network, number: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to"):
        generate(network, number, 1)
