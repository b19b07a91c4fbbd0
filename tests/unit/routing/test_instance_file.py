"""Instances and plans survive a file, and what is wrong with one is said with its path."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from routing_samples.by_hand import cheapest
from routing_samples.tiny import HOUR, consignment, instance, instances, node, offer, service

from routing import instance_file
from routing.instance_check import SHOWN, problems
from routing.instance_file import PlanningFileError, read_instance, read_plan, write
from routing.model import Band, Connection, Instance, Lock, Mode, Step, Storage, Window

SOUND = instance([node("a"), node("b")], [service("s1", "a", "b", 10, 15)], [consignment("k", "a", "b")])


@given(instances())
@settings(max_examples=40, deadline=None)
def test_an_instance_and_its_plan_come_back_from_a_file_as_they_were(tmp_path_factory, made: Instance) -> None:
    folder = tmp_path_factory.mktemp("files")
    plan = cheapest(made)
    for ending in ("json", "json.gz"):
        write(folder / f"instance.{ending}", made)
        write(folder / f"plan.{ending}", plan)
        assert read_instance(folder / f"instance.{ending}") == made
        assert read_plan(folder / f"plan.{ending}") == plan


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.json.gz", "two.json.gz"):
        write(tmp_path / name, SOUND)

    assert (tmp_path / "one.json.gz").read_bytes() == (tmp_path / "two.json.gz").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.json", b'{"id": "a"', "truncated"),
        ("wrong.json", b'{"id": "A B"}', "$.id"),
        ("latin.json", b'{"id": "\xff"}', "codec can't decode"),
        ("plain.json.gz", b"{}", "not packed by gzip"),
        ("cut.json.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "not packed by gzip"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(PlanningFileError, match=name) as refused:
        read_instance(tmp_path / name)
    assert said in str(refused.value)


def test_a_file_that_is_missing_or_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PlanningFileError, match="cannot be read: No such file"):
        read_plan(tmp_path / "none.json")
    with pytest.raises(PlanningFileError, match="cannot be written: No such file"):
        write(tmp_path / "none" / "none.json", SOUND)


def test_a_file_has_a_limit_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "sound.json.gz", SOUND)
    size = len(msgspec.json.encode(SOUND)) + 1
    monkeypatch.setattr(instance_file, "FILE_LIMIT", size)
    assert read_instance(tmp_path / "sound.json.gz") == SOUND
    monkeypatch.setattr(instance_file, "FILE_LIMIT", size - 1)
    with pytest.raises(PlanningFileError, match=f"more than {size - 1} bytes"):
        read_instance(tmp_path / "sound.json.gz")


def test_an_instance_with_problems_is_refused_with_all_of_them(tmp_path: Path) -> None:
    tree = json.loads(msgspec.json.encode(SOUND))
    tree["services"][0]["origin"] = "nowhere"
    tree["consignments"][0]["due_s"] = 0
    tree["consignments"][0]["ready_s"] = 1
    (tmp_path / "bad.json").write_text(json.dumps(tree), encoding="utf-8")

    with pytest.raises(PlanningFileError) as refused:
        read_instance(tmp_path / "bad.json")
    assert [line.partition("bad.json: ")[2].partition(":")[0] for line in str(refused.value).splitlines()] == [
        "$.services[0].origin",
        "$.consignments[0].due_s",
    ]


def with_node(**given) -> Instance:
    return replace(SOUND, nodes=(node("a", **given), node("b")))


def with_service(**given) -> Instance:
    return replace(SOUND, services=(replace(SOUND.services[0], **given),))


def with_goods(**given) -> Instance:
    return replace(SOUND, consignments=(replace(SOUND.consignments[0], **given),))


def with_lock(**given) -> Instance:
    return replace(SOUND, locks=(Lock(**given),))


STORE = Storage(band=Band.CHILLED, fen_per_m3_day=1)
CHANGE = Connection(arriving=Mode.AIR, leaving=Mode.ROAD, least_s=1)
STEPS = (Step(units=2, unit_fen=1), Step(units=2, unit_fen=2))

WRONG = [
    (replace(SOUND, nodes=(*SOUND.nodes, node("a"))), "$.nodes: a is named 2 times"),
    (replace(SOUND, services=SOUND.services * 2), "$.services: s1 is named 2 times"),
    (replace(SOUND, consignments=SOUND.consignments * 2), "$.consignments: k is named 2 times"),
    (with_node(open=(Window(from_s=5, to_s=5),)), "$.nodes[0].open[0]: closes at 5 s"),
    (
        with_node(open=(Window(from_s=0, to_s=5), Window(from_s=5, to_s=9))),
        "$.nodes[0].open[1]: opens at 5 s",
    ),
    (with_node(storage=(STORE, STORE)), "$.nodes[0].storage: chilled is named 2 times"),
    (with_node(connections=(CHANGE, CHANGE)), "$.nodes[0].connections: air to road is named 2 times"),
    (with_service(destination="x"), "$.services[0].destination: there is no x"),
    (with_service(destination="a"), "$.services[0].destination: goes from a to itself"),
    (with_service(arrives_s=10 * HOUR), "$.services[0].arrives_s: arrives at"),
    (with_service(gate_in_s=10 * HOUR + 1), "$.services[0].gate_in_s: is at 36001 s, after the departure"),
    (with_service(booking_s=10 * HOUR + 1), "$.services[0].booking_s"),
    (with_service(documents_s=10 * HOUR + 1), "$.services[0].documents_s"),
    (with_service(customs_s=10 * HOUR + 1), "$.services[0].customs_s"),
    (with_service(delay_s=(1, 2)), "$.services[0].delay_s"),
    (with_service(delay_s=(1, 0, *range(9))), "$.services[0].delay_s"),
    (with_service(offers=(offer(), offer())), "$.services[0].offers: box is named 2 times"),
    (with_service(offers=(offer(min_take=4),)), "$.services[0].offers[0].min_take: 4 units, it has 3"),
    (with_service(offers=(offer(steps=STEPS),)), "$.services[0].offers[0].steps: 2 is named 2 times"),
    (with_goods(origin="x"), "$.consignments[0].origin: there is no x"),
    (with_goods(destination="a"), "$.consignments[0].destination: goes from a to itself"),
    (with_goods(latest_s=49 * HOUR), "$.consignments[0].due_s: is ready at 0 s"),
    (with_goods(splittable=True), "$.consignments[0].least_part_g: 0 g"),
    (
        with_goods(forced_modes=(Mode.SEA,), forbidden_modes=(Mode.SEA,)),
        "$.consignments[0].forced_modes: sea is forced and forbidden",
    ),
    (with_lock(consignment="k"), "$.locks[0]: needs exactly one"),
    (with_lock(consignment="k", use="s1", modes=(Mode.SEA,)), "$.locks[0]: needs exactly one"),
    (with_lock(use="s1"), "$.locks[0].consignment: is missing"),
    (with_lock(consignment="x", use="s1"), "$.locks[0].consignment: there is no x"),
    (with_lock(consignment="k", path=("s1", "s9")), "$.locks[0].path[1]: there is no s9"),
    (with_lock(units=1), "$.locks[0]: needs service and offer"),
    (with_lock(service="s1", offer="x", units=1), "$.locks[0].offer: s1 has no x"),
    (with_lock(service="s1", offer="box", units=4), "$.locks[0].units: 4 units, there are 3"),
    (with_lock(consignment="k", service="s1", offer="box", units=1), "$.locks[0].consignment: holds units for all"),
]


@pytest.mark.parametrize(("made", "said"), WRONG, ids=[said.partition(" ")[0] for _, said in WRONG])
def test_what_cannot_be_planned_is_said_with_its_path(made: Instance, said: str) -> None:
    found = [str(problem) for problem in problems(made)]

    assert len(found) == 1
    assert found[0].startswith(said)


def test_an_instance_without_anything_to_plan_is_sound() -> None:
    assert problems(replace(SOUND, services=(), consignments=())) == ()


def test_no_more_problems_are_named_than_anybody_reads() -> None:
    goods = [consignment(f"k{number}", "a", "x") for number in range(SHOWN + 1)]

    assert len(problems(replace(SOUND, consignments=tuple(goods)))) == SHOWN
