"""MT-SICS, the command language of Mettler Toledo scales and of many that copy it: ASCII lines that end in CR LF.

A line that arrives is a reply to the one command outstanding, or one nobody waits for: a stream (`SIR`, `SR`) or a
press of the print key. Source: Mettler Toledo, Standard Interface Command Set (MT-SICS), levels 0 and 1.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from coldport.messages.observation import Quality
from edge.protocols.framing import FrameError
from edge.protocols.mass import kilograms

LINE_LIMIT = 256
"""Bytes of a line. A weight has 20, the longest identity (`I2`) under 100."""
UNASKED_LIMIT = 5
"""Foreign lines in front of a reply: an operator at the print key. More means that the reply will not come."""
QUICK_S = 1.0
STABLE_S = 20.0
"""A command that waits for a stable weight gives up by itself after at most 15 s or so, depending on the model."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line to the scale. `reply_id` begins its reply, which comes within `timeout_s` or not at all."""

    text: str
    reply_id: str
    timeout_s: float = QUICK_S
    streams: bool = False
    """Whether weights go on coming after the first reply, until another weight command or a reset."""

    @property
    def outgoing(self) -> bytes:
        """The line as it is sent."""
        return self.text.encode("ascii") + b"\r\n"


STABLE_WEIGHT = Command("S", "S", STABLE_S)
WEIGHT_NOW = Command("SI", "S")
WEIGHTS_REPEATED = Command("SIR", "S", streams=True)
WEIGHTS_ON_CHANGE = Command("SR", "S", STABLE_S, streams=True)
ZERO = Command("Z", "Z", STABLE_S)
TARE = Command("T", "T", STABLE_S)
TARE_WEIGHT = Command("TA", "TA")
CLEAR_TARE = Command("TAC", "TAC")
COMMANDS = Command("I0", "I0")
LEVELS = Command("I1", "I1")
MODEL = Command("I2", "I2")
SOFTWARE = Command("I3", "I3")
SERIAL_NUMBER = Command("I4", "I4")
SOFTWARE_NUMBER = Command("I5", "I5")
RESET = Command("@", "I4")
"""Ends every stream. The scale does not zero; it answers with its serial number."""


def preset_tare(tare_kg: Decimal) -> Command:
    r"""Return the command that sets the tare memory. The digits are sent as given, so the scale sees its own d.

    >>> preset_tare(Decimal("1.200")).outgoing
    b'TA 1.200 kg\r\n'
    """
    return Command(f"TA {tare_kg:f} kg", "TA")


@dataclass(frozen=True, slots=True)
class WeightReply:
    """A weight, or why there is none. `id` is `S` for what the display shows, `T` and `TA` for the tare memory.

    What the display shows is the net weight when the tare memory holds one, the gross weight otherwise. `stable` is the
    scale's flag, and None where it sends none (`TA`). Reasons of bad quality: `overload`, `underload`, `not-ready`,
    `unit` (pieces, percent).
    """

    id: str
    mass_kg: float | None
    stable: bool | None
    quality: Quality = Quality.GOOD
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DoneReply:
    """A command was carried out, or its answer is text. `more` lines follow (`I0`)."""

    id: str
    texts: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class RefusedReply:
    """A command was understood and not carried out, or not understood. `id` is None for `ES`, `ET` and `EL`.

    Reasons: `not-ready`, `bad-parameter`, `overload`, `underload` (the zero range is exceeded), `syntax`,
    `transmission`, `logical`.
    """

    id: str | None
    reason: str


Reply = WeightReply | DoneReply | RefusedReply

_ERRORS = {"ES": "syntax", "ET": "transmission", "EL": "logical"}
_REFUSALS = {"I": "not-ready", "L": "bad-parameter", "+": "overload", "-": "underload"}
_STABLE = {"S": True, "D": False}
_LINE = re.compile(r"([A-Z@][A-Z0-9]{0,4}) ([SDABIL+-])(?: (.*))?")
_WEIGHT = re.compile(r" *([+-]?[0-9]+(?:\.[0-9]*)?) +([A-Za-z%]{1,4}) *")
_TEXT = re.compile(r'"([^"]*)"|([^\s"]+)')


