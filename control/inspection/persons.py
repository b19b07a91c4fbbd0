"""What people must say with a step that they take: who took it with them, and why."""

from typing import Protocol

from coldport.errors import RefusedError


class Taken(Protocol):
    """A step that somebody took."""

    @property
    def step(self) -> str:
        """Its name, as in "to open"."""
        ...

    @property
    def by(self) -> str:
        """Who took it."""
        ...

    @property
    def approved_by(self) -> str | None:
        """Who took it with them."""
        ...

    @property
    def reason(self) -> str | None:
        """Why."""
        ...


def check_said(taken: Taken, *, two: bool, reason: bool) -> None:
    """Raise RefusedError unless it names two different people, if it takes `two`, and why, if it wants a `reason`."""
    if two and taken.approved_by in (None, taken.by):
        raise RefusedError(f"to {taken.step} takes two different people")
    if reason and not taken.reason:
        raise RefusedError(f"to {taken.step} says why")
