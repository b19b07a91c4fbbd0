"""The import contracts hold, and each of them bites: a contract that never failed is a decoration."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("coldport", "edge", "control", "routing", "firmware_sim", "dashboards")

PLANTED = [
    ("Processes meet only in the contract", "edge/spool/uplink.py", "import control.entries"),
    ("Processes meet only in the contract", "firmware_sim/servers/modbus.py", "import edge.protocols.modbus"),
    ("Processes meet only in the contract", "routing/__init__.py", "import control.alarms"),
    ("Processes meet only in the contract", "control/api/app.py", "import dashboards"),
    ("Processes meet only in the contract", "coldport/topics.py", "import edge.ports"),
    ("coldport: command over bus over messages over words", "coldport/messages/alarm.py", "import coldport.topics"),
    ("coldport: command over bus over messages over words", "coldport/novel.py", ""),
    ("edge: main over agent over drivers over protocols", "edge/protocols/modbus.py", "import edge.ports"),
    ("edge: main over agent over drivers over protocols", "edge/novel.py", ""),
    (
        "edge.drivers: each kind of device knows itself alone",
        "edge/drivers/modbus/puts.py",
        "import edge.drivers.scales.keys",
    ),
    ("control: main over followers and borders over service over alarms", "control/service.py", "import control.api"),
    ("control: main over followers and borders over service over alarms", "control/novel.py", ""),
    (
        "control.inspection: the floor over what it is made of, over what customs says",
        "control/inspection/orders/orders.py",
        "import control.inspection.stock.stock",
    ),
    (
        "control.access: the register over what happens to it, over the decision",
        "control/access/party.py",
        "import control.access.register",
    ),
    ("control.passport: the fold over acts over names", "control/passport/code.py", "import control.passport.acts"),
    ("control.labels: what is printed over its words", "control/labels/words.py", "import control.labels.label"),
    ("control.access_log: two stores over one port", "control/access_log/ports.py", "import control.access_log.memory"),
    (
        "control.historian: open over its stores over what they share",
        "control/historian/number.py",
        "import control.historian.duckdb",
    ),
    ("control.historian: open over its stores over what they share", "control/historian/novel.py", ""),
    (
        "firmware_sim: main over servers over devices over physics",
        "firmware_sim/physics/thermal.py",
        "import firmware_sim.devices",
    ),
    ("firmware_sim: main over servers over devices over physics", "firmware_sim/novel.py", ""),
    ("routing: main over solvers over network over model", "routing/model.py", "import routing.result"),
    ("routing: main over solvers over network over model", "routing/novel.py", ""),
    ("Pure modules do no I/O, keep no time, roll no dice", "control/alarms/engine.py", "import time"),
    ("Pure modules do no I/O, keep no time, roll no dice", "edge/protocols/sics.py", "import asyncio"),
    ("Pure modules do no I/O, keep no time, roll no dice", "firmware_sim/devices/probe.py", "import socket"),
    ("paho is known to bus_mqtt alone", "edge/spool/uplink.py", "import paho.mqtt.client"),
    ("pyserial is known to one adapter on either side", "edge/drivers/modbus/poller.py", "import serial"),
    ("cryptography is known to who makes and checks keys alone", "edge/enroll/folder.py", "import cryptography"),
    ("duckdb, influxdb_client and httpx are known to one adapter each", "control/service.py", "import duckdb"),
    ("geographiclib and openpyxl are known to one module each", "routing/generate.py", "import openpyxl"),
    ("The judge shares no code with what it judges", "routing/judge/bill.py", "import routing.pricing"),
    ("typst, its font and QR codes are known to one module", "control/reports/sheet.py", "import typst"),
    ("The verifier shares no code with what it verifies", "control/verifier.py", "import control.journal.format"),
    ("FastAPI is known to the HTTP borders, uvicorn to whoever listens", "control/service.py", "import fastapi"),
    ("numba is known to routing.jit alone", "routing/search.py", "import numba"),
    ("OR-Tools is known to routing.solver and the road legs alone", "routing/search.py", "import ortools"),
    ("Composition roots are imported by nobody", "control/service.py", "import control.main"),
    ("Adapters are built by composition roots only", "edge/spool/uplink.py", "import coldport.bus_mqtt"),
    ("Adapters are built by composition roots only", "control/service.py", "import control.journal.sqlite"),
]


def lint(folder: Path) -> str:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the tree with every violation planted."""
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for _, file, line in PLANTED:
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    return lint(copy)


def test_the_tree_keeps_every_contract() -> None:
    said = lint(ROOT)

    assert " 0 broken." in said, said


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED, ids=[f"{file}: {line}" for _, file, line in PLANTED])
def test_a_planted_violation_is_named_under_its_contract(planted: str, contract: str, file: str, line: str) -> None:
    assert f"{contract} BROKEN" in planted
    parts = re.split(r"\n([^\n]+)\n-{5,}\n", planted)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[contract]
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    target = line.removeprefix("import ").split(".")[0]
    assert module in section
    assert target in section
