"""Takes a changed `edge.toml` or profile up while the gateway runs; a broken one changes nothing."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from coldport.clock import Clock
from coldport.settings import SiteFileError
from edge.profiles import CATALOGUE
from edge.settings import EDGE_FILE, Wiring

LOOK_S = 2.0
"""How often the files are looked at: a technician who has saved one looks up at the screen no sooner."""

AT_THE_NEXT_START = ("gateway", "spool", "gateway_points", "stand_in")
"""Keys of `edge.toml` that a running gateway cannot change: who it is, and what it keeps where."""

log = logging.getLogger("edge.reload")


class Reload:
    """Watches the files of one gateway."""

    def __init__(
        self,
        folder: Path,
        running: Wiring,
        load: Callable[[], Wiring],
        change: Callable[[Wiring], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """Watch `folder`; `load` reads and checks it, `change` makes the gateway read by it."""
        self._folder = folder
        self._running = running
        self._load = load
        self._change = change
        self._clock = clock
        self._seen = self._stamps()
        self._asked = False

    def ask(self) -> None:
        """Load at the next look whether a file has changed or not; SIGHUP."""
        self._asked = True

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._clock.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Load and change if a file has changed or somebody asked."""
        stamps = self._stamps()
        if stamps == self._seen and not self._asked:
            return
        self._seen, self._asked = stamps, False
        try:
            wiring = self._load()
        except SiteFileError as error:
            for problem in error.problems:
                log.error("%s", problem)  # noqa: TRY400 - the problem says all
            log.error("nothing is changed: the gateway goes on as it was")  # noqa: TRY400
            return
        for key in AT_THE_NEXT_START:
            if getattr(wiring.settings, key) != getattr(self._running.settings, key):
                log.warning("%s: a new `%s` is taken up at the next start", EDGE_FILE, key)
        await self._change(wiring)
        log.info("the lines are read as %s says now", EDGE_FILE)

    def _stamps(self) -> dict[Path, int]:
        files = [self._folder / EDGE_FILE, *(self._folder / "profiles").glob("*.toml"), *CATALOGUE.glob("*.toml")]
        stamps = {}
        for file in files:
            try:
                stamps[file] = file.stat().st_mtime_ns
            except FileNotFoundError:  # between a deletion and the new file, as some editors save
                stamps[file] = 0
        return stamps
