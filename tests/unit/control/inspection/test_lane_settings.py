"""`inspection.toml`: what is wrong with it is named by file, line and key; and the words of what it makes."""

from pathlib import Path
from string import Formatter

import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from control.inspection.lane.texts import catalogue, said
from control.inspection.lane.verdict import Verdict, Why, reason
from control.inspection_settings import check, load_inspection

EXAMPLE = Path(__file__).parents[4] / "config" / "sites" / "xiangtan"


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("site.toml", "inspection.toml"):
        (tmp_path / name).write_text((EXAMPLE / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> list[str]:
    path = folder / "inspection.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [f"{one.key}: {one.message}" for one in check(folder)]


def test_the_example_site_has_two_lanes_without_a_problem() -> None:
    assert check(EXAMPLE) == []
    assert [lane.id for lane in load_inspection(EXAMPLE, load_site(EXAMPLE)).lanes] == ["lane-1", "lane-2"]


def test_a_site_without_the_file_inspects_nothing(folder) -> None:
    (folder / "inspection.toml").unlink()
    assert load_inspection(folder, load_site(folder)) is None
    assert check(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('gate = "lane-1-gate"', 'gate = "x"', "lanes[0].gate: no point 'x' in site.toml"),
        ('gate = "lane-1-gate"', 'gate = "lane-1-red"', "lanes[0].gate: 'lane-1-red' is of lamp, not of tags"),
        ('zone = "lane-1"', 'zone = "x"', "lanes[0].zone: no zone 'x' in site.toml"),
        ('id = "lane-2"', 'id = "lane-1"', "lanes[1].id: 'lane lane-1' is named twice"),
        ('scale = "lane-2-scale"', 'scale = "lane-1-scale"', "lanes[1].scale: 'lane-1-scale' is named twice"),
        ("gate_before_s = [2, 12]", "gate_before_s = [12, 2]", "lanes[0].gate_before_s: the first must not be more"),
        ("apart_s = 12", "apart_s = 10", "lanes[0].gate_before_s: a window of 10 s is not shorter than apart_s, 10 s"),
        ("hold = 0, ", "", "lanes[0].outputs.ways: the way of hold must be named"),
        ("release = 1", "release = 0", "lanes[0].outputs.ways: release and hold must not go the same way"),
        ("e_kg = 0.005", "e_kg = 60", "lanes[0].scale_type.e_kg: must be less than max_kg"),
        ("rounds = 3", 'rounds = 3\ntoo_warm = "release"', "too_warm: must be inspect or hold"),
        ("recheck_share = 0.10", "recheck_share = 0.01", "weight: the band to weigh again must not be narrower"),
        ("rounds = 3", "round = 3", "round: Object contains unknown field `round`"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(folder, old, new, problem) -> None:
    assert any(one.startswith(problem) for one in changed(folder, old, new)), changed(folder, new, new)


def test_a_broken_file_stops_the_process(folder) -> None:
    changed(folder, 'zone = "lane-1"', 'zone = "x"')
    with pytest.raises(SiteFileError, match=r"inspection.toml:\d+: lanes\[0\].zone"):
        load_inspection(folder, load_site(folder))


def test_every_verdict_and_reason_has_words_in_both_languages_with_the_same_values() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert set(zh.why) == set(en.why) == set(Why)
    assert set(zh.verdict) == set(en.verdict) == set(Verdict)
    for why in Why:
        assert values_of(zh.why[why]) == values_of(en.why[why])


def test_a_reason_is_said_with_its_values_and_a_missing_one_is_a_question_mark() -> None:
    words = catalogue("en")
    assert said(reason(Why.WENT_ROUND, rounds=3), words) == "went round 3 times"
    assert said(reason(Why.WENT_ROUND), words) == "went round ? times"


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
