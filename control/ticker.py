"""Time to service: delays end and points go stale without a reading."""

from coldport.clock import Clock
from control.service import Service

TICK_S = 0.1
"""With the half second that a reading may be on its way and the quarter of the live stream, an alarm is on the screens
0.85 s after its moment at the latest."""


async def tick(service: Service, clock: Clock) -> None:
    """Tell the service that time has passed, and wait for the next time; raises UnavailableError as `Service.tick`."""
    service.tick()
    await clock.sleep(TICK_S)
