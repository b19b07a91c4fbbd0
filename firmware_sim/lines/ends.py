"""Lines of this machine: pseudo terminals below a folder, and TCP ports."""

from pathlib import Path

from firmware_sim.lines.line import Address, Line, Serve
from firmware_sim.lines.pty import PtyLine
from firmware_sim.lines.tcp import TcpPort


class MachineEnds:
    """Serial lines are `folder/{name}`; TCP ports are the ones asked for, or any that are free."""

    def __init__(self, folder: Path, *, any_ports: bool) -> None:
        """Have no lines yet."""
        self.lines: dict[str, PtyLine] = {}
        self._folder = folder
        self._any_ports = any_ports
        self._listening: dict[str, TcpPort] = {}

    @property
    def ports(self) -> dict[str, int]:
        """Return the ports by their names: once they are open, those really in use."""
        return {name: port.port for name, port in self._listening.items()}

    def serial(self, name: str) -> Line:
        """Return a serial line of that name."""
        line = self.lines[name] = PtyLine(self._folder / name)
        return line

    def listen(self, name: str, address: Address, serve: Serve) -> None:
        """Listen at an address, and serve each client that comes there."""
        self._listening[name] = TcpPort(address.host, 0 if self._any_ports else address.port, serve)

    def plug(self, name: str, *, wanted: bool) -> None:
        """Pull a serial line out, or plug it in again."""
        line = self.lines.get(name)
        if line is not None and wanted:
            line.plug()
        elif line is not None:
            line.unplug()

    async def open(self) -> None:
        """Let clients in; see `Ends.open` for the errors."""
        for port in self._listening.values():
            await port.open()
        for line in self.lines.values():
            line.plug()

    async def close(self) -> None:
        """Take the names of the lines away and cut every connection."""
        for line in self.lines.values():
            line.unplug()
        for port in self._listening.values():
            await port.close()
