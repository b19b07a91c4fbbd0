"""The journal number a server has been given everything up to, kept in a file that trails by ten seconds.

The journal is the outbox; this is how far it has been emptied. Servers confirm what they have not put on disk yet
(VictoriaMetrics for about five seconds), so after a failure and after a restart the last ten seconds are given again.
A repeat changes nothing there, and a lost file costs time, not data.
"""

import json
import logging
import os
from collections import deque
from pathlib import Path

from coldport.clock import Clock
from coldport.errors import UnavailableError

TRAIL_S = 10.0
"""Twice the five seconds that VictoriaMetrics may hold what it has confirmed in memory."""
STEP_S = 1.0
"""How far apart the remembered numbers are: at most eleven are waiting for the file."""

log = logging.getLogger("coldport.historian")


class AppliedNumber:
    """Where the follower stands with one server. Belongs to one thread."""

    def __init__(self, path: Path, target: str, clock: Clock) -> None:
        """Read `path`; a number kept for another `target` counts as 0, because that server has nothing yet."""
        self._path = path
        self._target = target
        self._clock = clock
        self._kept = self._load()
        self._waiting: deque[tuple[float, int]] = deque()
        self.number = self._kept

    def advance(self, number: int) -> None:
        """The server has confirmed everything up to `number`.

        Raises:
            UnavailableError: The file cannot be written.
        """
        now_s = self._clock.monotonic_s()
        self.number = number
        if not self._waiting or now_s - self._waiting[-1][0] >= STEP_S:
            self._waiting.append((now_s, number))
        settled = self._kept
        while self._waiting and now_s - self._waiting[0][0] >= TRAIL_S:
            settled = self._waiting.popleft()[1]
        if settled != self._kept:
            self._save(settled)

    def fall_back(self) -> None:
        """The server failed: what it confirmed in the last ten seconds is in doubt."""
        self._waiting.clear()
        self.number = self._kept

    def _load(self) -> int:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return int(kept["applied"]) if kept["target"] == self._target else 0
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("%s cannot be used, everything is sent again: %s", self._path, error)
            return 0

    def _save(self, number: int) -> None:
        beside = self._path.with_suffix(".new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump({"target": self._target, "applied": number}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise UnavailableError(f"{self._path} cannot be written: {error.strerror}") from error
        self._kept = number
