"""Control is killed in the middle of a lane run: no parcel has two verdicts, none is lost, the lamps are as they were.

COLDPORT_KILLS and COLDPORT_SEED set how often, and repeat a run.
"""

import asyncio
import json
import os
import random
from collections import defaultdict
from datetime import datetime

import pytest

from coldport.clock import SystemClock
from coldport.site import load_site
from control.entries import Content, Started
from control.inspection.lane.acts import Judged
from control.inspection.lane.outputs import wanted
from control.inspection.lane.verdict import Verdict
from control.inspection_settings import load_inspection
from control.journal.sqlite import SqliteJournal
from control.memory import Inspection, recall
from control.passport.passports import CopyLimits
from control.settings import load_alarms

pytestmark = [pytest.mark.broker, pytest.mark.e2e, pytest.mark.slow]

KILLS = int(os.environ.get("COLDPORT_KILLS", "2"))
SEED = int(os.environ.get("COLDPORT_SEED", str(random.SystemRandom().randrange(1_000_000))))
MOST_PARCELS = 60 * KILLS
"""Of these as many run as it takes until control has fallen as often as it is to."""
EXPECTED = {
    "fine": Verdict.RELEASE,
    "heavy": Verdict.INSPECT,
    "unbound": Verdict.HOLD,
    "pending": Verdict.WAIT,
}
LIT = {Verdict.RELEASE: "green", Verdict.WAIT: "amber", Verdict.HOLD: "red", Verdict.INSPECT: "red"}
APART_S = 1.0


async def kill_in_the_run(control, gateway, dice, eventually) -> None:
    """Kill control when it is judging, or at any moment, as often as is asked, and start it again."""
    clock = SystemClock()
    for kill in range(KILLS):
        sent = gateway.sent
        await eventually(lambda sent=sent: gateway.sent > sent, 30.0)
        # Now and then within the 50 ms in which a lane waits whether more comes; now and then between two parcels.
        await clock.sleep(dice.uniform(0.0, 0.12) if kill % 2 == 0 else dice.uniform(0.0, 1.0))
        assert control.runs, "control had ended by itself"
        control.kill()
        await clock.sleep(dice.uniform(0.0, 0.5))
        control.start()
        confirmed = gateway.spool.confirmed
        await eventually(lambda confirmed=confirmed: gateway.spool.confirmed > confirmed, 30.0)


def chains(contents: list[Content]) -> dict[str, list[Judged]]:
    """Return the verdicts of each presentation, in their order."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for content in contents:
        if isinstance(content, Judged):
            found[content.presentation].append(content)
    return found


def lamps(data, folder) -> dict[str, float]:
    """Return what every output should be by what is on record, now."""
    site, clock = load_site(folder), SystemClock()
    with SqliteJournal(data / "control" / "journal.sqlite") as journal:
        _, floor, _ = recall(
            site, load_alarms(folder, site), journal, Inspection(load_inspection(folder, site)), CopyLimits()
        )
    return {
        point: value
        for lane in floor.lanes.settings
        for point, value in wanted(lane.outputs, floor.lanes.shown(lane.id), clock.now()).items()
    }


async def test_of_each_presentation_one_verdict_stands_and_the_lamps_say_it_after_each_fall(
    tmp_path, lane_play, start_broker, coldport_process, records, eventually
) -> None:
    print(f"COLDPORT_SEED={SEED} COLDPORT_KILLS={KILLS}")  # noqa: T201 - to repeat a failure
    clock, dice, data = SystemClock(), random.Random(SEED), tmp_path / "data"
    broker = await start_broker("nats")
    folder = lane_play.write_site(tmp_path / "site", broker.broker.port)
    parcels = lane_play.parcels_of(MOST_PARCELS)
    lane_play.declare(folder, data, parcels)
    control = coldport_process("control", "control", "run", str(folder), "--data", str(data), "--headless")
    async with lane_play.bus(broker.broker) as bus:
        gateway = lane_play.Gateway(bus, clock)
        playing = asyncio.create_task(gateway.run())
        control.start()
        await eventually(lambda: len(gateway.outputs) == 8, 30.0)  # it says at once what every output should be
        killing = asyncio.create_task(kill_in_the_run(control, gateway, dice, eventually))
        for one, other in zip(parcels[::2], parcels[1::2], strict=True):
            await asyncio.gather(gateway.bring(one), gateway.bring(other))
            await clock.sleep(APART_S - 0.4)
            if killing.done():
                break
        await killing
        parcels = parcels[: gateway.sent]
        await eventually(lambda: gateway.spool.held == 0, 30.0)
        control.kill()
        await gateway.lose_outputs()
        control.start()
        await eventually(lambda: gateway.is_settled, 30.0)
        assert not playing.done()
        playing.cancel()
        await asyncio.wait([playing])
    await control.stop()
    shown, expected = gateway.outputs, lamps(data, folder)
    assert shown == expected

    contents = records.contents()
    verdicts = chains(contents)
    by_epc: dict[str, list[list[Judged]]] = defaultdict(list)
    for chain in verdicts.values():
        assert [one.supersedes for one in chain] == [None, *(one.id for one in chain[:-1])]
        by_epc[chain[0].epcs[0]].append(chain)
    assert len({one.id for chain in verdicts.values() for one in chain}) == sum(map(len, verdicts.values()))
    assert {epc: len(some) for epc, some in by_epc.items()} == {one.epc: 1 for one in parcels}
    assert {one.name: by_epc[one.epc][0][-1].verdict for one in parcels} == {
        one.name: EXPECTED[one.kind] for one in parcels
    }
    assert agrees(gateway.told, verdicts) == []
    lit = {point for point, value in expected.items() if value and not point.endswith("diverter")}
    assert lit == {f"{lane}-{LIT[shown_at(verdicts, lane, clock.now()).verdict]}" for lane in ("lane-1", "lane-2")}
    starts = sum(isinstance(one, Started) for one in contents)
    figures = {"kills": KILLS + 1, "starts": starts, "parcels": len(parcels), "commands": len(gateway.told)}
    print(json.dumps(figures))  # noqa: T201 - the figures of the run
    assert starts == KILLS + 3  # the first is that of the papers, the second that before the first kill


def shown_at(verdicts: dict[str, list[Judged]], lane: str, at: datetime) -> Judged | None:
    """Return what a lane showed at a moment: the verdict that stood then of what was presented last."""
    given = [one for chain in verdicts.values() for one in chain if one.lane == lane and one.at <= at]
    return max(given, key=lambda one: (one.seen_at or one.at, one.at), default=None)


def agrees(told, verdicts: dict[str, list[Judged]]) -> list[tuple[str, datetime]]:
    """Return the lamps that were lit although the journal had no verdict of that colour then; none, if all is well."""
    wrong = []
    for command in told:
        lane, _, name = command.point.rpartition("-")
        shown = shown_at(verdicts, lane, command.issued_at)
        if name != "diverter" and command.value and (shown is None or LIT[shown.verdict] != name):
            wrong.append((command.point, command.issued_at))
    return wrong
