"""Canad instances are read as they are published, and what is none is refused with its line."""

from pathlib import Path

import pytest

from routing.fixed_charge_file import Arc, Commodity, FixedChargeFileError, read_fixed_charge

CANAD = Path(__file__).parents[4] / "shared/data/routing/canad"
SMALL = " NAME\n 3 2 1\n 1 2 10 50 7 1 1\n 2 3 4 60 8 1 2\n 1 3 5\n"


@pytest.mark.skipif(not CANAD.is_dir(), reason="the public instances are not beside the repository")
@pytest.mark.parametrize(
    ("name", "nodes", "arcs", "commodities"),
    [
        ("c33", 20, 228, 39),
        ("c35", 20, 230, 40),
        ("c41", 20, 288, 40),
        ("c43", 20, 294, 40),
        ("r04.1", 10, 60, 10),
    ],
)
def test_the_published_instances_have_the_sizes_they_say(name, nodes, arcs, commodities) -> None:
    made = read_fixed_charge(CANAD / f"{name}.dow")

    assert (made.name, made.nodes, len(made.arcs), len(made.commodities)) == (name, nodes, arcs, commodities)
    assert all(arc.capacity > 0 and arc.opening_cost > 0 for arc in made.arcs)
    assert len({(arc.origin, arc.destination) for arc in made.arcs}) == arcs


def test_a_line_is_an_arc_or_a_commodity_with_its_nodes_counted_from_nought(tmp_path: Path) -> None:
    (tmp_path / "small.dow").write_text(SMALL, encoding="ascii")
    made = read_fixed_charge(tmp_path / "small.dow")

    assert made.arcs == (Arc(0, 1, 10, 50, 7), Arc(1, 2, 4, 60, 8))
    assert made.commodities == (Commodity(0, 2, 5),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SMALL, "", "is empty"),
        (" 3 2 1\n", " 3 2\n", ":2: expected 3 whole numbers"),
        (" 3 2 1\n", " 3 2 2\n", "has 3 lines, expected 2 arcs and 2 commodities"),
        (" 1 2 10", " 1 4 10", ":3: 1 to 4, expected two of 3 nodes"),
        (" 1 2 10", " 1 1 10", ":3: 1 to 1, expected two of 3 nodes"),
        (" 1 2 10", " 1 2 x", ":3: expected whole numbers"),
        (" 1 3 5", " 1 3 -5", ":5: expected 3 whole numbers, none below 0"),
        ("NAME", "N\u00e4ME", "is not ASCII"),
    ],
)
def test_what_is_no_such_instance_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "bad.dow").write_text(SMALL.replace(old, new), encoding="utf-8")

    with pytest.raises(FixedChargeFileError, match=r"bad\.dow") as refused:
        read_fixed_charge(tmp_path / "bad.dow")
    assert said in str(refused.value)


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FixedChargeFileError, match="cannot be read"):
        read_fixed_charge(tmp_path / "none.dow")
