import asyncio

import pytest

from firmware_sim.devices.room import Room


async def test_a_device_that_fails_ends_the_sites_work_with_its_error(start, monkeypatch):
    def fail(room, now_s, inputs):
        raise ZeroDivisionError("a bug in a room")

    async with start() as site:
        monkeypatch.setattr(Room, "update", fail)
        done, _ = await asyncio.wait(site.work, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        (task,) = done
        with pytest.raises(ZeroDivisionError, match="a bug in a room"):
            task.result()
