"""Time to service: delays end and points go stale without a reading."""

from coldport.clock import Clock
from control.service import Service

TICK_S = 0.25
"""A quarter of a second: with the half second a reading may be on its way, an alarm is never a second late."""


async def tick(service: Service, clock: Clock) -> None:
    """Tell the service that time has passed, and wait for the next time; raises UnavailableError as `Service.tick`."""
    service.tick()
    await clock.sleep(TICK_S)
