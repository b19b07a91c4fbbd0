"""One connection to one reader as a state machine (`states`): bytes in, events out; no socket, no clock.

A reader takes one client and speaks first. We send nothing before its greeting, delete whatever specs another client
has left, and say good-bye, because a reader may keep a session whose client vanished. Nothing a reader sends raises:
it becomes a `ReaderProblem` and the session goes on, or a `Closed` and it does not.
"""

from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.llrp import about, replies, requests
from edge.protocols.llrp.events import Closed, Connected, Event, RefusedBusy
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.names import ParameterType as P
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.states import STEPS, TRANSITIONS, State, Step, Stimulus
from edge.protocols.llrp.wire import NEWEST, Message, MessageReader, Skipped, encode_message
from edge.protocols.reader_clock import ReaderClock, Timestamp
from edge.protocols.reader_events import AntennaEvent, GpiEvent, LostEvent, ReaderProblem, TagRead

SILENCE = 1.25
"""Keepalive periods without a byte after which a reader is LOST: late enough for one that is a little slow, early
enough to be told within 1.5."""


class Session:
    """A client session; made when the TCP connection stands, used once. `now_s` is monotonic and never goes back.

    The driver's loop: send `take_outgoing()`; wait for bytes until `deadline_s`; call `receive` with them, or `tick`
    when the deadline has passed; do what the events say; end after `Closed`.
    """

    def __init__(self, setup: Setup, now_s: float) -> None:
        """Wait for the reader to speak first."""
        self.setup = setup
        self.state = State.GREETING
        self.capabilities = about.Capabilities()
        self._config = about.Config()
        self._version = self._newest = 1
        self._reader = MessageReader()
        self._reports = replies.ReportReader()
        self._clock = ReaderClock()
        self._outgoing = bytearray()
        self._events: list[Event] = []
        self._steps: list[Step] = []
        self._message_id = 0
        self._heard_s = now_s
        self._waiting_since_s = now_s
        self._amid_since_s = now_s

    @property
    def closed(self) -> bool:
        """Whether the session is over, and with it the connection."""
        return self.state is State.CLOSED

    @property
    def deadline_s(self) -> float:
        """When `tick` must be called if nothing arrives before; infinite once closed."""
        if self.closed:
            return float("inf")
        if self.state is State.RUNNING:
            deadline_s = self._heard_s + SILENCE * self.setup.keepalive_s
        else:
            deadline_s = self._waiting_since_s + self.setup.request_timeout_s
        if self._reader.amid_message:
            deadline_s = min(deadline_s, self._amid_since_s + self.setup.request_timeout_s)
        return deadline_s

    def take_outgoing(self) -> bytes:
        """Return what is to be sent, once. Ask after every other call."""
        taken = bytes(self._outgoing)
        self._outgoing.clear()
        return taken

    def receive(self, chunk: bytes, now_s: float) -> list[Event]:
        """Take what has arrived; return what it means, in order."""
        if self.closed or not chunk:
            return []
        self._heard_s = now_s
        was_amid = self._reader.amid_message
        found = self._reader.feed(chunk)
        if found or not was_amid:
            self._amid_since_s = now_s
        for one in found:
            self._take_found(one, now_s)
        return self._take_events()

    def tick(self, now_s: float) -> list[Event]:
        """Tell that time has passed: a request may have timed out, the reader may be LOST."""
        if now_s < self.deadline_s:
            return []
        if self._reader.amid_message and now_s >= self._amid_since_s + self.setup.request_timeout_s:
            self._close("timeout", "a message began and did not end")
        elif self.state is State.RUNNING:
            self._close("silent", f"the reader has been silent for {now_s - self._heard_s:.1f} s")
        elif self.state is State.GREETING:
            self._close("timeout", "the reader did not greet")
        elif self.state is State.STOPPING:
            self._close("stopped", f"the reader did not answer {self._steps[0].request.name}")
        else:
            self._close("timeout", f"the reader did not answer {self._steps[0].request.name}")
        return self._take_events()

    def stop(self, now_s: float) -> list[Event]:
        """Begin a clean stop: STOP, DELETE, CLOSE_CONNECTION. Go on with the loop until `Closed`."""
        if self.state is State.GREETING:
            self._close("stopped", "stopped before the reader greeted", Stimulus.STOP)
        elif self.state in (State.SETTING_UP, State.RUNNING):
            self._move(Stimulus.STOP, now_s)
        return self._take_events()

    def hang_up(self) -> list[Event]:
        """Tell that the connection has ended; returns `Closed` unless it was told before."""
        if self.state is State.STOPPING:
            self._close("stopped", "the reader hung up while stopping")
        elif not self.closed:
            self._close("hang-up", f"the connection ended while {self.state}")
        return self._take_events()

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _problem(self, reason: str, text: str) -> None:
        self._events.append(ReaderProblem(reason=reason, text=text))

    def _close(self, reason: str, text: str, stimulus: Stimulus = Stimulus.FAIL) -> None:
        self.state = TRANSITIONS[self.state][stimulus]
        self._steps = []
        self._events.append(Closed(reason=reason, text=text))

    def _move(self, stimulus: Stimulus, now_s: float) -> None:
        self.state = TRANSITIONS[self.state][stimulus]
        self._steps = [step for step in STEPS.get(self.state, ()) if step.when(self.setup)]
        if self._steps:
            self._ask(now_s)
        else:
            self._begin()

    def _begin(self) -> None:
        """Tell that tags are read, and how the light barriers are; let a reader go on that holds its events back."""
        if self._config.holds:
            self._send(MessageType.ENABLE_EVENTS_AND_REPORTS, self._next_id())
        self._events.append(Connected(capabilities=self.capabilities, identity=self._config.identity))
        inputs = (GpiEvent(port=port, high=high, age_s=0.0) for port, high in self._config.inputs)
        self._events += [event for event in inputs if event.port in self.setup.gpi_ports]

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def _send(self, kind: MessageType, message_id: int, body: bytes = b"", version: int | None = None) -> None:
        self._outgoing += encode_message(kind, message_id, body, version or self._version)

    def _ask(self, now_s: float) -> None:
        step = self._steps[0]
        self._waiting_since_s = now_s
        self._send(step.request, self._next_id(), step.body(self.setup, self.capabilities), step.version)

    def _take_found(self, found: Message | Skipped | StreamLostError, now_s: float) -> None:
        if self.closed:
            return  # what came in the same chunk, behind the end
        if isinstance(found, StreamLostError):
            self._close("stream-lost", str(found))
        elif isinstance(found, Skipped):
            reason = "message-too-long" if found.too_long else "unknown-message"
            self._problem(reason, f"a message of type {found.type} with {found.length} bytes was passed over")
        else:
            self._take(found, now_s)

    def _take(self, message: Message, now_s: float) -> None:
        try:
            if message.type is MessageType.KEEPALIVE:
                self._send(MessageType.KEEPALIVE_ACK, message.id)
            elif message.type is MessageType.RO_ACCESS_REPORT:
                self._take_report(message.body, now_s)
            elif message.type is MessageType.READER_EVENT_NOTIFICATION:
                self._take_notification(message.body, now_s)
            elif self._steps and message.id == self._message_id:
                self._take_reply(self._steps[0], message, now_s)
            elif message.type is MessageType.ERROR_MESSAGE:
                status = replies.read_status(message.body)
                self._problem("error-message", f"status {status.code} {status.text}".rstrip())
        except FrameError as error:
            self._problem("malformed", f"{message.type.name}: {error}")

    def _take_reply(self, step: Step, message: Message, now_s: float) -> None:
        """Take the answer to the request outstanding: its reply or an ERROR_MESSAGE with its number."""
        if message.type not in (step.reply, MessageType.ERROR_MESSAGE):
            self._problem("malformed", f"{message.type.name} came as the answer to {step.request.name}")
            return
        refused = message.type is MessageType.ERROR_MESSAGE
        status = replies.read_status(message.body, 0 if refused else step.parameters_at)
        if status.code or refused:
            text = f"{step.request.name}: status {status.code} {status.text}".rstrip()
            if step.essential:
                self._close("refused", text)
                return
            if self.state is State.SETTING_UP:
                self._problem("setting-refused", text)
        else:
            self._learn(message)
        self._steps.pop(0)
        self._go_on(step, now_s)

    def _go_on(self, done: Step, now_s: float) -> None:
        """Ask what comes next. A reader that is not the one that was wired is asked no more, and nothing is set."""
        expected, found = self.setup.identity, self._config.identity
        if done.request is MessageType.GET_READER_CONFIG and expected not in (None, found):
            self._close("wrong-device", f"the reader calls itself {found}, not {expected}")
            return
        if self._steps and self._steps[0].request is MessageType.SET_PROTOCOL_VERSION and self._newest < NEWEST:
            self._steps.pop(0)
        if self._steps:
            self._ask(now_s)
        elif self.state is State.STOPPING:
            self._close("stopped", "the reader has closed the session", Stimulus.STEPS_DONE)
        else:
            self._move(Stimulus.STEPS_DONE, now_s)

    def _learn(self, message: Message) -> None:
        """Read what the reader says about itself. A gate can do without it, so what cannot be read stops nothing."""
        try:
            match message.type:
                case MessageType.GET_SUPPORTED_VERSION_RESPONSE:
                    self._newest = about.read_supported_version(message.body)
                case MessageType.SET_PROTOCOL_VERSION_RESPONSE:
                    self._version = NEWEST
                case MessageType.GET_READER_CAPABILITIES_RESPONSE:
                    self.capabilities = about.read_capabilities(message.body)
                case MessageType.GET_READER_CONFIG_RESPONSE:
                    told = about.read_config(message.body)
                    known = self._config
                    identity, holds = told.identity or known.identity, told.holds or known.holds
                    self._config = about.Config(identity=identity, holds=holds, inputs=told.inputs)
        except FrameError as error:
            self._problem("malformed", f"{message.type.name}: {error}")

    def _take_report(self, body: bytes, now_s: float) -> None:
        if self.state not in (State.RUNNING, State.STOPPING):
            return  # the reads of a spec that another client has left; we are about to delete it
        for report in self._reports.read(body):
            if isinstance(report, FrameError):
                self._problem("malformed", f"RO_ACCESS_REPORT: {report}")
                continue
            seen = report.last_seen or report.first_seen
            if seen:
                self._clock.observe(seen, now_s)
            self._events.append(
                TagRead(
                    epc=report.epc,
                    antenna=report.antenna,
                    rssi_dbm=report.rssi_dbm,
                    age_s=self._age_s(report.first_seen, now_s),
                    count=report.count,
                )
            )

    def _age_s(self, stamp: Timestamp | None, now_s: float) -> float:
        return self._clock.age_s(stamp, now_s) if stamp else 0.0

    def _take_notification(self, body: bytes, now_s: float) -> None:
        stamp, notices = replies.read_notification(body)
        if stamp:
            self._clock.observe(stamp, now_s)
        for notice in notices:
            if self.closed:
                return
            self._take_notice(notice, self._age_s(stamp, now_s), now_s)

    def _take_notice(self, notice: replies.Notice, age_s: float, now_s: float) -> None:
        match notice.kind, notice.values:
            case P.CONNECTION_ATTEMPT, (status,):
                self._take_greeting(status, now_s)
            case P.CONNECTION_CLOSE, _:
                self._close("reader-closed", "the reader has closed the session")
            case P.GPI_EVENT, (port, state):
                self._events.append(GpiEvent(port=port, high=bool(state & 0x80), age_s=age_s))
            case P.ANTENNA_EVENT, (connected, antenna):
                self._events.append(AntennaEvent(antenna=antenna, connected=connected == 1))
            case P.ROSPEC_EVENT, (what, requests.ROSPEC_ID, _) if what and self.state is State.RUNNING:
                self._close("rospec-ended", "the reader has stopped reading tags")
            case P.REPORT_BUFFER_LEVEL_WARNING, (percent,):
                self._problem("buffer-filling", f"the reader's report buffer is {percent} % full")
            case P.REPORT_BUFFER_OVERFLOW, _:
                self._problem("buffer-overflow", "the reader's report buffer ran over: tag reads are lost")
                self._events.append(LostEvent(count=None))
            case P.READER_EXCEPTION, _:
                self._problem("reader-exception", notice.text)

    def _take_greeting(self, status: int, now_s: float) -> None:
        """Take a ConnectionAttemptEvent: 0 welcome, 1 and 2 occupied, 4 somebody else knocked while we are served."""
        if self.state is not State.GREETING:
            self._problem("another-client", f"another client tried to connect (status {status})")
        elif status == 0:
            self._move(Stimulus.ACCEPTED, now_s)
        elif status in (1, 2):
            self._events.append(RefusedBusy(status=status))
            self._close("occupied", f"the reader serves another client (status {status})")
        else:
            self._close("refused", f"the reader refused the connection (status {status})")
