"""Chances of a route by its deciles of delay, by hand and against a great many throws of dice."""

import random

import pytest
from routing_samples.by_hand import whole
from routing_samples.tiny import HOUR, consignment, instance, node, service

from routing.model import Window
from routing.pricing import Tables, opens_s
from routing.punctuality import Punctuality, punctuality
from routing.result import Leg

EVEN = tuple(range(0, 11 * HOUR, HOUR))
"""Any delay from nothing to ten hours is as likely as another."""


def chances(slack_h: int = 4, opening: tuple[Window, ...] = (), due_h: int = 50, delay: object = EVEN) -> Punctuality:
    """A truck to b with a delay, and a train on whose gate closes `slack_h` after the truck is due."""
    services = [
        service("truck", "a", "b", 5, 10, delay_s=delay),
        service("train", "b", "c", 20, 40, gate_in_s=(10 + slack_h) * HOUR, delay_s=delay),
    ]
    goods = consignment("k", "a", "c", due_s=due_h * HOUR)
    made = instance([node("a"), node("b", open=opening), node("c")], services, [goods])
    legs = [Leg(service=name, offer="box") for name in ("truck", "train")]
    return punctuality(Tables(made), whole(goods, *legs))


def test_a_connection_is_missed_as_often_as_its_slack_is_exceeded() -> None:
    found = chances(slack_h=4)

    assert found.missed == (pytest.approx(0.6),)
    assert found.kept == pytest.approx(0.4)


def test_goods_that_miss_a_connection_have_no_time_of_arrival() -> None:
    found = chances(slack_h=4)

    assert (found.p50_s, found.p80_s) == (None, None)


def test_half_of_all_are_there_when_five_eighths_of_those_that_made_it_are() -> None:
    found = chances(slack_h=8)

    assert found.kept == pytest.approx(0.8)
    assert found.p50_s == 40 * HOUR + 10 * HOUR * 5 / 8
    assert found.p80_s == 50 * HOUR


def test_a_place_that_is_closed_at_the_cut_off_takes_goods_until_it_closed() -> None:
    found = chances(slack_h=8, opening=(Window(from_s=0, to_s=12 * HOUR), Window(from_s=30 * HOUR, to_s=40 * HOUR)))

    assert found.missed[0] == pytest.approx(0.8, abs=1e-4)


def test_without_deciles_everything_is_on_time() -> None:
    assert chances(slack_h=0, due_h=40, delay=()) == Punctuality((0.0,), 1.0, 40 * HOUR, 40 * HOUR, 1.0)


def test_the_chance_to_be_there_when_due_counts_missed_connections() -> None:
    assert chances(slack_h=8, due_h=45).due == pytest.approx(0.8 * 0.5)


def test_a_delay_that_is_nothing_in_most_cases_misses_no_connection_without_slack() -> None:
    often_on_time = (*[0] * 9, 2 * HOUR, 4 * HOUR)

    assert chances(slack_h=0, delay=often_on_time).missed == (pytest.approx(0.2),)


def test_the_chances_are_those_of_a_hundred_thousand_throws() -> None:
    dice = random.Random(5)
    deciles = (0, 0, HOUR, HOUR, 2 * HOUR, 3 * HOUR, 3 * HOUR, 5 * HOUR, 8 * HOUR, 9 * HOUR, 20 * HOUR)
    opening = (Window(from_s=0, to_s=13 * HOUR), Window(from_s=14 * HOUR, to_s=20 * HOUR))
    found = chances(slack_h=6, opening=opening, due_h=43, delay=deciles)
    made = instance([node("b", open=opening)], [], []).nodes[0]

    def delay() -> float:
        at = dice.random() * 10
        return deciles[int(at)] + (at - int(at)) * (deciles[int(at) + 1] - deciles[int(at)])

    throws = 100_000
    kept, due = 0, 0
    for _ in range(throws):
        handed = opens_s(made, int(10 * HOUR + delay()))
        if handed is not None and handed <= 16 * HOUR:
            kept += 1
            due += 40 * HOUR + delay() <= 43 * HOUR
    assert kept / throws == pytest.approx(found.kept, abs=0.006)
    assert due / throws == pytest.approx(found.due, abs=0.006)
