"""The ledger of commands: the one in memory and the one on disk keep the same promises."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coldport.messages.command import Command, CommandReply, Stage
from edge.commands.ledger import KEPT, KEPT_H
from edge.commands.ledger_memory import MemoryLedger
from edge.commands.ledger_sqlite import LedgerUnavailableError, open_ledger
from edge.ports import Ledger, Taken

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    made = MemoryLedger() if request.param == "memory" else await open_ledger(tmp_path / "commands.sqlite", NOON)
    yield made
    await made.close()


def taken(number: int, stage: Stage = Stage.DONE, at: datetime = NOON) -> Taken:
    command = Command(
        id=f"00000000-0000-0000-0000-{number:012x}",
        point="lamp",
        value=1.0,
        issued_at=at,
        expires_at=at + timedelta(seconds=10),
        issued_by="li",
    )
    return Taken(command, CommandReply(gateway="edge-1", id=command.id, point="lamp", stage=stage, at=at, observed=1.0))


async def test_the_latest_stage_of_a_command_is_found_by_its_id(ledger: Ledger) -> None:
    assert await ledger.find(taken(1).command.id) is None
    await ledger.keep(taken(1, Stage.ACCEPTED))
    await ledger.keep(taken(1, Stage.DONE))
    assert await ledger.find(taken(1).command.id) == taken(1, Stage.DONE)


async def test_what_has_not_ended_is_listed_oldest_first(ledger: Ledger) -> None:
    later = NOON + timedelta(seconds=1)
    for one in (taken(3, Stage.EXECUTING, later), taken(2, Stage.ACCEPTED), taken(1, Stage.EXPIRED)):
        await ledger.keep(one)
    assert await ledger.unfinished() == [taken(2, Stage.ACCEPTED), taken(3, Stage.EXECUTING, later)]


async def test_a_command_is_kept_for_a_day_and_no_longer(ledger: Ledger) -> None:
    await ledger.keep(taken(1))
    await ledger.keep(taken(2, at=NOON + timedelta(hours=KEPT_H)))
    assert await ledger.find(taken(1).command.id) is not None
    await ledger.keep(taken(3, at=NOON + timedelta(hours=KEPT_H, seconds=1)))
    assert await ledger.find(taken(1).command.id) is None


async def test_at_its_limit_a_ledger_has_all_and_one_past_it_the_newest(ledger: Ledger, monkeypatch) -> None:
    for module in ("edge.commands.ledger_memory", "edge.commands.ledger_sqlite"):
        monkeypatch.setattr(f"{module}.KEPT", 4)
    for number in range(1, 6):
        assert await ledger.find(taken(1).command.id) is not None or number == 1
        await ledger.keep(taken(number, at=NOON + timedelta(seconds=number)))
    assert await ledger.find(taken(1).command.id) is None
    assert await ledger.find(taken(2).command.id) is not None
    assert KEPT == 1_024


async def test_a_ledger_outlives_its_process(tmp_path: Path) -> None:
    first = await open_ledger(tmp_path / "commands.sqlite", NOON)
    await first.keep(taken(1, Stage.EXECUTING))
    await first.close()
    second = await open_ledger(tmp_path / "commands.sqlite", NOON)
    assert await second.unfinished() == [taken(1, Stage.EXECUTING)]
    await second.close()


async def test_a_damaged_ledger_is_set_aside_and_a_new_one_begins(tmp_path: Path, caplog) -> None:
    damage = b"this is no database" * 300
    (tmp_path / "commands.sqlite").write_bytes(damage)
    ledger = await open_ledger(tmp_path / "commands.sqlite", NOON)
    await ledger.keep(taken(1))
    assert await ledger.find(taken(1).command.id) == taken(1)
    await ledger.close()
    assert (tmp_path / "commands.sqlite.damaged-20260701T120000").read_bytes() == damage
    assert "set aside" in caplog.text


async def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "commands.sqlite").mkdir()
    with pytest.raises(LedgerUnavailableError, match=r"commands\.sqlite"):
        await open_ledger(tmp_path / "commands.sqlite", NOON)
