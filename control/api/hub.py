"""The hub of the live stream: looks at the desk four times a second, encodes what changed once, hands it to everyone.

A client that does not keep up is not waited for: its queue is emptied, and a snapshot stands for what it missed.
"""

import asyncio
from collections.abc import Iterable, Sequence

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import PointId, ZoneId
from coldport.messages.status import SIMULATOR
from coldport.site import Zone, ZoneClass
from control.api import frames, lane_frames
from control.ports import Desk

TICK_S = 0.25
"""Four frames a second at most: faster than an eye reads figures, slow enough for old tablets."""

SILENCE_S = 0.75
"""With nothing new a frame goes out after this, so that even with a late tick no second passes without one."""

SWEEP_S = 1.0
"""How often every zone is looked at, changed or not: values grow stale by time alone."""

QUEUE_LIMIT = 8
"""Ticks that may wait for one client: two seconds, less than the three after which its page says "data lost"."""

CLIENT_LIMIT = 256
"""Open streams. A site has some 20 screens; a browser tab costs about 0.1 MB here."""


class TooManyClientsError(UnavailableError):
    """As many pages as control serves are open already."""

    code = "too-many-clients"


class Client:
    """One open page: the ticks it has not been sent yet, the room it looks at, and whether it is told of lanes."""

    def __init__(self, zone: ZoneId | None, *, lanes: bool = False) -> None:
        """Start with nothing waiting."""
        self.zone = zone
        self.lanes = lanes
        self.snapshots = 0
        self._waiting: asyncio.Queue[tuple[str, ...]] = asyncio.Queue(QUEUE_LIMIT)

    async def next(self) -> tuple[str, ...]:
        """Wait for the frames of the next tick."""
        return await self._waiting.get()

    @property
    def full(self) -> bool:
        """Whether it has fallen behind."""
        return self._waiting.full()

    def offer(self, texts: tuple[str, ...]) -> None:
        """Queue the frames of a tick; there must be room."""
        self._waiting.put_nowait(texts)

    def restart(self, texts: tuple[str, ...]) -> None:
        """Forget what waits and begin again with `texts`, which hold a snapshot."""
        self.snapshots += 1
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self.offer(texts)


