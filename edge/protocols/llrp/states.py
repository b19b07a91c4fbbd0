"""The states of a session, what moves it between them, and what it asks in them: tables, and nothing else.

Rule 1: whatever moves a session between states is in `TRANSITIONS`; there is no other way.
Rule 2: in `SETTING_UP` and `STOPPING` the requests of `STEPS` are sent one after the other, each when the one before it
has been answered; the answer to the last is `STEPS_DONE`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from edge.protocols.llrp import requests
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.replies import Capabilities
from edge.protocols.llrp.requests import Setup


class State(StrEnum):
    """Where a session is."""

    GREETING = "greeting"
    SETTING_UP = "setting-up"
    RUNNING = "running"
    STOPPING = "stopping"
    CLOSED = "closed"


class Stimulus(StrEnum):
    """What can move it."""

    ACCEPTED = "accepted"
    """The reader greeted us as its client."""
    STEPS_DONE = "steps-done"
    """The last request of the state was answered."""
    STOP = "stop"
    """The driver wants to end."""
    FAIL = "fail"
    """The connection, the reader or its patience with us is gone."""


TRANSITIONS: dict[State, dict[Stimulus, State]] = {
    State.GREETING: {
        Stimulus.ACCEPTED: State.SETTING_UP,
        Stimulus.STOP: State.CLOSED,
        Stimulus.FAIL: State.CLOSED,
    },
    State.SETTING_UP: {
        Stimulus.STEPS_DONE: State.RUNNING,
        Stimulus.STOP: State.STOPPING,
        Stimulus.FAIL: State.CLOSED,
    },
    State.RUNNING: {
        Stimulus.STOP: State.STOPPING,
        Stimulus.FAIL: State.CLOSED,
    },
    State.STOPPING: {
        Stimulus.STEPS_DONE: State.CLOSED,
        Stimulus.FAIL: State.CLOSED,
    },
    State.CLOSED: {},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One request and the reply that answers it. Without an `essential` one the gate would not read."""

    request: MessageType
    reply: MessageType
    body: Callable[[Setup, Capabilities], bytes]
    essential: bool = True


def _spec(number: int) -> Callable[[Setup, Capabilities], bytes]:
    return lambda _setup, _capabilities: requests.spec_id(number)


_ALL, _OURS = _spec(0), _spec(requests.ROSPEC_ID)

STEPS: dict[State, tuple[Step, ...]] = {
    State.SETTING_UP: (
        Step(
            MessageType.GET_READER_CAPABILITIES,
            MessageType.GET_READER_CAPABILITIES_RESPONSE,
            lambda _setup, _capabilities: requests.get_capabilities(),
        ),
        Step(
            MessageType.GET_READER_CONFIG,
            MessageType.GET_READER_CONFIG_RESPONSE,
            lambda _setup, _capabilities: requests.get_config(),
            essential=False,
        ),
        Step(
            MessageType.SET_READER_CONFIG,
            MessageType.SET_READER_CONFIG_RESPONSE,
            lambda setup, _capabilities: requests.set_config(setup),
        ),
        Step(MessageType.DELETE_ACCESSSPEC, MessageType.DELETE_ACCESSSPEC_RESPONSE, _ALL, essential=False),
        # Some readers refuse to delete all specs when they have none. If one of them stays, ADD_ROSPEC says so.
        Step(MessageType.DELETE_ROSPEC, MessageType.DELETE_ROSPEC_RESPONSE, _ALL, essential=False),
        Step(MessageType.ADD_ROSPEC, MessageType.ADD_ROSPEC_RESPONSE, requests.add_rospec),
        Step(MessageType.ENABLE_ROSPEC, MessageType.ENABLE_ROSPEC_RESPONSE, _OURS),
        Step(MessageType.START_ROSPEC, MessageType.START_ROSPEC_RESPONSE, _OURS),
    ),
    State.STOPPING: (
        Step(MessageType.STOP_ROSPEC, MessageType.STOP_ROSPEC_RESPONSE, _OURS, essential=False),
        Step(MessageType.DELETE_ROSPEC, MessageType.DELETE_ROSPEC_RESPONSE, _OURS, essential=False),
        Step(
            MessageType.CLOSE_CONNECTION,
            MessageType.CLOSE_CONNECTION_RESPONSE,
            lambda _setup, _capabilities: b"",
            essential=False,
        ),
    ),
}
