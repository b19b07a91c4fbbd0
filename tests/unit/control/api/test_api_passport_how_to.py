"""A product gets its passport, its label and its place on a pick list as the pages say."""

import re
import tomllib

import msgspec
import pytest
from how_to_pages import SITE, curls, page
from starlette.testclient import TestClient

from coldport.site import load_site
from control.api.app import create_app
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal
from control.passport_settings import PassportFile
from control.service import Service
from control.settings import load_alarms
from dashboards import web_root


@pytest.fixture
def run(clock):
    """Send the curl commands of a page to a control of the example site; return the answers, all of them well."""
    site = load_site(SITE)
    service = Service(site, load_alarms(SITE, site), MemoryJournal(), clock)

    def run(name: str):
        text = page(name)
        files = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        looked_up = msgspec.convert(tomllib.loads("".join(files)), PassportFile)
        app = create_app(service, MemoryHistorian(), web_root(), looked_up=looked_up, clock=clock)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            return [command.send(client) for command in curls(text)]

    return run


def test_a_product_gets_its_passport(run):
    issued, grown, _, code, page, data, here, far, shown = run("give-a-product-its-passport.md")
    assert issued.json()["address"] == "https://pass.example/01/06901234567892/10/L2603/21/000017"
    assert grown.json()["path"].startswith("p/XT91350100M000100Y4301070126030100001")
    assert code.text.startswith("<svg")
    assert "Harvested" in page.text
    assert "Packed" in page.text
    assert [step["coldport:step"] for step in data.json()["coldport:steps"]] == ["harvested", "packed"]
    assert (here.json()["suspicions"], far.json()["suspicions"]) == ([], ["too-far"])
    assert (shown.json()["scans"], shown.json()["suspicions"]) == (2, ["too-far"])


def test_the_table_of_fsma_204_is_made(run):
    book, sheet = run("hand-in-fsma-204.md")
    assert book.content.startswith(b"PK")
    assert sheet.text.startswith("\ufeffcte,section,role,traceability_lot_code,")


def test_a_label_and_a_pick_list_are_printed(run):
    _, label, labels, *_, picks = run("print-labels-and-pick-lists.md")
    for sheet in (label, labels, picks):
        assert sheet.headers["content-type"] == "application/pdf"
        assert sheet.content.startswith(b"%PDF")
