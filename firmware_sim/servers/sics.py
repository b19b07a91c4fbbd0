"""MT-SICS levels 0 and 1, from the side of the weighing terminal.

Source: Mettler Toledo, MT-SICS Interface Commands reference manual, chapters on level 0 and level 1 commands.
"""

import re
from collections import deque
from collections.abc import Callable

from firmware_sim.devices.scale import Scale, Weighing
from firmware_sim.faults import Faults
from firmware_sim.servers.display import Display

PATIENCE_S = 15.0
"""How long S, Z and T wait for a stable weight before they give up with `I`."""

REPEAT_S = 0.1
LINE_LIMIT = 128
COMMAND_LIMIT = 16
"""Commands that wait behind one that is not finished; more are lost, as in a terminal's input buffer."""

SOFTWARE = "2.30 0.0.0.0"
LEVELS = 'I1 A "01" "2.30" "2.20" "" "" ""'
_COMMANDS = (
    (0, ("@", "I0", "I1", "I2", "I3", "I4", "I5", "S", "SI", "SIR", "Z", "ZI")),
    (1, ("SR", "T", "TA", "TAC", "TI")),
)
_HIGHER = frozenset({"D", "DW", "K", "SIU", "SIRU", "SNR", "SRU", "ST", "SU"})
"""Commands of levels 2 and 3: known by name, and not to be executed on this terminal."""

_MASS = re.compile(r"(\d{1,8}(?:\.\d{1,6})?) (kg|g)")


