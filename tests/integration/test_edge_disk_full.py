"""A spool on a disk that is really full, and then is not."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coldport.ids import PointId
from edge.lines.gateway import WhenFull
from edge.observe import reading
from edge.points import Measured
from edge.spool.sqlite import SpoolUnavailableError, open_spool

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if made.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk_refuses_loses_nothing_and_heals_without_a_restart(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    spool = await open_spool(small_disk / "spool", 1_000_000, WhenFull.DROP_OLDEST, NOON)
    group = [reading(PointId("p"), NOON, Measured(float(index))) for index in range(100)]
    taken = 0
    with pytest.raises(SpoolUnavailableError):  # noqa: PT012 - the disk is full at an unknown turn
        while taken < 100_000:
            await spool.append(group)
            taken += len(group)
    assert [row.seq for row in await spool.between(1, 1_000_000)] == list(range(1, taken + 1))
    ballast.unlink()
    await spool.append(group)
    assert [row.seq for row in await spool.after(taken, 1_000)] == list(range(taken + 1, taken + 101))
    await spool.close()