class Hub:
    """The picture that every client has, and the clients."""

    def __init__(self, desk: Desk, clock: Clock, build: str) -> None:
        """Watch `desk`; `build` tells a page whether it is still the one that is served."""
        self.running = False
        self._simulated: bool | None = None
        self._desk = desk
        self._clock = clock
        self._build = build
        self._zones = {ZoneId(zone.id): (index, zone) for index, zone in enumerate(desk.site.zones)}
        self._zone_of = {PointId(p.id): ZoneId(zone.id) for zone in desk.site.zones for p in zone.points}
        self._lanes = frozenset(i for i, zone in enumerate(desk.site.zones) if zone.zone_class is ZoneClass.LANE)
        self._rows: dict[int, frames.Row] = {}
        self._alarms: dict[str, int] = {}
        self._links: list[frames.Row] = []
        self._lane_rows: dict[str, lane_frames.LaneRow] = {}
        self._clients: set[Client] = set()
        self._version = -1
        self._seq = 0
        self._sent_s = self._swept_s = clock.monotonic_s()
        self._look(self._zones)

    @property
    def clients(self) -> int:
        """Return how many pages are open."""
        return len(self._clients)

    @property
    def simulated(self) -> bool:
        """Whether a simulator is on the bus: what the pages show is then not real."""
        return any(one.process == SIMULATOR and one.online for one in self._desk.presences())

    def zone(self, name: str | None) -> ZoneId | None:
        """Return a zone by the name a client gave, or None where the site has none of it."""
        return ZoneId(name) if name is not None and ZoneId(name) in self._zones else None

    def join(self, zone: ZoneId | None, *, lanes: bool = False) -> Client:
        """Take a client in; its first frame is a snapshot, and one of all lanes comes with it if it asks for them.

        Raises:
            TooManyClientsError: There are 256 already.
        """
        if len(self._clients) >= CLIENT_LIMIT:
            raise TooManyClientsError(f"{CLIENT_LIMIT} pages are open already")
        client = Client(zone, lanes=lanes)
        if lanes and not self._is_told_of_lanes:
            self._look_at_lanes()  # nobody has: a change found here is missed by nobody
        client.restart(self._whole(client, self._snapshot()))
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a client."""
        self._clients.discard(client)

    def turn(self, client: Client, zone: ZoneId | None) -> None:
        """Let a client look at another room, and show it at once."""
        client.zone = zone
        room = self._room(zone)
        if room and not client.full:
            client.offer(room)

    async def run(self) -> None:
        """Tick for ever. Whatever ends it is a bug; `running` then tells `/healthz`."""
        self.running = True
        try:
            while True:
                await self._clock.sleep(TICK_S)
                self.tick()
        finally:
            self.running = False

    def tick(self) -> None:
        """Look, and send a frame when something changed or the silence has been long enough."""
        now_s = self._clock.monotonic_s()
        version = self._desk.version()
        zones: Iterable[ZoneId] = ()
        if now_s - self._swept_s >= SWEEP_S:
            self._swept_s = now_s
            zones = self._zones
        elif version != self._version:
            zones = {self._zone_of[p] for p in self._desk.changed_points(self._version) if p in self._zone_of}
        self._version = version
        rows, rest = self._look(zones)
        lanes = self._look_at_lanes() if self._is_told_of_lanes else []
        if rows or rest or lanes or now_s - self._sent_s >= SILENCE_S:
            self._sent_s = now_s
            self._send(rows, rest, lanes)

    def _look(self, zones: Iterable[ZoneId]) -> tuple[list[frames.Row], dict[str, object]]:
        """Bring the picture up to date with the desk and return what of it changed."""
        now, latest = self._desk.now(), self._desk.latest()
        rows = []
        for index, zone in (self._zones[name] for name in zones):
            row = frames.zone_row(index, zone, latest, now)
            if self._rows.get(index) != row:
                self._rows[index] = row
                rows.append(row)
        rest: dict[str, object] = {}
        alarms = self._desk.alarms()
        changed = [frames.alarm_row(alarm) for alarm in alarms if self._alarms.get(alarm.id) != alarm.transition]
        if changed:
            self._alarms = {alarm.id: alarm.transition for alarm in alarms}
            rest["alarms"] = changed
        links = [frames.link_row(link) for link in self._desk.links()]
        gone = (one for one in self._desk.presences() if not one.online and one.process != SIMULATOR)
        links += [frames.absent_row(one) for one in gone]
        if links != self._links:
            self._links = links
            rest["links"] = links
        if self._simulated is not self.simulated:
            self._simulated = rest["simulated"] = self.simulated
        return rows, rest

    @property
    def _is_told_of_lanes(self) -> bool:
        return any(client.lanes for client in self._clients)

    def _look_at_lanes(self) -> list[lane_frames.LaneRow]:
        """Bring the lanes up to date and return those that changed."""
        lanes, links = self._desk.floor.lanes, self._desk.links()
        now_is = {one.id: lane_frames.lane_row(one, lanes, links) for one in lanes.settings} if lanes else {}
        changed = [row for name, row in now_is.items() if self._lane_rows.get(name) != row]
        self._lane_rows = now_is
        return changed

    def _send(self, rows: list[frames.Row], rest: dict[str, object], changed: Sequence[lane_frames.LaneRow]) -> None:
        self._seq += 1
        lanes = (lane_frames.lanes_frame(self._desk.now(), changed),) if changed else ()
        delta = frames.delta_frame(self._seq, self._desk.now(), rows, self._lanes, rest)
        rooms = {zone: self._room(zone) for zone in {client.zone for client in self._clients}}
        snapshot: str | None = None
        for client in self._clients:
            if client.full:
                snapshot = snapshot or self._snapshot()
                client.restart(self._whole(client, snapshot))
            else:
                client.offer((delta, *rooms[client.zone], *(lanes if client.lanes else ())))

    def _whole(self, client: Client, snapshot: str) -> tuple[str, ...]:
        """Return what a client needs that knows nothing."""
        lanes = (lane_frames.lanes_frame(self._desk.now(), list(self._lane_rows.values())),) if client.lanes else ()
        return (snapshot, *self._room(client.zone), *lanes)

    def _snapshot(self) -> str:
        alarms = [frames.alarm_row(alarm) for alarm in self._desk.alarms()]
        rest = {"alarms": alarms, "links": self._links, "simulated": self.simulated}
        rows = list(self._rows.values())
        return frames.snapshot_frame(self._seq, self._desk.now(), self._build, rows, self._lanes, rest)

    def _room(self, name: ZoneId | None) -> tuple[str, ...]:
        if name is None:
            return ()
        zone: Zone = self._zones[name][1]
        return (frames.room_frame(zone, self._desk.latest(), self._desk.now()),)
