"""Lamps and sirens of the site: what each should be by the alarms."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from coldport.messages.alarm import Alarm, AlarmState
from control.notify.settings import Signal
from control.outputs import Output


def wanted(signal: Signal, alarms: Sequence[Alarm], now: datetime) -> bool:
    """Tell whether a signal should be on at `now`.

    It is on for alarms of its priorities that are not kept from operators and speak for themselves: while they are true
    and nobody has acknowledged (`unanswered`), or while they are true (`active`). With `mute_after_s` each is heard so
    long, and again after `again_after_s` from its beginning, and so on.
    """
    return any(_calls(signal, alarm, now) for alarm in alarms)


def _calls(signal: Signal, alarm: Alarm, now: datetime) -> bool:
    if alarm.priority not in signal.priorities or alarm.suppressed or alarm.superseded_by or not alarm.is_active:
        return False
    if signal.when == "unanswered" and alarm.state is not AlarmState.UNACKNOWLEDGED:
        return False
    if signal.mute_after_s is None:
        return True
    sounded_s = max(0.0, (now - alarm.occurred_at).total_seconds())
    if signal.again_after_s is not None:
        sounded_s %= signal.again_after_s
    return sounded_s < signal.mute_after_s


def by_alarms(
    signals: Sequence[Signal], alarms: Callable[[], Sequence[Alarm]]
) -> Callable[[datetime], Mapping[Output, float]]:
    """Return what the alarms want of the signals, whenever it is asked."""

    def wanted_now(now: datetime) -> Mapping[Output, float]:
        standing = alarms()
        return {Output(one.gateway, one.point): float(wanted(one, standing, now)) for one in signals}

    return wanted_now
