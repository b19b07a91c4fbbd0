"""Who has duty at a moment: pure calendar arithmetic in the site's time zone."""

from bisect import bisect_right
from datetime import date, datetime, timedelta, tzinfo

from control.notify.settings import Quiet, Role, Rota


def on_duty(role: Role, at: datetime, zone: tzinfo) -> tuple[str, ...]:
    """Return the recipients of `role` at `at`. At the very moment of a hand-over it is the new ones."""
    if role.rota is None:
        return role.recipients
    day, index = shift_at(role.rota, at, zone)
    for holiday in role.holidays:
        if holiday.on == day:
            return holiday.recipients
    rota = role.rota
    shift = (day - rota.since).days * len(rota.hand_overs) + index
    return rota.order[shift // rota.shifts_each % len(rota.order)]


def shift_at(rota: Rota, at: datetime, zone: tzinfo) -> tuple[date, int]:
    """Return the day on which the shift at `at` began, and which of the day's shifts it is, from 0."""
    local = at.astimezone(zone)
    index = bisect_right(rota.hand_overs, local.time()) - 1
    if index >= 0:
        return local.date(), index
    return local.date() - timedelta(days=1), len(rota.hand_overs) - 1


def is_quiet(quiet: Quiet | None, at: datetime, zone: tzinfo) -> bool:
    """Tell whether `at` lies in somebody's quiet hours."""
    if quiet is None:
        return False
    now = at.astimezone(zone).time()
    if quiet.start <= quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end
