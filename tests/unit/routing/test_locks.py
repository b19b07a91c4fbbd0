"""Locks that cannot hold are named, and no more of them than it takes."""

import msgspec
from routing_samples.tiny import DAY, consignment, instance, node, offer, service

from routing.locks import conflicts
from routing.model import Instance, Lock, Mode

USE, PATH = Lock(consignment="k", use="train"), Lock(consignment="k", path=("truck", "train"))


def two_ways(*locks: Lock, **given: object) -> Instance:
    far = {"due_s": 5 * DAY, "latest_s": 9 * DAY}
    return instance(
        [node("a"), node("b"), node("c")],
        [
            service("truck", "a", "b", 10, 12),
            service("train", "b", "c", 40, 60, mode=Mode.RAIL, **given),
            service("plane", "b", "c", 40, 45, mode=Mode.AIR),
        ],
        [consignment("k", "a", "c", **far), consignment("m", "a", "c", mass_g=2_500_000, **far)],
        locks=locks,
    )


def test_locks_that_hold_are_no_conflict() -> None:
    assert conflicts(two_ways(USE, PATH, Lock(consignment="m", modes=(Mode.SEA,)))) == ()


def test_parts_of_goods_that_may_be_split_are_locked_on_two_ways() -> None:
    made = two_ways(USE, Lock(consignment="k", use="plane"))
    goods = msgspec.structs.replace(made.consignments[0], splittable=True, least_part_g=1)

    assert conflicts(msgspec.structs.replace(made, consignments=(goods, made.consignments[1]))) == ()


def test_a_leg_and_modes_that_leave_it_out_are_named_and_no_other_lock() -> None:
    modes = Lock(consignment="k", modes=(Mode.ROAD, Mode.AIR))
    (found,) = conflicts(two_ways(Lock(consignment="k", use="truck"), USE, modes))

    assert found.locks == (USE, modes)
    assert str(found) == "k uses train; k goes by road air alone: no chain of services goes so, in time"


def test_two_legs_that_no_chain_has_are_named() -> None:
    other = Lock(consignment="k", use="plane")
    (found,) = conflicts(two_ways(USE, other))

    assert found.locks == (USE, other)


def test_goods_locked_on_a_service_that_holds_less_are_named() -> None:
    both = (USE, Lock(consignment="m", use="train"))
    (found,) = conflicts(two_ways(*both))

    assert found.locks == both
    assert found.reason == "train has no room for so much"


def test_units_locked_beyond_the_plugs_of_a_service_are_named() -> None:
    reefers = (offer("one", plugs=1), offer("two", plugs=1))
    locks = (Lock(service="train", offer="one", units=2), Lock(service="train", offer="two", units=1))
    (found,) = conflicts(two_ways(*locks, offers=reefers, plugs=2))

    assert found.locks == locks
    assert str(found) == "2 units of one on train; 1 units of two on train: train has 2 plugs"
