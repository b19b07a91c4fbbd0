"""The states of a session, what moves it between them, and what it asks in them: tables, and nothing else.

Rule 1: whatever moves a session between states is in `TRANSITIONS`; there is no other way.
Rule 2: in `SETTING_UP` and `STOPPING` the requests of `STEPS` are sent one after the other, each when the one before it
has been answered; the answer to the last is `STEPS_DONE`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from edge.protocols.llrp import requests
from edge.protocols.llrp.about import Capabilities
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.wire import NEWEST


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
    """One request and the reply that answers it. Without an `essential` one the gate would not read.

    It is asked `when` the setup wants it, in the version given, or else the one agreed on. The status of its reply is
    among the parameters, which begin at `parameters_at`.
    """

    request: MessageType
    reply: MessageType
    body: Callable[[Setup, Capabilities], bytes]
    essential: bool = True
    when: Callable[[Setup], bool] = lambda _setup: True
    version: int | None = None
    parameters_at: int = 0


def _spec(number: int) -> Callable[[Setup, Capabilities], bytes]:
    return lambda _setup, _capabilities: requests.spec_id(number)


_ALL, _OURS = _spec(0), _spec(requests.ROSPEC_ID)

STEPS: dict[State, tuple[Step, ...]] = {
    State.SETTING_UP: (
        # Both are messages of 1.1 and say so (section 9.1); a reader of 1.0.1 answers ERROR_MESSAGE.
        Step(
            MessageType.GET_SUPPORTED_VERSION,
            MessageType.GET_SUPPORTED_VERSION_RESPONSE,
            lambda _setup, _capabilities: b"",
            essential=False,
            when=lambda setup: setup.negotiate,
            version=NEWEST,
            parameters_at=2,
        ),
        Step(
            MessageType.SET_PROTOCOL_VERSION,
            MessageType.SET_PROTOCOL_VERSION_RESPONSE,
            lambda _setup, _capabilities: requests.protocol_version(NEWEST),
            essential=False,
            when=lambda setup: setup.negotiate,
            version=NEWEST,
        ),
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
        Step(
            MessageType.GET_READER_CONFIG,
            MessageType.GET_READER_CONFIG_RESPONSE,
            lambda _setup, _capabilities: requests.get_inputs(),
            essential=False,
            when=lambda setup: bool(setup.gpi_ports),
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
