"""The words of all pages: complete in both languages, each asked for by somebody, none in a script itself."""

import re
from pathlib import Path

import pytest

from coldport.web.pages import read_catalogue
from control.api import pages
from control.api.passport import public
from dashboards import web_root

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
SCRIPTS = sorted((web_root() / "static").glob("*.js"))
FLOOR = pages.load_catalogues(web_root())
PLANNER = {language: read_catalogue(web_root() / "i18n" / "planner", language) for language in ("zh", "en")}
WORDS = {**FLOOR["zh"], **PLANNER["zh"]}

catalogues = pytest.mark.parametrize("texts", [FLOOR, PLANNER], ids=["floor", "planner"])

CHOSEN_BY_A_CODE = (
    *("class.", "fresh.", "quality.", "room.range.", "page.", "alarms.", "more.", "scan.", "verdict.", "why."),
    *("brief.", "clearance.", "passport.step.", "passport.copied."),
    *("mode.", "unit.", "band.", "cost.", "stays.", "cut-off.", "job.", "verdict-stays."),
)


@catalogues
def test_both_languages_have_the_same_keys_and_places(texts):
    zh, en = texts["zh"], texts["en"]
    assert set(zh) == set(en)
    assert [key for key in zh if set(re.findall(r"\{\w+\}", zh[key])) != set(re.findall(r"\{\w+\}", en[key]))] == []


@catalogues
def test_english_has_no_chinese_and_every_chinese_text_is_translated(texts):
    assert [key for key, text in texts["en"].items() if HAN.search(text)] == []
    assert [key for key, text in texts["zh"].items() if not HAN.search(text)] == []


def test_no_text_of_the_floor_is_given_twice():
    assert set(FLOOR["zh"]) & set(PLANNER["zh"]) == set()


def test_every_key_a_script_asks_for_exists():
    missing = []
    for script in SCRIPTS:
        source = script.read_text(encoding="utf-8")
        keys = re.findall(r"\bt\(\s*\"([a-z0-9.-]+)\"", source) + re.findall(r"\"((?:door|lane)\.[a-z.]+)\"", source)
        prefixes = re.findall(r"\bt\(\s*`([a-z.-]+)\.\$\{", source)
        missing += [f"{script.name}: {key}" for key in keys if key not in WORDS]
        missing += [f"{script.name}: {p}.*" for p in prefixes if not any(k.startswith(p) for k in WORDS)]
    assert missing == []


def test_every_text_is_used_somewhere():
    users = [*SCRIPTS, *(web_root() / "templates").iterdir(), Path(public.__file__)]
    sources = "".join(path.read_text(encoding="utf-8") for path in users)
    assert [key for key in WORDS if key not in sources and not key.startswith(CHOSEN_BY_A_CODE)] == []


def test_no_script_holds_chinese():
    assert [script.name for script in SCRIPTS if HAN.search(script.read_text(encoding="utf-8"))] == []
