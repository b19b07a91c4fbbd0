"""Limit profiles: those shipped can be used as they are, a site's own win, a reference that leads nowhere is named."""

from pathlib import Path

import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from control.alarms.definition import Kind
from control.alarms.profile import SITE_RULE, find
from control.limits import SHIPPED, load_profiles
from control.settings import check, load_alarms

STANDARDS = ("GB/T 24616-2019: ", "GB/T 30375-2013: ", "ATP: ", "USP ", "WHO, ", "UC Davis, ")
"""Whose text was read; every other source must say that it is a rule of the site."""

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"
[[zones]]
id = "c1"
name = { zh = "库", en = "Room" }
zone_class = "chilled"
points = [
  { id = "c1-temperature", quantity = "temperature", every_s = 1 },
  { id = "c1-humidity", quantity = "humidity", every_s = 1 },
]
"""

ALARM = """
[[alarms]]
id = "hi"
version = 1
name = { zh = "高", en = "High" }
zones = ["c1"]
profile = "drug-2-8@1/warm"
severity = "serious"
time_to_respond_s = 1800
owner = "quality"
consequence = { zh = "坏", en = "bad" }
action = { zh = "做", en = "do" }
"""

PROFILE = """
id = "drug-2-8"
version = 1
name = { zh = "药", en = "Drugs" }
[[limits]]
id = "warm"
kind = "HI"
quantity = "temperature"
limit = 7.0
unit = "°C"
source = "Site rule: a kelvin less"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "alarms.toml").write_text(ALARM, encoding="utf-8")
    return tmp_path


@pytest.fixture
def own(folder):
    """Write a limit profile of the site."""

    def write(text, name="drug.toml"):
        (folder / "limits").mkdir(exist_ok=True)
        (folder / "limits" / name).write_text(text, encoding="utf-8")
        return folder

    return write


def test_every_profile_shipped_says_whose_rule_each_limit_is(folder):
    for profile in load_profiles(folder).values():
        for limit in profile.limits:
            assert limit.source.startswith((SITE_RULE, *STANDARDS)), (profile.id, limit.id)


def test_every_limit_shipped_makes_a_definition_without_fault(folder):
    limits = [
        (f"{name}@{version}/{limit.id}", limit)
        for (name, version), profile in load_profiles(folder).items()
        for limit in profile.limits
    ]
    text = "".join(
        ALARM.replace("drug-2-8@1/warm", reference).replace('"hi"', f'"a-{index}"')
        for index, (reference, _) in enumerate(limits)
    )
    (folder / "alarms.toml").write_text(text, encoding="utf-8")
    definitions = load_alarms(folder, load_site(folder)).alarms
    taken = [(one.profile, one.kind, one.limit, one.unit, one.source) for one in definitions]
    assert taken == [(name, limit.kind, limit.limit, limit.unit, limit.source) for name, limit in limits]


def test_no_profile_shipped_means_kinetic_temperature_for_frozen_goods(folder):
    for profile in load_profiles(folder).values():
        kinds = {limit.kind for limit in profile.limits}
        assert Kind.MKT not in kinds or all(limit.limit > -10 for limit in profile.limits)


def test_each_file_is_named_after_its_profile(folder):
    names = {path.stem for path in SHIPPED.glob("*.toml")}
    assert names == {name for name, _ in load_profiles(folder)}


def test_a_definition_takes_limit_source_and_delays_and_may_say_a_delay_itself(folder):
    site = load_site(folder)
    (definition,) = load_alarms(folder, site).alarms
    assert (definition.limit, definition.on_delay_s) == (8.0, 900)
    assert definition.source == "Site rule: 2 to 8 °C on the label"
    (folder / "alarms.toml").write_text(ALARM + "on_delay_s = 60\n", encoding="utf-8")
    (definition,) = load_alarms(folder, site).alarms
    assert (definition.limit, definition.on_delay_s, definition.deadband) == (8.0, 60, 0.5)


def test_a_profile_of_the_site_wins_over_one_shipped(own):
    folder = own(PROFILE)
    (definition,) = load_alarms(folder, load_site(folder)).alarms
    assert definition.limit == 7.0


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("drug-2-8@1/warm", "drug-2-8", 7, "alarms[0].profile", "is not NAME@VERSION/LIMIT"),
        ("drug-2-8@1/warm", "drug-2-8@7/warm", 7, "alarms[0].profile", "there is version 1"),
        ("drug-2-8@1/warm", "nothing@1/warm", 7, "alarms[0].profile", "there is none of that name"),
        ("drug-2-8@1/warm", "drug-2-8@1/hot", 7, "alarms[0].profile", "it has warm, too-warm, cold"),
        ('owner = "quality"', 'owner = "quality"\nlimit = 9.0', 11, "alarms[0].limit", "comes from the profile"),
        ('profile = "drug-2-8@1/warm"', "profile = 3", 7, "alarms[0].profile", "Expected `str | null`"),
        ('profile = "drug-2-8@1/warm"', "", 0, "alarms[0].kind", "missing required field `kind`"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named_by_file_line_and_key(folder, old, new, line, key, message):
    (folder / "alarms.toml").write_text(ALARM.replace(old, new, 1), encoding="utf-8")
    problem = check(folder)[0]
    assert (Path(problem.file).name, problem.key) == ("alarms.toml", key)
    assert message in problem.message
    assert line in (0, problem.line)


LIMIT = PROFILE[PROFILE.index("[[limits]]") :]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PROFILE.replace('kind = "HI"', 'kind = "HIGH"'), "Invalid enum value"),
        (PROFILE.replace("limit = 7.0", "limit = 7.0\ncolour = 1"), "unknown field"),
        (PROFILE + LIMIT, "'warm' is named twice"),
    ],
)
def test_a_broken_profile_is_a_problem_of_its_file(own, text, message):
    problems = check(own(text))
    assert any(Path(problem.file).name == "drug.toml" and message in problem.message for problem in problems)


def test_the_same_version_in_two_files_is_a_problem(own):
    own(PROFILE)
    problems = check(own(PROFILE, "other.toml"))
    assert any("is in another file too" in problem.message for problem in problems)


def test_more_profiles_than_the_limit_are_refused(own, monkeypatch):
    monkeypatch.setattr("control.limits.PROFILE_LIMIT", 20)
    folder = own(PROFILE)
    for number in range(2, 23):
        own(PROFILE.replace("version = 1", f"version = {number}"), f"{number}.toml")
    with pytest.raises(SiteFileError, match="more than 20 limit profiles"):
        load_profiles(folder)


def test_alarms_that_are_no_list_are_said_as_such(folder):
    (folder / "alarms.toml").write_text("alarms = 3\n", encoding="utf-8")
    assert "Expected `array`" in check(folder)[0].message


def test_a_version_is_found_beside_another(own):
    folder = own(PROFILE.replace("version = 1", "version = 2"))
    found = find("drug-2-8@2/warm", load_profiles(folder))
    assert not isinstance(found, str)
    assert found.limit == 7.0
