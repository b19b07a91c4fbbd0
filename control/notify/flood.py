"""Knows an alarm flood: more new alarms than a person can answer.

Source: EEMUA 191 / ISA-18.2: a flood begins at ten new alarms in ten minutes and ends below five in ten.
"""

from datetime import datetime, timedelta

from msgspec import Struct, field

ENTER, LEAVE = 10, 5
SPAN = timedelta(minutes=10)


class Flood(Struct):
    """Whether there is a flood; `newest` holds the times of the newest ten alarms, oldest first, and needs no more."""

    on: bool = False
    newest: list[datetime] = field(default_factory=list)

    def raised(self, at: datetime) -> None:
        """Take in a new alarm; times do not go back."""
        self.newest = [*self.newest[1 - ENTER :], at]

    def look(self, now: datetime) -> bool:
        """Tell whether there is a flood at `now`."""
        recent = sum(now - at < SPAN for at in self.newest)
        if recent >= ENTER:
            self.on = True
        elif recent < LEAVE:
            self.on = False
        return self.on