class SicsTerminal:
    """Answers one host. Commands are carried out in order; one that waits for the scale holds up the next."""

    def __init__(self, name: str, serial: str, scale: Scale, faults: Faults) -> None:
        """Weigh with `scale`; `name` is the name under which it can be broken, `serial` what I4 says."""
        self._serial = serial
        self._scale = scale
        self._display = Display(name, scale, faults)
        self._buffer = bytearray()
        self._commands: deque[tuple[str, float]] = deque()
        self._stream: str | None = None
        self._repeat_s = 0.0
        self._last_sent: tuple[float, bool] | None = None
        self._step_kg: float | None = None
        self._simple: dict[str, Callable[[], list[str]]] = {
            "SI": lambda: [self._weight("SD")],
            "ZI": self._zero_now,
            "TI": lambda: [self._tared("TI", "SD")],
            "TA": lambda: [f"TA A {self._shown(self._display.weighing().tare_kg)}"],
            "TAC": self._clear_tare,
            "I0": _list_commands,
            "I1": lambda: [LEVELS],
            "I2": lambda: [f'I2 A "Coldport-Sim {self._shown(self._scale.platform.capacity_kg).strip()}"'],
            "I3": lambda: [f'I3 A "{SOFTWARE}"'],
            "I4": lambda: [f'I4 A "{self._serial}"'],
            "I5": lambda: ['I5 A "00000000A"'],
        }

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line; a command ends with CR LF."""
        for byte in data:
            if byte == 0x0A:
                line = self._buffer.removesuffix(b"\r").decode("ascii", "replace")
                self._buffer.clear()
                self._accept(line, now_s)
            elif len(self._buffer) <= LINE_LIMIT:
                self._buffer.append(byte)

    def send(self, now_s: float) -> bytes:
        """Return the lines that are due: answers to commands, and the weights of a running SIR or SR."""
        lines: list[str] = []
        while self._commands:
            command, came_s = self._commands[0]
            answer = self._answer(command, now_s - came_s)
            if answer is None:
                break
            self._commands.popleft()
            lines += answer
        if not self._commands:
            lines += self._streamed(now_s)
        return self._display.spoken("".join(f"{line}\r\n" for line in lines).encode("ascii"))

    def _accept(self, line: str, now_s: float) -> None:
        if line == "@":
            self._commands.clear()  # it also ends what is waiting
        if len(self._commands) < COMMAND_LIMIT:
            self._commands.append((line, now_s))

    @property
    def finished(self) -> bool:
        """A line never ends by itself."""
        return False

    def _answer(self, command: str, waited_s: float) -> list[str] | None:
        """Return the lines that answer a command, or None while it waits for the scale."""
        name, _, parameters = command.partition(" ")
        if name in ("S", "SI", "SIR", "SR", "@"):
            self._stream = None
        if command in ("S", "Z", "T") or name == "SR":
            return self._patient(command, waited_s)
        if command == "@":
            self._scale.set_tare(0.0)
            return [f'I4 A "{self._serial}"']
        if command == "SIR":
            self._stream, self._repeat_s = command, 0.0
            return []
        if command in self._simple:
            return self._simple[command]()
        if name == "TA":
            return [self._preset_tare(parameters)]
        return [_refusal(command)]

    def _patient(self, command: str, waited_s: float) -> list[str] | None:
        now = self._display.weighing()
        step_kg = self._step(command)
        if step_kg is not None and step_kg < self._scale.platform.division_kg:
            return ["S L"]
        if not (now.stable or now.overload or now.underload):
            return [f"{command[0]} I"] if waited_s >= PATIENCE_S else None
        if command == "Z":
            if now.overload or now.underload:
                return [f"Z {'+' if now.overload else '-'}"]
            return [f"Z {'A' if self._scale.set_zero() else '+' if now.gross_kg > 0 else '-'}"]
        if command == "T":
            return [self._tared("T", "S")]
        if command != "S":
            self._stream, self._last_sent, self._step_kg = "SR", (now.net_kg, True), step_kg
        return [self._weight("S")]

    def _streamed(self, now_s: float) -> list[str]:
        if self._stream is None or now_s < self._repeat_s:
            return []
        self._repeat_s = now_s + REPEAT_S
        if self._stream == "SIR":
            return [self._weight("SD")]
        return self._changed()

    def _changed(self) -> list[str]:
        """Return the line of a running SR, when there is one: movement, then the next stable weight."""
        now = self._display.weighing()
        last_kg, was_stable = self._last_sent or (0.0, True)
        step_kg = self._step_kg or max(abs(last_kg) * 0.125, 30 * self._scale.platform.division_kg)
        if was_stable and not now.stable and abs(now.net_kg - last_kg) >= step_kg:
            self._last_sent = (last_kg, False)
        elif not was_stable and now.stable:
            self._last_sent = (now.net_kg, True)
        else:
            return []
        return [self._weight("SD")]

    def _zero_now(self) -> list[str]:
        now = self._display.weighing()
        if now.overload or now.underload or not self._scale.set_zero():
            return [f"ZI {'-' if now.gross_kg < 0 else '+'}"]
        return [f"ZI {'S' if now.stable else 'D'}"]

    def _tared(self, command: str, statuses: str) -> str:
        now = self._display.weighing()
        if _range(now):
            return f"{command} {_range(now)}"
        if not self._scale.set_tare():
            return f"{command} -"  # below zero there is nothing to tare
        return (
            f"{command} {statuses[0] if now.stable else statuses[-1]} {self._shown(self._display.weighing().tare_kg)}"
        )

    def _clear_tare(self) -> list[str]:
        self._scale.set_tare(0.0)
        return ["TAC A"]

    def _preset_tare(self, parameters: str) -> str:
        value_kg = _mass_kg(parameters)
        if value_kg is None or not self._scale.set_tare(value_kg):
            return "TA L"
        return f"TA A {self._shown(self._display.weighing().tare_kg)}"

    def _step(self, command: str) -> float | None:
        """Return the change an `SR` was asked to wait for: None without a parameter, 0 for one that is not a mass."""
        _, _, parameters = command.partition(" ")
        return (_mass_kg(parameters) or 0.0) if parameters else None

    def _weight(self, statuses: str) -> str:
        """Return a weight line; the first of `statuses` means stable, the last one moving."""
        now = self._display.weighing()
        if _range(now):
            return f"S {_range(now)}"
        return f"S {statuses[0] if now.stable else statuses[-1]} {self._shown(now.net_kg)}"

    def _shown(self, value_kg: float) -> str:
        return _field(value_kg, self._scale.platform.decimals)


def _list_commands() -> list[str]:
    names = [(level, name) for level, group in _COMMANDS for name in group]
    last = len(names) - 1
    return [f'I0 {"A" if at == last else "B"} {level} "{name}"' for at, (level, name) in enumerate(names)]


def _range(weighing: Weighing) -> str:
    return "+" if weighing.overload else "-" if weighing.underload else ""


def _refusal(command: str) -> str:
    """Return what is said to a command that is not carried out.

    >>> _refusal("K 3"), _refusal("NONSENSE"), _refusal("S\N{REPLACEMENT CHARACTER}")
    ('EL', 'ES', 'ET')
    """
    if not command.isascii():
        return "ET"  # a byte above 127 in a protocol of letters: a bit was turned on the way
    return "EL" if command.partition(" ")[0] in _HIGHER else "ES"


def _mass_kg(text: str) -> float | None:
    """Return a mass in kilograms, None when it is none.

    >>> _mass_kg("1250 g"), _mass_kg("x kg")
    (1.25, None)
    """
    found = _MASS.fullmatch(text)
    if found is None:
        return None
    return float(found.group(1)) * (1.0 if found.group(2) == "kg" else 0.001)


def _field(value_kg: float, decimals: int) -> str:
    """Return a value in the ten characters the manual gives it, and its unit.

    >>> _field(12.345, 3), _field(-0.5, 3)
    ('    12.345 kg', '    -0.500 kg')
    """
    return f"{value_kg:10.{decimals}f} kg"