def read_line(line: bytes) -> Reply:
    r"""Read one line, given without its line end.

    Raises:
        FrameError: `syntax`: not a line of this language; `value`: a weight whose number or unit cannot be read.

    >>> read_line(b"S S     12.345 kg").mass_kg
    12.345
    """
    if not line.isascii():
        raise FrameError("syntax", f"{line!r} is not ASCII")
    text = line.decode("ascii").rstrip(" ")
    if text in _ERRORS:
        return RefusedReply(None, _ERRORS[text])
    found = _LINE.fullmatch(text)
    if not found:
        raise FrameError("syntax", f"{text!r} is not a reply")
    reply_id, status, rest = found[1], found[2], found[3] or ""
    if reply_id == "S":
        return _weight(reply_id, status, rest)
    if status in _REFUSALS:
        return RefusedReply(reply_id, _REFUSALS[status])
    if reply_id in ("T", "TI", "TA") and rest:
        return _weight(reply_id, status, rest)
    texts = tuple(quoted or bare for quoted, bare in _TEXT.findall(rest))
    return DoneReply(reply_id, texts, more=status == "B")


def _weight(reply_id: str, status: str, rest: str) -> WeightReply:
    if status in _REFUSALS:
        return WeightReply(reply_id, None, stable=False, quality=Quality.BAD, reason=_REFUSALS[status])
    found = _WEIGHT.fullmatch(rest)
    if not found or status not in ("A" if reply_id == "TA" else _STABLE):
        raise FrameError("value", f"{reply_id} {status} {rest!r} is not a weight")
    mass_kg = kilograms(Decimal(found[1]), found[2])
    quality, reason = (Quality.GOOD, None) if mass_kg is not None else (Quality.BAD, "unit")
    return WeightReply(reply_id, mass_kg, _STABLE.get(status), quality, reason)


@dataclass(frozen=True, slots=True)
class Heard:
    """A line from the scale; `asked` is the command it answers, None when nobody waits for it."""

    reply: Reply
    asked: Command | None = None


class Conversation:
    """The dialogue with one scale: at most one command outstanding, lines cut out of whatever chunks arrive.

    Feed what has arrived before asking. Then a late reply to a command given up is not taken for the reply to the next.
    """

    def __init__(self) -> None:
        """Begin with nothing asked and nothing heard."""
        self._buffer = bytearray()
        self._skipping = False
        self._waiting: Command | None = None
        self._unasked = 0
        self._streaming = False

    @property
    def waiting(self) -> Command | None:
        """The command whose reply has not come."""
        return self._waiting

    def ask(self, command: Command) -> bytes:
        """Return the bytes to send, and wait for the reply. Asking while a command waits is a bug: RuntimeError."""
        if self._waiting:
            raise RuntimeError(f"{command.text} was asked while {self._waiting.text} waits for its reply")
        self._waiting = command
        self._unasked = 0
        if command.reply_id == "S" or command is RESET:
            self._streaming = command.streams
        return command.outgoing

    def give_up(self) -> FrameError:
        """Stop waiting; return the error of a scale that did not answer, reason `timeout`."""
        asked, self._waiting = self._waiting, None
        return FrameError("timeout", f"the scale did not answer {asked.text if asked else 'anything'}")

    def feed(self, chunk: bytes) -> list[Heard | FrameError]:
        """Take what has arrived; return what it says, in order. A line that cannot be read is an error in the list.

        Reasons: those of `read_line`, `line-too-long`, and `no-reply` when only foreign lines came (the command is
        given up with it).
        """
        self._buffer += chunk
        heard: list[Heard | FrameError] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            if self._skipping:
                self._skipping = False
            elif len(line) > LINE_LIMIT:
                heard.append(FrameError("line-too-long", f"a line of {len(line)} bytes: {line[:40]!r}..."))
            elif line.strip():
                heard += self._hear(line.removesuffix(b"\r"))
        if len(self._buffer) > LINE_LIMIT:
            if not self._skipping:
                heard.append(
                    FrameError("line-too-long", f"no line end in {LINE_LIMIT} bytes: {self._buffer[:40]!r}...")
                )
            self._skipping = True
            self._buffer.clear()
        return heard

    def _hear(self, line: bytes) -> list[Heard | FrameError]:
        try:
            reply = read_line(line)
        except FrameError as error:
            return [error]
        asked = self._waiting
        if asked and reply.id in (asked.reply_id, None):
            if not (isinstance(reply, DoneReply) and reply.more):
                self._waiting = None
            return [Heard(reply, asked)]
        heard: list[Heard | FrameError] = [Heard(reply)]
        if asked and not self._streaming:
            self._unasked += 1
            if self._unasked > UNASKED_LIMIT:
                self._waiting = None
                heard.append(FrameError("no-reply", f"{self._unasked} other lines came instead of {asked.reply_id}"))
        return heard
