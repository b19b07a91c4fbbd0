"""A dock gate that goes on for ever: its history, told as time passes."""

from collections import deque
from collections.abc import Mapping
from random import Random

from firmware_sim.devices.device import Dice, TagRead, Update, Value
from firmware_sim.devices.dock.episode import Episode, History
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.devices.rfid_gate import CHANNELS

REPORT_S = 0.1
"""How often the reads are told while there are any; each keeps its own moment."""


class DockGate:
    """Outputs `reads` (those since it was last woken), and the light barriers `outer` and `inner`, 1 while broken."""

    def __init__(self, dock: Dock, dice: Dice) -> None:
        """Begin with an empty gate."""
        self._episodes = iter(history_of(dock, dice))
        self._dice = dice
        self._beams: dict[str, Value] = {"outer": 0.0, "inner": 0.0}
        self._begin(next(self._episodes))

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Tell what has happened by now."""
        del inputs  # traffic comes by itself
        reads: list[TagRead] = []
        self._tell(now_s, reads)
        while now_s >= self._episode.end_s and not self._reads:
            self._begin(next(self._episodes))
            self._tell(now_s, reads)
        return Update({**self._beams, "reads": tuple(reads)}, self._call_at_s(now_s))

    def _begin(self, episode: Episode) -> None:
        self._episode = episode
        self._reads = deque(episode.reads)
        self._edges = deque(episode.beams)

    def _tell(self, now_s: float, reads: list[TagRead]) -> None:
        """Move what has happened by now out of the episode."""
        while self._reads and self._reads[0].at_s <= now_s:
            seen = self._reads.popleft()
            epc, channel = bytes.fromhex(self._episode.tags[seen.tag].epc), 1 + self._dice.randrange(CHANNELS)
            reads.append(TagRead(epc, seen.antenna, seen.rssi_dbm, channel, seen.at_s))
        while self._edges and self._edges[0].at_s <= now_s:
            edge = self._edges.popleft()
            self._beams[edge.beam] = float(edge.broken)

    def _call_at_s(self, now_s: float) -> float:
        moments = [max(self._episode.end_s, now_s + REPORT_S)]
        if self._reads:
            moments.append(max(self._reads[0].at_s, now_s + REPORT_S))
        if self._edges:
            moments.append(self._edges[0].at_s)
        return min(moments)


def history_of(dock: Dock, dice: Dice) -> History:
    """Return the history that a gate with these dice tells, and with it what really happens there."""
    return History(dock, Random(dice.randrange(1 << 32)))  # noqa: S311 - repeatable, not unguessable
