"""What readers sent that do not speak LLRP, read as its case says: a folder a case.

`speaks.txt` names the protocol; `received.txt` is JSON, `received.hex` are bytes, with comments behind #; and
`expected.json` holds the events in order. Each is fed whole and byte by byte.
"""

import dataclasses
import json
from pathlib import Path

import pytest

from edge.protocols.framing import FrameError
from edge.protocols.impinj import ImpinjReader
from edge.protocols.json_stream import ObjectStream
from edge.protocols.reader_events import ReaderProblem
from edge.protocols.uhf_reader import Family, ReplyReader, tags
from edge.protocols.zebra import ZebraReader

HERE = Path(__file__).parent / "readers"
CASES = [pytest.param(folder, id=folder.name) for folder in sorted(HERE.iterdir())]
SIZES = pytest.mark.parametrize("size", [1, 7, 4096], ids=["byte-by-byte", "in-sevens", "whole"])


def told(event) -> dict:
    if isinstance(event, ReaderProblem):
        return {"ReaderProblem": event.reason}
    return {type(event).__name__: dataclasses.asdict(event)}


def read_json(speaks: str, data: bytes, size: int) -> list:
    reader = ImpinjReader() if speaks == "impinj" else ZebraReader()
    stream = ObjectStream()
    events = []
    for at in range(0, len(data), size):
        for one in stream.feed(data[at : at + size]):
            try:
                assert isinstance(one, bytes)
                events += [told(event) for event in reader.read(one, 100.0)]
            except FrameError as error:
                events.append({"ReaderProblem": error.reason})
    return events


def read_frames(family: Family, data: bytes, size: int) -> list:
    reader = ReplyReader()
    replies = [reply for at in range(0, len(data), size) for reply in reader.feed(data[at : at + size])]
    events = []
    for reply in [*replies, *reader.give_up()]:
        events += [told(tag) for tag in tags(family, reply)]
        events += ["ends"] if reply.ends_inventory else []
    return events


@SIZES
@pytest.mark.parametrize("folder", CASES)
def test_what_a_reader_sent_is_read_as_its_case_says(folder: Path, size: int) -> None:
    speaks = (folder / "speaks.txt").read_text(encoding="utf-8").strip()
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))

    if speaks.startswith("uhf"):
        lines = (folder / "received.hex").read_text(encoding="utf-8").splitlines()
        data = bytes.fromhex("".join(line for line in lines if not line.startswith("#")))
        assert read_frames(Family(speaks.removeprefix("uhf-")), data, size) == expected
    else:
        assert read_json(speaks, (folder / "received.txt").read_bytes(), size) == expected
