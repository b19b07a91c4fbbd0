"""Site files of control: what is refused, and where the error says it is."""

from pathlib import Path

import pytest

from coldport.errors import RefusedError
from coldport.site import load_site
from control.alarms.definition import DEFINITION_LIMIT, points_of
from control.settings import Platform, check, load_alarms, load_control, refuse_bare, refuse_foreign

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"

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
  { id = "c1-door", quantity = "door", every_s = 1 },
]
"""

ALARM = """
[[alarms]]
id = "hi"
version = 1
name = { zh = "高", en = "High" }
kind = "HI"
quantity = "temperature"
zones = ["c1"]
limit = 8.0
unit = "°C"
source = "test"
severity = "serious"
time_to_respond_s = 1800
owner = "test"
consequence = { zh = "坏", en = "bad" }
action = { zh = "做", en = "do" }
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "alarms.toml").write_text(ALARM, encoding="utf-8")
    return tmp_path


def test_the_example_site_has_no_problem_and_its_alarms_cover_every_probe_and_door():
    assert check(EXAMPLE) == []
    site = load_site(EXAMPLE)
    watched = {point.id for alarm in load_alarms(EXAMPLE, site).alarms for point in points_of(alarm, site)}
    wanted = {point.id for point in site.points().values() if point.quantity in ("temperature", "door", "mass")}
    assert wanted <= watched


def test_a_site_without_control_toml_gets_the_defaults(folder):
    assert check(folder) == []
    assert (load_control(folder).http.host, load_control(folder).historian.kind) == ("127.0.0.1", "duckdb")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("limit = 8.0", "limit = '8'", 9, "alarms[0].limit", "Expected `float | null`"),
        ("limit = 8.0", "limti = 8.0", 9, "alarms[0].limti", "unknown field `limti`"),
        ("limit = 8.0\n", "", 2, "alarms[0].limit", "a HI alarm needs a limit"),
        ('unit = "°C"', 'unit = "°F"', 10, "alarms[0].unit", "is in '°C'"),
        ('zones = ["c1"]', 'zones = ["c9"]', 8, "alarms[0].zones", "no zone 'c9'"),
        ('zones = ["c1"]', 'points = ["c9"]', 8, "alarms[0].points", "no point 'c9'"),
        ('zones = ["c1"]', 'points = ["c1-door"]', 8, "alarms[0].points", "measures door, not temperature"),
        ('zones = ["c1"]', 'zone_class = "frozen"', 7, "alarms[0].quantity", "selects no point"),
        ('zones = ["c1"]', "", 3, "alarms[0].id", "exactly one of"),
        ('zones = ["c1"]', 'zones = ["c1"]\nzone_class = "chilled"', 8, "alarms[0].zones", "exactly one of"),
        ('kind = "HI"', 'kind = "OPEN"', 9, "alarms[0].limit", "means nothing for a OPEN alarm"),
        ('kind = "HI"', 'kind = "STALE"', 10, "alarms[0].unit", "is in 's'"),
        ('kind = "HI"', 'kind = "HIGH"', 6, "alarms[0].kind", "Invalid enum value 'HIGH'"),
        ('source = "test"', 'source = "test"\ndeadband = -1', 12, "alarms[0].deadband", ">= 0"),
        ('source = "test"', 'source = "test"\non_delay_s = 90000', 12, "alarms[0].on_delay_s", "<= 86400"),
        ('quantity = "temperature"', 'quantity = "tags"', 7, "alarms[0].quantity", "tags come when goods come"),
    ],
)
def test_a_broken_definition_is_named_by_file_line_and_key(folder, old, new, line, key, message):
    (folder / "alarms.toml").write_text(ALARM.replace(old, new, 1), encoding="utf-8")
    problems = check(folder)
    places = [(Path(p.file).name, p.line, p.key) for p in problems]
    assert ("alarms.toml", line, key) in places
    assert message in " ".join(p.message for p in problems)


def test_a_rule_that_would_hide_a_temperature_is_a_problem_with_its_line(folder):
    path = folder / "alarms.toml"
    opened = ALARM.replace('"hi"', '"open"').replace('"HI"', '"OPEN"').replace('"temperature"', '"door"')
    opened = opened.replace("limit = 8.0\n", "").replace('unit = "°C"', 'unit = "s"')
    rule = '\n[[suppressions]]\nid = "r"\ncause = "open"\nsuppresses = ["hi"]\n'
    path.write_text(ALARM + opened + rule, encoding="utf-8")
    [problem] = check(folder)
    text = path.read_text(encoding="utf-8").splitlines()
    assert (text[problem.line - 1], problem.key) == ('suppresses = ["hi"]', "suppressions[0].suppresses")
    assert "the goods do not care" in problem.message


def test_a_definition_named_twice_is_a_problem_at_the_second(folder):
    (folder / "alarms.toml").write_text(ALARM + ALARM, encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.line, problem.key) == (19, "alarms[1].id")


@pytest.mark.parametrize(("count", "problems"), [(DEFINITION_LIMIT, 0), (DEFINITION_LIMIT + 1, 1)])
def test_a_thousand_definitions_are_read_and_one_more_is_refused(folder, count, problems):
    text = "".join(ALARM.replace('id = "hi"', f'id = "hi-{index}"', 1) for index in range(count))
    (folder / "alarms.toml").write_text(text, encoding="utf-8")
    found = check(folder)
    assert len(found) == problems
    assert all(str(DEFINITION_LIMIT) in problem.message for problem in found)


def test_a_missing_alarm_file_is_a_problem(folder):
    (folder / "alarms.toml").unlink()
    (problem,) = check(folder)
    assert problem.file.endswith("alarms.toml")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_addresses_are_served(host):
    refuse_foreign(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_any_other_address_is_refused(host):
    with pytest.raises(RefusedError, match="loopback only"):
        refuse_foreign(host)


def test_a_foreign_host_in_control_toml_is_a_problem_with_its_line(folder):
    (folder / "control.toml").write_text('[http]\nhost = "0.0.0.0"\n', encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.line, problem.key) == (2, "http.host")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "partners.example"])
def test_partners_are_served_at_a_foreign_address_only_with_a_certificate(host):
    with pytest.raises(RefusedError, match="not sent in the clear"):
        refuse_bare(Platform(host=host))
    refuse_bare(Platform(host=host, certificate="a.pem", private_key="a.key"))
    refuse_bare(Platform())
    with pytest.raises(RefusedError, match="come together"):
        refuse_bare(Platform(certificate="a.pem"))


def test_a_platform_without_a_certificate_is_a_problem_with_its_line(folder):
    (folder / "control.toml").write_text('[platform]\nhost = "0.0.0.0"\n', encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.line, problem.key) == (1, "platform")


def test_what_is_wrong_with_the_way_to_customs_is_named_by_its_line(folder):
    (folder / "control.toml").write_text('[customs]\ncop_code = "C"\ncop_name = "站"\n', encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.line, problem.key) == (1, "customs.dxp_id")
    whole = '[customs]\ncop_code = "C"\ncop_name = "站"\ndxp_id = "D"\nfolder = ""\n'
    (folder / "control.toml").write_text(whole, encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.line, problem.key) == (5, "customs.folder")
