"""The simulator's ends of lines that are inside one process."""

import asyncio
from collections.abc import Callable, Sequence

from coldport.rehearsal import Ear
from firmware_sim.lines.letters import Letters
from firmware_sim.lines.line import Address, Line, Serve
from firmware_sim.rehearsal.patch_bay import PatchBay, Plug, Serial

FOLDER = "lines"
"""Where the serial lines are below the data folder, outside of a rehearsal; `edge.toml` names them so."""


class BayLine:
    """A line of a patch bay; see `firmware_sim.lines.line.Line`. It is the ear of its own end."""

    def __init__(self) -> None:
        """Have no other end yet."""
        self.end: Plug | Serial | None = None
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def arrived(self, data: bytes) -> None:
        """Take bytes from the other end."""
        self._arrived.put_nowait(data)

    def gone(self) -> None:
        """Hear that the other end is gone."""
        self._arrived.put_nowait(b"")

    async def receive(self) -> bytes:
        """Wait for bytes."""
        return await self._arrived.get()

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        if self.end is not None:
            self.end.send(data)


class NoLetters:
    """A letterbox in which nobody puts anything: in a rehearsal nothing is declared."""

    def fetch(self, size_limit: int) -> Sequence[bytes]:
        """Return nothing."""
        del size_limit
        return ()

    def bring(self, name: str, body: bytes) -> None:
        """Lose a letter."""


class BayEnds:
    """Makes lines of a patch bay; see `firmware_sim.lines.line.Ends`."""

    def __init__(self, bay: PatchBay) -> None:
        """Have no lines yet."""
        self._bay = bay
        self._serving: set[asyncio.Task[None]] = set()

    def serial(self, name: str) -> Line:
        """Return a serial line of that name."""
        line = BayLine()
        line.end = self._bay.offer_serial(f"{FOLDER}/{name}", line)
        return line

    def listen(self, name: str, address: Address, serve: Serve) -> None:
        """Listen at an address, and serve each client that comes there."""
        del name

        def answer(pick_up: Callable[[Ear], Plug]) -> None:
            line = BayLine()
            line.end = pick_up(line)
            task = asyncio.get_running_loop().create_task(_served(line, line.end, serve))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

        self._bay.listen(address.host, address.port, answer)

    def letters(self, folder: str) -> Letters:
        """Return a letterbox that stays empty."""
        del folder
        return NoLetters()

    def plug(self, name: str, *, wanted: bool) -> None:
        """Pull a serial line out, or plug it in again."""
        self._bay.plug(f"{FOLDER}/{name}", wanted=wanted)

    async def open(self) -> None:
        """Do nothing: nobody plays before the lines are there."""

    async def close(self) -> None:
        """Cut every connection."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _served(line: Line, end: Plug, serve: Serve) -> None:
    try:
        await serve(line)
    finally:
        end.hang_up()
