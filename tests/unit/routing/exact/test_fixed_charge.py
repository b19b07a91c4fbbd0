"""Public instances of fixed-charge design: proved to their known optima, and priced apart from the programs."""

from pathlib import Path

import pytest

from coldport.clock import SystemClock
from routing.fixed_charge import heuristic, price, prove
from routing.fixed_charge_file import Arc, Commodity, FixedCharge, read_fixed_charge

CANAD = Path(__file__).parents[5] / "shared/data/routing/canad"
public = pytest.mark.skipif(not CANAD.is_dir(), reason="no ../shared/data/routing/canad")

TWO_WAYS = FixedCharge(
    name="two-ways",
    nodes=3,
    arcs=(Arc(0, 2, 1, 10, 100), Arc(0, 1, 1, 10, 20), Arc(1, 2, 1, 10, 20)),
    commodities=(Commodity(0, 2, 8),),
)


def test_the_cheaper_way_is_opened() -> None:
    proof = prove(TWO_WAYS, 5.0)

    assert proof is not None
    assert proof.flows == ((0.0, 8.0, 8.0),)
    assert price(TWO_WAYS, proof.flows) == proof.cost == 56
    assert proof.bound == pytest.approx(56)


@pytest.mark.parametrize(
    ("flow", "said"),
    [((8.0, 8.0, 8.0), "does not go whole"), ((-1.0, 9.0, 9.0), "goes from"), ((0.0, 7.0, 7.0), "does not go whole")],
)
def test_flows_that_are_none_have_no_price(flow: tuple[float, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        price(TWO_WAYS, (flow,))


def test_more_than_an_arc_has_room_for_has_no_price() -> None:
    both = FixedCharge("both", 3, TWO_WAYS.arcs, (Commodity(0, 2, 8), Commodity(0, 2, 4)))

    with pytest.raises(ValueError, match="room is for 10"):
        price(both, ((0.0, 8.0, 8.0), (0.0, 4.0, 4.0)))


def test_what_cannot_be_carried_has_no_design() -> None:
    too_much = FixedCharge("too-much", 3, TWO_WAYS.arcs, (Commodity(0, 2, 21),))

    assert prove(too_much, 5.0) is None
    assert heuristic(too_much, 1.0, SystemClock()) is None


@public
@pytest.mark.parametrize(
    ("name", "optimum"),
    [
        ("r04.1", 31_730),
        pytest.param("c33", 423_848, marks=pytest.mark.slow),
        pytest.param("c41", 429_398, marks=pytest.mark.slow),
    ],
)
def test_a_public_instance_is_proved_to_its_known_optimum(name: str, optimum: int) -> None:
    instance = read_fixed_charge(CANAD / f"{name}.dow")
    proof = prove(instance, 60.0)

    assert proof is not None
    assert proof.bound is not None
    assert price(instance, proof.flows) == pytest.approx(optimum, rel=1e-6)
    assert proof.bound == pytest.approx(optimum, rel=2e-6)


class CountingClock(SystemClock):
    """Says that a second has passed at every look, so that a heuristic takes as many steps on every machine."""

    def __init__(self) -> None:
        self.looks = 0

    def monotonic_s(self) -> float:
        self.looks += 1
        return float(self.looks)


@public
@pytest.mark.slow
def test_the_heuristic_alone_comes_near_a_known_optimum_and_never_below_it() -> None:
    instance = read_fixed_charge(CANAD / "c33.dow")
    found = heuristic(instance, 24.0, CountingClock())

    assert found is not None
    assert found.bound is None
    assert 423_848 * (1 - 1e-6) <= price(instance, found.flows) <= 423_848 * 1.005
