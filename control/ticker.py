"""Time to service: delays end and points go stale without a reading."""

from coldport.clock import Clock
from control.service import Service

TICK_S = 0.1
"""With the half second that a reading may be on its way and the quarter of the live stream, an alarm is on the screens
0.85 s after its moment at the latest. A parcel's verdict does not wait for it."""

LEAST_S = 0.005
"""So that a verdict that is due and cannot be written does not keep the processor busy."""


async def tick(service: Service, clock: Clock) -> None:
    """Tell the service that time has passed, and wait for the next time; raises UnavailableError as `Service.tick`."""
    service.tick()
    await clock.sleep(min(TICK_S, max(LEAST_S, service.due_in_s())))
