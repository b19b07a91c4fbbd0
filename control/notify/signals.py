"""Lamps and sirens of the site: what each should be by the alarms, and the commands that make it so.

The order goes to the edge with an expiry and is read back, so a lamp that does not follow is seen; and it is given
again until it does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.alarm import Alarm, AlarmState
from coldport.messages.command import Command
from control.notify.settings import Signal
from control.ports import Latest

LOOK_S = 0.5
AGAIN_S = 15.0
"""After an order that was not followed it is given again; three of the longest time a device takes to follow."""
LIFE_S = 10.0
"""An order that comes later than this is not carried out: by then the next one says what holds."""


class Standing(Protocol):
    """What signals look at."""

    def alarms(self) -> Sequence[Alarm]:
        """Return occurrences that want attention, and some that became normal."""
        ...

    def latest(self) -> dict[PointId, Latest]:
        """Return the newest observation of every point that has one."""
        ...


def wanted(signal: Signal, alarms: Sequence[Alarm], now: datetime) -> bool:
    """Tell whether a signal should be on at `now`.

    It is on for alarms of its priorities that are not kept from operators: while they are true and nobody has
    acknowledged (`unanswered`), or while they are true (`active`). With `mute_after_s` each is heard so long, and again
    after `again_after_s` from its beginning, and so on.
    """
    return any(_calls(signal, alarm, now) for alarm in alarms)


def _calls(signal: Signal, alarm: Alarm, now: datetime) -> bool:
    if alarm.priority not in signal.priorities or alarm.suppressed or not alarm.is_active:
        return False
    if signal.when == "unanswered" and alarm.state is not AlarmState.UNACKNOWLEDGED:
        return False
    if signal.mute_after_s is None:
        return True
    sounded_s = max(0.0, (now - alarm.occurred_at).total_seconds())
    if signal.again_after_s is not None:
        sounded_s %= signal.again_after_s
    return sounded_s < signal.mute_after_s


class Signaller:
    """Gives the orders. What an output is now it knows by what was read back, never by what it ordered."""

    def __init__(
        self,
        site: SiteId,
        signals: Sequence[Signal],
        standing: Standing,
        clock: Clock,
        make_id: Callable[[], str],
    ) -> None:
        """Make outputs of `site` follow `standing`; `make_id` makes UUIDs."""
        self._site = site
        self._signals = signals
        self._standing = standing
        self._clock = clock
        self._make_id = make_id
        self._ordered: dict[str, tuple[float, float]] = {}

    async def step(self, bus: Bus) -> None:
        """Look once and rest: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The broker is away.
        """
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        alarms, latest = self._standing.alarms(), self._standing.latest()
        for signal in self._signals:
            value = float(wanted(signal, alarms, now))
            seen = latest.get(PointId(signal.point))
            ordered, ordered_s = self._ordered.get(signal.point, (-1.0, float("-inf")))
            if (seen is not None and seen.value == value) or (ordered == value and now_s - ordered_s < AGAIN_S):
                continue
            self._ordered[signal.point] = (value, now_s)
            command = Command(
                id=self._make_id(),
                point=signal.point,
                value=value,
                issued_at=now,
                expires_at=now + timedelta(seconds=LIFE_S),
                issued_by="control: alarms",
            )
            await bus.publish(Outgoing(topics.commands(self._site, GatewayId(signal.gateway)), encode(command)))
        await self._clock.sleep(LOOK_S)
