"""Opens and closes the draw of each day: its seed is committed before the first parcel, and told when it is over."""

import hashlib
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from coldport.clock import Clock
from control.inspection.lane.acts import DrawCommitted, DrawRevealed
from control.service import Service

LOOK_S = 20.0
BY = "control"


class Seeds(Protocol):
    """Where the seeds are kept."""

    def fix(self, day: date) -> bytes:
        """Return the seed of a day, made and durable if there was none."""
        ...


async def step(service: Service, seeds: Seeds, clock: Clock) -> None:
    """Look once and rest: the loop body for `coldport.supervise.for_ever`.

    Raises:
        RefusedError: A seed on disk is not the one that was committed, or may be read by others.
        UnavailableError: A seed or an entry cannot be written.
    """
    turn(service, seeds, clock)
    await clock.sleep(LOOK_S)


def turn(service: Service, seeds: Seeds, clock: Clock) -> None:
    """Commit to today's seed if that was not done, and reveal those of the days before."""
    lanes, now = service.floor.lanes, clock.now()
    if lanes is None:
        return
    today = now.astimezone(ZoneInfo(service.site.timezone)).date()
    days = lanes.state.draw.days
    for name, day in list(days.items()):
        if day.seed is None and day.second_sha256 is None and date.fromisoformat(name) < today:
            seed = seeds.fix(date.fromisoformat(name))
            service.record(DrawRevealed(day=date.fromisoformat(name), seed=seed.hex(), at=now, by=BY))
    if today.isoformat() not in days:
        sha256 = hashlib.sha256(seeds.fix(today)).hexdigest()
        service.record(DrawCommitted(day=today, sha256=sha256, at=now, by=BY))
