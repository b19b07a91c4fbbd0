"""A case is a folder: what a device sent, and what it must be read as. Each is fed whole and byte by byte.

`*.hex` are bytes (lines that begin with # say what they are), `*.txt` lines. `modbus/`: `ask.json` (what is read, or
under `write` what is written), `request.hex`, `response.hex`, then `expected.json` or `error.txt` (the reason).
`sics/`, `toledo/`, `llrp/`: what was received, and `expected.json`, the events in order.
"""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from edge.points import BitScale, RegisterScale
from edge.protocols.framing import FrameError
from edge.protocols.llrp.events import Closed
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.llrp.states import State
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.protocols.modbus_write import WriteFunction, WriteRequest
from edge.protocols.reader_events import ReaderProblem, TagRead
from edge.protocols.sics import Command, Conversation, DoneReply, Heard, RefusedReply
from edge.protocols.toledo import continuous_stream

HERE = Path(__file__).parent


def cases(protocol: str) -> list:
    folders = sorted(path for path in (HERE / protocol).iterdir() if path.is_dir())
    assert folders
    return [pytest.param(folder, id=folder.name) for folder in folders]


def read_hex(path: Path) -> bytes:
    lines = path.read_text(encoding="utf-8").splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def expected(folder: Path) -> list:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def chunks(data: bytes, size: int) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


SIZES = pytest.mark.parametrize("size", [1, 7, 4096], ids=["byte-by-byte", "in-sevens", "whole"])


@SIZES
@pytest.mark.parametrize("folder", cases("modbus"))
def test_a_modbus_reply_is_read_as_its_case_says(folder: Path, size: int) -> None:
    ask = json.loads((folder / "ask.json").read_text(encoding="utf-8"))
    request = asked(ask)
    if ask["framing"] == "tcp":
        exchange = TcpExchange(ask["unit"], request, ask["transaction"])
    else:
        exchange = RtuExchange(ask["unit"], request)
    assert exchange.outgoing == read_hex(folder / "request.hex")

    values = error = None
    try:
        for chunk in chunks(read_hex(folder / "response.hex"), size):
            values = exchange.feed(chunk)
        if values is None:
            error = exchange.give_up()
    except FrameError as caught:
        error = caught

    if (folder / "error.txt").exists():
        assert error is not None
        assert error.reason == (folder / "error.txt").read_text(encoding="utf-8").strip()
        return
    wanted = expected(folder)
    assert values == tuple(wanted["registers"])
    for point in wanted["points"]:
        measured = measure(point, values)
        assert (measured.value, measured.reason) == (point.get("value"), point.get("reason"))


def asked(ask: dict) -> ReadRequest | WriteRequest:
    if "write" in ask:
        return WriteRequest(WriteFunction(ask["function"]), ask["address"], tuple(ask["write"]))
    return ReadRequest(Function(ask["function"]), ask["address"], ask["count"])


def measure(point: dict, values: tuple[int, ...]):
    if "bit" in point:
        return msgspec.convert(point["bit"], BitScale).measure(values[point["at"]])
    scale = msgspec.convert(point["scale"], RegisterScale)
    return scale.measure(values[point["at"] : point["at"] + scale.type.registers])


@SIZES
@pytest.mark.parametrize("folder", cases("sics"))
def test_a_sics_dialogue_is_read_as_its_case_says(folder: Path, size: int) -> None:
    text = (folder / "ask.txt").read_text(encoding="utf-8").strip()
    reply_id = {"@": "I4", "SI": "S", "SIR": "S"}.get(text, text.split()[0])
    conversation = Conversation()
    assert conversation.ask(Command(text, reply_id, streams=text == "SIR")) == text.encode() + b"\r\n"
    received = (folder / "received.txt").read_bytes().replace(b"\n", b"\r\n")

    heard = [sics_event(one) for chunk in chunks(received, size) for one in conversation.feed(chunk)]

    assert heard == expected(folder)


def sics_event(one: Heard | FrameError) -> dict:
    if isinstance(one, FrameError):
        return {"error": one.reason}
    reply = one.reply
    kind = {DoneReply: "done", RefusedReply: "refused"}.get(type(reply), "weight")
    told = dataclasses.asdict(reply)
    shown = {key: value for key, value in told.items() if key in ("id", "mass_kg", "stable", "texts") or value}
    if "texts" in shown:
        shown["texts"] = list(shown["texts"])
    if shown.get("quality") == "good":
        del shown["quality"]
    return {"asked": one.asked.text if one.asked else None, kind: shown}


@SIZES
@pytest.mark.parametrize("folder", cases("toledo"))
def test_a_toledo_stream_is_read_as_its_case_says(folder: Path, size: int) -> None:
    reader = continuous_stream(**json.loads((folder / "settings.json").read_text(encoding="utf-8")))

    frames = [frame for chunk in chunks(read_hex(folder / "received.hex"), size) for frame in reader.feed(chunk)]

    wanted = expected(folder)
    usual = {"gross_kg": None, "net_kg": None, "device_stable": True, "quality": "good", "reason": None}
    usual |= {"print_request": False, "warnings": []}
    assert [{**dataclasses.asdict(frame), "warnings": list(frame.warnings)} for frame in frames] == [
        {**usual, **frame} for frame in wanted if "tally" not in frame
    ]
    spoiled = sum(count for one in wanted for count in one.get("tally", {}).values())
    assert reader.tally.spoiled == spoiled
    assert {reason for one in wanted for reason in one.get("tally", {})} == set(reader.tally.samples)


@SIZES
@pytest.mark.parametrize("folder", cases("llrp"))
def test_an_llrp_message_is_read_as_its_case_says(folder: Path, size: int) -> None:
    session = Session(Setup(antennas=(1, 2)), now_s=0.0)
    session.state = State((folder / "state.txt").read_text(encoding="utf-8").strip())

    events = [
        event
        for chunk in chunks(read_hex(folder / "received.hex"), size)
        for event in session.receive(chunk, now_s=100.0)
    ]

    for wanted in expected(folder):
        if "sent" in wanted:
            assert session.take_outgoing() == bytes.fromhex(wanted["sent"])
        elif "state" in wanted:
            assert session.state == wanted["state"]
        else:
            assert llrp_event(events.pop(0)) == wanted
    assert events == []


def llrp_event(event) -> dict:
    if isinstance(event, Closed | ReaderProblem):
        return {type(event).__name__: event.reason}
    told = dataclasses.asdict(event)
    if isinstance(event, TagRead):
        told["age_s"] = round(event.age_s, 3)
    return {type(event).__name__: told}
