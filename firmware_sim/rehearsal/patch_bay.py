"""Lines of bytes inside one process, by the names they have outside: serial ports by path, TCP by host and port.

Whoever plays the device offers, whoever plays the gateway takes or calls. Bytes arrive at once and in order; how long
they take on a wire is the sender's affair, as it is on a real line of the simulator.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from coldport.rehearsal import Ear, NotThereError


class Plug:
    """One end of a line that is there: what it sends is heard at the other end, until either end hangs up.

    See `coldport.rehearsal.End`.
    """

    def __init__(self, ear: Ear) -> None:
        """Let `ear` hear what comes to this end; it is no line yet."""
        self.ear = ear
        self.other: Plug | None = None

    def send(self, data: bytes) -> None:
        """Send bytes; they are lost when the other end is gone."""
        if self.other is not None:
            self.other.ear.arrived(data)

    def hang_up(self) -> None:
        """Leave. The other end is told; a second call changes nothing."""
        other, self.other = self.other, None
        if other is not None:
            other.other = None
            other.ear.gone()


def join(one: Plug, other: Plug) -> None:
    """Make a line of two ends."""
    one.other, other.other = other, one


@dataclass(slots=True)
class _Port:
    """A serial port: the ear of the device behind it, and the two ends of the line while somebody has it open."""

    ear: Ear
    plugged: bool = True
    device_end: Plug | None = None


class Serial:
    """The device's end of a serial line: it stays, whoever comes and goes. What nobody reads is lost."""

    def __init__(self, port: _Port) -> None:
        """Speak at `port`; use `PatchBay.offer_serial`."""
        self._port = port

    def send(self, data: bytes) -> None:
        """Send bytes."""
        if self._port.device_end is not None:
            self._port.device_end.send(data)


@dataclass(slots=True)
class _DeviceEar:
    """Hears the client of a serial line for the device: that a client leaves is nothing a device would notice."""

    port: _Port

    def arrived(self, data: bytes) -> None:
        self.port.ear.arrived(data)

    def gone(self) -> None:
        self.port.device_end = None


Answer = Callable[[Callable[[Ear], Plug]], None]
"""Answers a call: it is given a function that makes the answering end of the line out of an ear."""


@dataclass(slots=True)
class PatchBay:
    """All lines of one rehearsal. It is the `Bay` of the gateway, too."""

    _ports: dict[str, _Port] = field(default_factory=dict)
    _answers: dict[tuple[str, int], Answer] = field(default_factory=dict)

    def offer_serial(self, path: str, ear: Ear) -> Serial:
        """Be the device on a serial line."""
        port = self._ports[path] = _Port(ear)
        return Serial(port)

    def plug(self, path: str, *, wanted: bool) -> None:
        """Pull a serial line out, or plug it in again; a path that nobody offers means nothing."""
        port = self._ports.get(path)
        if port is None:
            return
        port.plugged = wanted
        if not wanted and port.device_end is not None:
            end, port.device_end = port.device_end, None
            end.hang_up()

    def take_serial(self, path: str, ear: Ear) -> Plug:
        """Open a serial line for one.

        Raises:
            NotThereError: It is not there, or has been taken.
        """
        port = self._ports.get(path)
        if port is None or not port.plugged:
            raise NotThereError(f"there is no serial line {path}", "missing")
        if port.device_end is not None:
            raise NotThereError(f"{path} is in use", "occupied")
        ours = Plug(ear)
        port.device_end = Plug(_DeviceEar(port))
        join(ours, port.device_end)
        return ours

    def listen(self, host: str, port: int, answer: Answer) -> None:
        """Answer calls at an address."""
        self._answers[host, port] = answer

    def call(self, host: str, port: int, ear: Ear) -> Plug:
        """Connect to an address.

        Raises:
            NotThereError: Nobody listens there.
        """
        answer = self._answers.get((host, port))
        if answer is None:
            raise NotThereError(f"nobody listens at {host}:{port}", "refused")
        ours = Plug(ear)

        def pick_up(their_ear: Ear) -> Plug:
            theirs = Plug(their_ear)
            join(ours, theirs)
            return theirs

        answer(pick_up)
        return ours
