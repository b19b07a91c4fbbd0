"""A party is given a key, shares and is shut out as the page says; its commands reach a control in memory."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import httpx
import msgspec
import pytest

from coldport.cli import main
from control import access_command
from control.settings import ControlFile, refuse_bare

ROOT = Path(__file__).parents[5]
PAGE = (ROOT / "docs/how-to/give-a-party-a-key.md").read_text(encoding="utf-8")


@pytest.fixture
def run(house, monkeypatch, capsys):
    """Run a line of the page; return what it printed or was answered."""
    monkeypatch.setattr(access_command.httpx, "Client", lambda **_: house.here)
    key = ""

    def run(line: str):
        nonlocal key
        words = shlex.split(line.replace("$KEY", key))
        if words[0] == "coldport":
            words = [next(iter(house.desk.access.state.keys)) if re.match("k[0-9a-f]{12}$", w) else w for w in words]
            assert main(words[1:]) == 0
            said = capsys.readouterr().out
            key = said.strip() if words[2] == "key" else key
            return said
        header = dict([words[words.index("-H") + 1].split(": ", 1)])
        address = next(word for word in words if word.startswith("https://"))
        body = words[words.index("--json") + 1] if "--json" in words else None
        said = json.loads(body) if body else None
        return house.there.request("POST" if body else "GET", address, json=said, headers=header)

    return run


def test_a_party_reads_its_own_shares_it_and_is_shut_out(house, run):
    lines = re.findall(r"^ *((?:coldport|curl) .*)$", PAGE, re.MULTILINE)
    house.declare(1, "4301960002")
    house.declare(2, "4301960002")
    house.declare(3, "4301960009")
    answers = [run(line) for line in lines]
    _, _, token, parcels, shared, granted, log, keys, _ = answers
    assert token.startswith("k")
    assert [one["logistics_no"] for one in parcels.json()] == ["E2", "E1"]
    assert shared.status_code == 201, shared.text
    assert granted.startswith("g")
    assert [one["outcome"] for one in log.json()] == ["allowed", "allowed"]
    assert token.split(".")[0] in keys
    assert token.split(".")[1].strip() not in keys
    assert house.desk.access.state.keys == {}
    seen = house.there.get("/api/v1/floor/parcels", headers=house.key("fast-post"))
    assert [one["logistics_no"] for one in seen.json()] == ["E2", "E1"]


def test_the_door_on_the_page_can_be_opened():
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    settings = msgspec.convert(tomllib.loads(text), ControlFile)
    refuse_bare(settings.platform)


def test_what_control_refuses_is_one_line(house, monkeypatch, capsys):
    monkeypatch.setattr(access_command.httpx, "Client", lambda **_: house.here)
    assert main(["access", "revoke", "k1", "--by", "Li"]) == 2
    assert capsys.readouterr().err == "coldport: no key 'k1'\n"


def test_a_control_that_is_not_there_is_one_line(monkeypatch, capsys):
    def away(request):
        raise httpx.ConnectError("refused", request=request)

    nobody = httpx.Client(transport=httpx.MockTransport(away))
    monkeypatch.setattr(access_command.httpx, "Client", lambda **_: nobody)
    assert main(["access", "list", "keys", "--url", "http://127.0.0.1:9"]) == 2
    assert "no control answers at http://127.0.0.1:9" in capsys.readouterr().err
