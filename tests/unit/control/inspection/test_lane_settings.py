"""`inspection.toml`: what is wrong with it is named by file, line and key; and the words of what it makes."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from coldport.errors import RefusedError
from coldport.settings import SiteFileError
from coldport.site import load_site
from control.inspection.bonded.acts import QuotaReserved
from control.inspection.floor import Floor
from control.inspection.gate.acts import Answer, PassAnswered, PassDrawn, PassKind, VehicleWeighed
from control.inspection.gate.weighbridge import Masses
from control.inspection.lane.texts import catalogue, said
from control.inspection.lane.verdict import Verdict, Why, reason
from control.inspection_settings import check, load_inspection

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
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
        (
            "[weight]",
            "[gate.band]\nsoft_kg = 200\n[weight]",
            "gate.band: the hard limit must not be narrower than the soft one",
        ),
        (
            "[weight]",
            "[gate.weighbridge]\nerrors_kg = [[9, 1], [5, 2]]\n[weight]",
            "gate.weighbridge.errors_kg: the masses must rise",
        ),
        (
            "[weight]",
            '[gate.weighbridge]\nerrors_kg = [[9, 1]]\ncalibrated_on = "2026-02-30"\n[weight]',
            "gate.weighbridge.calibrated_on: '2026-02-30' is no day",
        ),
        (
            "[weight]",
            "[gate.weighbridge]\n[weight]",
            "gate.weighbridge.errors_kg: Object missing required field `errors_kg`",
        ),
        (
            "[weight]",
            '[quota]\nsingle_cny = "5000"\nyear_cny = "100"\n[weight]',
            "quota.year_cny: must not be less than single_cny",
        ),
        (
            "[weight]",
            '[quota]\nsingle_cny = "1"\nyear_cny = "1"\nback_days = 1\n[weight]',
            "quota.back_days: must not be less than ask_days",
        ),
        (
            "[weight]",
            '[quota]\nsingle_cny = "nan"\nyear_cny = "1"\n[weight]',
            "quota.single_cny: must be an amount of 0 or more",
        ),
        ("[weight]", '[[strata]]\nid = "all"\nmodes = ["9610"]\n[weight]', "strata[0].id: 'all' is for the others"),
        ("[weight]", '[[strata]]\nid = "us"\n[weight]', "strata[0]: names neither enterprises nor countries nor modes"),
        ("[weight]", '[[cold]]\ncodes = ["x"]\ndwell_s = 1\n[weight]', "cold[0].codes[0]: "),
        ("rounds = 3", "round = 3", "round: Object contains unknown field `round`"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(folder, old, new, problem) -> None:
    assert any(one.startswith(problem) for one in changed(folder, old, new)), changed(folder, new, new)


def test_a_broken_file_stops_the_process(folder) -> None:
    changed(folder, 'zone = "lane-1"', 'zone = "x"')
    with pytest.raises(SiteFileError, match=r"inspection.toml:\d+: lanes\[0\].zone"):
        load_inspection(folder, load_site(folder))


def test_a_site_may_set_its_gate_and_its_buyers_limits_and_have_no_lanes(folder) -> None:
    text = (
        "[gate.band]\nsoft_kg = 10\nhard_kg = 20\n[gate.weighbridge]\nerrors_kg = [[40000, 20], [80000, 40]]\n"
        '[quota]\nsingle_cny = "1000"\nyear_cny = "2000"\nask_days = 10\nback_days = 20\n'
    )
    (folder / "inspection.toml").write_text(text, encoding="utf-8")
    site = load_site(folder)
    floor = Floor(site, load_inspection(folder, site))
    assert floor.lanes is None
    masses = Masses(vehicle_kg=1.0)
    who = {"at": NOON, "by": "li"}
    for act in (
        PassDrawn(number="Z1", kind=PassKind.EMPTY, inbound=True, plate="湘A12345", masses=masses, **who),
        PassAnswered(number="Z1", answer=Answer.APPROVED, at=NOON),
        VehicleWeighed(number="Z1", plate="湘A12345", collected_kg=31.0, at=NOON),
    ):
        floor.check(act, NOON)
        follows = floor.apply(act, NOON)
    assert (follows[0].comparison.soft_kg, follows[0].comparison.hard_kg) == (30.0, 40.0)
    over = QuotaReserved(buyer="0" * 64, order="o", amount_cny=Decimal(2001), items=1, **who)
    with pytest.raises(RefusedError, match="2000 CNY are left"):
        floor.check(over, NOON)


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
