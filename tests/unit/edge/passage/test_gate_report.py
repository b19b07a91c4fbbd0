"""What a recording says about a gate: as a library, and as `coldport edge gate-report` prints it."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from coldport.codec import encode
from coldport.errors import MalformedError
from coldport.messages.observation import Batch, TagRead
from coldport.settings import SiteFileError
from edge.main import register
from edge.passage.events import TagSeen
from edge.passage.tuning import tune
from edge.tools.gate_recording import recorded

EXAMPLE = Path(__file__).parents[4] / "config" / "sites" / "xiangtan"
BOXES = tuple(f"3034257BF7194E40000000{number:02X}" for number in range(8))
SHELF = "E200" * 6


def traffic(kit):
    shelf = kit.floor.tag(SHELF, lambda _: 3.5, 0, 40, loss_db=2)
    return kit.in_order(shelf + kit.floor.pallet(1, 10, 1.0, BOXES) + kit.floor.beams(lambda s: s - 30, 25, 35))


def corpus(kit) -> bytes:
    """The same traffic as the simulator would write it, at a gate with one antenna and one barrier on either side."""
    events = traffic(kit)
    tags = sorted({event.epc for event in events if isinstance(event, TagSeen)})
    begin = kit.moment(0)
    episode = {
        "tags": [{"epc": epc} for epc in tags],
        "reads": [
            [(event.at - begin).total_seconds(), tags.index(event.epc), (event.antenna + 1) // 2, event.rssi_dbm]
            for event in events
            if isinstance(event, TagSeen)
        ],
        "beams": [
            [(event.at - begin).total_seconds(), "outer" if event.beam == 1 else "inner", event.broken]
            for event in events
            if not isinstance(event, TagSeen)
        ],
    }
    header = '{"corpus":"gate","version":1}'
    return f"{header}\n{json.dumps(episode)}\n".encode()


def test_passages_and_strays_fall_into_two_heaps_with_a_margin_between(kit) -> None:
    tuning = tune(kit.barriers, traffic(kit))
    assert (tuning.told, tuning.undetermined, tuning.empty) == (len(BOXES), 0, 1)
    assert (len(tuning.passed.peaks), len(tuning.strays.peaks)) == (len(BOXES), 1)
    assert tuning.margin_db == min(tuning.passed.peaks) - tuning.strays.peaks[0] > 0
    assert tuning.peak_dbm == min(tuning.passed.peaks) - 1
    assert sum(tuning.passed.reads.values()) + sum(tuning.strays.reads.values()) == len(
        [event for event in traffic(kit) if isinstance(event, TagSeen)]
    )


def test_nothing_recorded_suggests_nothing(kit) -> None:
    tuning = tune(kit.barriers, [])
    assert (tuning.told, tuning.margin_db, tuning.peak_dbm, tuning.one_side_dbm) == (0, None, None, None)


def test_batches_as_they_were_on_the_bus_are_read_and_other_gates_left_out(kit) -> None:
    reads = [
        TagRead(seq=1, point=point, observed_at=kit.moment(1), spooled_at=kit.moment(2), epc=kit.epc, antenna=2)
        for point in ("lane-1-gate", "lane-2-gate")
    ]
    line = encode(Batch(gateway="edge-1", boot_id="0" * 32, observations=tuple(reads)))
    (event,) = recorded([line, b"\n"], "lane-1-gate", kit.plain)
    assert event == TagSeen(epc=kit.epc, antenna=2, rssi_dbm=None, at=kit.moment(1))


@pytest.mark.parametrize(
    "lines", [[b"{}"], [b"nonsense"], [b'{"corpus":"gate"}', b"{}"], [b'{"corpus":"gate"}', b"[]"]]
)
def test_a_line_that_is_neither_is_named(kit, lines) -> None:
    with pytest.raises(MalformedError, match=f"line {len(lines)}: "):
        list(recorded(lines, "lane-1-gate", kit.plain))


@pytest.fixture
def report(tmp_path, kit, capsys):
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site)
    gate = "passages = { outside = [1], inside = [2], outer_beam = 1, inner_beam = 2 }\n"
    edge = site / "edge.toml"
    lines = [
        line
        for line in edge.read_text(encoding="utf-8").splitlines(keepends=True)
        if not line.startswith("passages = { outside = [1]")
    ]
    lines.insert(lines.index('point = "lane-1-gate"\n') + 1, gate)
    edge.write_text("".join(lines), encoding="utf-8")
    trace = tmp_path / "gate.jsonl"
    trace.write_bytes(corpus(kit))
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())

    def run(*more: str, gate: str = "lane-1-gate") -> str:
        arguments = parser.parse_args(["edge", "gate-report", str(site), gate, "--trace", str(trace), *more])
        assert arguments.run(arguments) == 0
        return capsys.readouterr().out

    run.trace = trace
    return run


def test_the_report_is_printed_for_people_with_what_is_and_what_had_better_be(report) -> None:
    printed = report()
    assert printed.startswith(f"passages      {len(BOXES)}, 0 of them undetermined (0.0%)\n")
    assert "antenna 1, outside: " in printed
    assert "####" in printed
    assert "----" in printed
    assert "peak_dbm      is -70, had better be -" in printed


def test_the_report_is_printed_as_json_for_programs(report) -> None:
    printed = json.loads(report("--json"))
    assert (printed["passages"], printed["strays"]) == (len(BOXES), 1)
    assert printed["one_side_dbm"]["now"] == -64


def test_a_gate_that_is_not_described_and_a_trace_that_cannot_be_read_are_named(report) -> None:
    with pytest.raises(SiteFileError, match="feeds 'lane-2-gate'"):
        report(gate="lane-2-gate")
    report.trace.write_bytes(b"nonsense\n")
    with pytest.raises(SiteFileError, match="line 1"):
        report()
    report.trace.unlink()
    with pytest.raises(SiteFileError, match="cannot be read"):
        report()
