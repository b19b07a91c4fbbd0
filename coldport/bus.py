"""The bus port: at-least-once messages between processes. `bus_mqtt` is the real one, `bus_memory` its twin."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """A message, and the way to say that it has been dealt with.

    Until `ack` is called the broker keeps the message and delivers it again after a reconnect. Call it after the commit
    that makes the message durable here, never before.
    """

    topic: str
    payload: bytes
    retained: bool
    ack: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. Retained ones replace the topic's last; an empty retained payload erases it."""

    topic: str
    payload: bytes
    retained: bool = False


class Bus(Protocol):
    """One client's view of the bus. Its subscriptions are fixed at birth, so a session can outlive a process."""

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        ...

    async def publish(self, message: Outgoing) -> None:
        """Return when the broker has taken the message over.

        Raises:
            UnavailableError: It did not, in the time allowed. It may still have arrived: receivers drop repeats.
        """
        ...

    async def receive(self, limit: int) -> Sequence[Received]:
        """Wait for a message, then return it with all others that have arrived, at most `limit`, in order."""
        ...
