"""Lines of this machine: pseudo terminals below a folder, TCP ports, and letterboxes in folders."""

import asyncio
import logging
from pathlib import Path

from coldport.errors import UnavailableError
from firmware_sim.lines.letters import FolderLetters, Letters
from firmware_sim.lines.line import Address, Line, Serve
from firmware_sim.lines.pty import PtyLine
from firmware_sim.lines.tcp import TcpPort

log = logging.getLogger("firmware_sim.lines")


class MachineEnds:
    """Serial lines are `data/lines/{name}`; TCP ports are the ones asked for, or any that are free."""

    def __init__(self, data: Path, *, any_ports: bool) -> None:
        """Have no lines yet."""
        self.lines: dict[str, PtyLine] = {}
        self._data = data
        self._any_ports = any_ports
        self._listening: dict[str, TcpPort] = {}
        self._changing: dict[str, asyncio.Task[None]] = {}

    @property
    def ports(self) -> dict[str, int]:
        """Return the ports by their names: once they are open, those really in use."""
        return {name: port.port for name, port in self._listening.items()}

    def serial(self, name: str) -> Line:
        """Return a serial line of that name."""
        line = self.lines[name] = PtyLine(self._data / "lines" / name)
        return line

    def listen(self, name: str, address: Address, serve: Serve) -> None:
        """Listen at an address, and serve each client that comes there."""
        self._listening[name] = TcpPort(address.host, 0 if self._any_ports else address.port, serve)

    def letters(self, folder: str) -> Letters:
        """Return the customs' side of the letterbox in a folder."""
        return FolderLetters(self._data / folder)

    def plug(self, name: str, *, wanted: bool) -> None:
        """Pull a serial line out, or plug it in again; close a TCP port, or open it."""
        line, port = self.lines.get(name), self._listening.get(name)
        if line is not None:
            (line.plug if wanted else line.unplug)()
        if port is not None and wanted:
            self._changing[name] = asyncio.create_task(_reopen(port, self._changing.get(name)))
        elif port is not None:
            self._changing[name] = asyncio.create_task(_shut(port, self._changing.get(name)))

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
        await asyncio.gather(*self._changing.values())
        for port in self._listening.values():
            await port.close()


async def _reopen(port: TcpPort, before: asyncio.Task[None] | None) -> None:
    """Listen again, behind what is being done `before`. Somebody else may have the address by now."""
    if before is not None:
        await before
    try:
        await port.open()
    except UnavailableError as error:
        log.error("a port that was unplugged stays closed: %s", error)  # noqa: TRY400 - who has it is all there is


async def _shut(port: TcpPort, before: asyncio.Task[None] | None) -> None:
    if before is not None:
        await before
    await port.close()
