"""What is judged beside the points themselves: positions, peers, masks, commands, calibrations, tampering, recalls.

It listens to points through `Watch.followers`, and to the journal's entries that are no readings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.ids import PointId
from coldport.site import Point, Quantity, Role, Site
from control.alarms.blend import LEAST_PEERS, Blend, BlendState
from control.alarms.calibration import expiries
from control.alarms.definition import LEVELS, AlarmFile, Definition, Kind, points_of
from control.alarms.detector import Move
from control.alarms.goods import Goods, GoodsState
from control.alarms.lifecycle import Stimulus
from control.alarms.mask import Cause, Mask, MaskState
from control.alarms.orders import Order, OrderState
from control.alarms.recent import Recent
from control.alarms.watch import Follower, Watch
from control.entries import Commanded, Content, Replied, Tampered
from control.exposure.custody import LotAssessed, LotMoved, LotReceived, LotShipped
from control.inspection.parcels.acts import ParcelRecalled
from control.inspection.parcels.rules import AWAY

ID_LIMIT = 48
_NO_ID = re.compile("[^a-z0-9-]+")

BLENDED = frozenset({Kind.DISAGREE, Kind.DRIFT, Kind.DEW_POINT})
"""The kinds that look at several points."""


class SurroundingsState(Struct):
    """What is remembered; blends and orders by `definition.point`, masks by their id."""

    blends: dict[str, BlendState] = field(default_factory=dict)
    masks: dict[str, MaskState] = field(default_factory=dict)
    orders: dict[str, OrderState] = field(default_factory=dict)
    due: set[str] = field(default_factory=set)
    goods: GoodsState = field(default_factory=GoodsState)


class Surroundings:
    """The judge of all that is not one point."""

    def __init__(self, site: Site, alarms: AlarmFile, state: SurroundingsState) -> None:
        """Go on from `state`, which becomes its own; what it holds of others is forgotten."""
        self.state = state
        state.masks = {rule.id: state.masks.get(rule.id, MaskState()) for rule in alarms.masks}
        self._masks = [Mask(rule, state.masks[rule.id]) for rule in alarms.masks]
        self._zone_of = {point.id: zone.id for zone in site.zones for point in zone.points}
        self._blends = dict(self._blend(site, alarms))
        state.blends = {name: blend.state for name, blend in self._blends.items()}
        self._orders = {
            f"{d.id}.{point.id}": (point.id, Order(d, point.id, state.orders.get(f"{d.id}.{point.id}", OrderState())))
            for d in alarms.alarms
            if d.kind is Kind.COMMAND
            for point in points_of(d, site)
        }
        state.orders = {name: order.state for name, (_, order) in self._orders.items()}
        self._tampered = [(d.id, {p.id for p in points_of(d, site)}) for d in alarms.alarms if d.kind is Kind.TAMPERED]
        self._recalled = [definition.id for definition in alarms.alarms if definition.kind is Kind.RECALLED]
        self._warned_from = dict(_calibrations(site, alarms))
        state.due &= self._warned_from.keys()
        self._goods = Goods(site, alarms.alarms, state.goods)

    @property
    def followed(self) -> set[str]:
        """The points that are listened to, whether or not they have alarms of their own."""
        return {name for blend in self._blends.values() for name in blend.state.heard} | {
            name for mask in self._masks for name in mask.rule.points
        }

    @property
    def calm(self) -> bool:
        """Whether no condition is true, pending or reported."""
        return all(blend.watch.calm for blend in self._blends.values()) and not self.true_conditions()

    def masks_of(self, point: str) -> Sequence[Mask]:
        """Return the masks of the zone a point is in."""
        return [mask for mask in self._masks if self._zone_of[point] in mask.rule.zones]

    def attach(self, recent: Mapping[str, Recent]) -> None:
        """Listen to the points that matter; tell those under a mask before it changes."""
        masked: dict[str, list[Recent | Watch]] = {}
        judges: list[Recent | Watch] = [*recent.values(), *(blend.watch for blend in self._blends.values())]
        for judge in judges:
            for mask in self.masks_of(judge.point):
                masked.setdefault(mask.rule.id, []).append(judge)
        self._veils = [Veil(mask, masked.get(mask.rule.id, ())) for mask in self._masks]
        followers: dict[str, list[Follower]] = {}
        for blend in self._blends.values():
            for name in blend.state.heard:
                followers.setdefault(name, []).append(blend)
        for veil in self._veils:
            for name in veil.mask.rule.points:
                followers.setdefault(name, []).append(veil)
        for name, some in followers.items():
            if name in recent:
                recent[name].watch.followers = tuple(some)

    def hear(self, content: Content, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in an entry that is no reading."""
        if isinstance(content, Commanded):
            for order in self._orders_of(content.command.point):
                order.command(content.command)
        elif isinstance(content, Replied):
            for order in self._orders_of(content.reply.point):
                order.reply(content.reply, moves)
        elif isinstance(content, LotAssessed):
            self._goods.assess(content, moves)
        elif isinstance(content, LotShipped):
            self._goods.ship(content, moves)
        elif isinstance(content, LotReceived | LotMoved):
            self._brought(content.zone, content.at, moves)
        elif isinstance(content, Tampered):
            point = content.first.point
            _tell((name for name, points in self._tampered if point in points), point, recorded_at, moves)
        elif isinstance(content, ParcelRecalled) and content.state in AWAY:
            _tell(self._recalled, place_of(content.logistics_no), content.at, moves)

    def tick(self, now: datetime, until: datetime, moves: list[Move]) -> None:
        """Let time pass: to `until` for what is read, to `now` for what is not."""
        for blend in self._blends.values():
            if not blend.watch.calm:
                blend.watch.tick(until, moves)
        for _, order in self._orders.values():
            order.tick(now, moves)
        for name, warned_from in self._warned_from.items():
            is_due = now >= warned_from
            if is_due is not (name in self.state.due):
                definition, _, point = name.partition(".")
                moves.append(Move(definition, point, Stimulus.OCCUR if is_due else Stimulus.RETURN, now, None))
                self.state.due ^= {name}

    def true_conditions(self) -> dict[tuple[str, str], float | None]:
        """Return the conditions that are reported true, by definition and point, with the newest figure."""
        true: dict[tuple[str, str], float | None] = {}
        for blend in self._blends.values():
            for definition, value in blend.watch.true_conditions().items():
                true[definition, blend.watch.point] = value
        names = [name for name, (_, order) in self._orders.items() if order.state.raised] + sorted(self.state.due)
        for name in names:
            definition, _, point = name.partition(".")
            true[definition, point] = None
        return true | self._goods.true_conditions()

    def _orders_of(self, point: str) -> Iterator[Order]:
        return (order for name, order in self._orders.values() if name == point)

    def _brought(self, zone: str, at: datetime, moves: list[Move]) -> None:
        for veil in self._veils:
            if veil.mask.rule.cause is Cause.LOAD and zone in veil.mask.rule.zones:
                veil.begin(at, moves)

    def _blend(self, site: Site, alarms: AlarmFile) -> Iterator[tuple[str, Blend]]:
        for definition in alarms.alarms:
            for points in groups(definition, site, alarms):
                name = f"{definition.id}.{points[0].id}"
                state = self.state.blends.get(name, BlendState())
                yield name, Blend(definition, points, state, self.masks_of(points[0].id))


class Veil:
    """A mask and the judges under it."""

    def __init__(self, mask: Mask, judges: Sequence[Recent | Watch]) -> None:
        """Let the mask's points move the mask; `judges` are settled before it changes."""
        self.mask = mask
        self._judges = judges

    def hear(self, point: str, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in a reading of one of the mask's points; one that is not usable says nothing."""
        del recorded_at
        if value is not None and self.mask.changes(point, value):
            self._settle(at, moves)
            self.mask.hear(point, value, at)
            self._judge_again(at, moves)

    def begin(self, at: datetime, moves: list[Move]) -> None:
        """Begin what no points tell of."""
        self._settle(at, moves)
        self.mask.begin(at)
        self._judge_again(at, moves)

    def _judge_again(self, since: datetime, moves: list[Move]) -> None:
        """Bring what points said already in line, if the mask's own point was heard after them."""
        for judge in self._judges:
            if isinstance(judge, Recent):
                judge.judge_again(since, moves)

    def _settle(self, at: datetime, moves: list[Move]) -> None:
        for judge in self._judges:
            judge.settle(at, moves)


def place_of(logistics_no: str) -> str:
    """Return where an alarm of a parcel stands: its number in the letters of an id.

    >>> place_of("SF1234567890")
    'sf1234567890'
    """
    return _NO_ID.sub("-", logistics_no.lower()).strip("-")[:ID_LIMIT] or "parcel"


def _tell(definitions: Iterable[str], place: str, at: datetime, moves: list[Move]) -> None:
    """It is over as soon as it is told: what is left is that somebody sees it."""
    for definition in definitions:
        moves.append(Move(definition, place, Stimulus.OCCUR, at, None))
        moves.append(Move(definition, place, Stimulus.RETURN, at, None))


def groups(definition: Definition, site: Site, alarms: AlarmFile) -> Iterator[list[Point]]:
    """Give the points that a definition judges together, the one its alarms stand at first; none if it judges each."""
    points = site.points()
    if definition.positions and definition.kind in LEVELS | {Kind.DISAGREE}:
        for position in alarms.positions:
            if position.id in definition.positions and all(PointId(name) in points for name in position.points):
                yield [points[PointId(name)] for name in position.points]
    elif definition.kind is Kind.DRIFT:
        for point in points_of(definition, site):
            peers = peers_of(point, site)
            if len(peers) >= LEAST_PEERS:
                yield [point, *peers]
    elif definition.kind is Kind.DEW_POINT:
        for point in points_of(definition, site):
            beside = thermometer_of(point, site)
            if beside:
                yield [point, beside]


def peers_of(point: Point, site: Site) -> list[Point]:
    """Return the other probes of the same kind in the zone of a point."""
    zone = next(zone for zone in site.zones if point in zone.points)
    return [p for p in zone.points if p.id != point.id and p.quantity is point.quantity and p.role is point.role]


def thermometer_of(point: Point, site: Site) -> Point | None:
    """Return the air temperature beside a humidity: the one with the same label, or the only one in the zone."""
    zone = next(zone for zone in site.zones if point in zone.points)
    air = [p for p in zone.points if p.quantity is Quantity.TEMPERATURE and p.role is Role.AIR]
    same = [p for p in air if p.label is not None and p.label == point.label]
    if len(same) == 1:
        return same[0]
    return air[0] if len(air) == 1 else None


def _calibrations(site: Site, alarms: AlarmFile) -> Iterable[tuple[str, datetime]]:
    due = expiries(alarms.calibrations)
    for definition in alarms.alarms:
        if definition.kind is Kind.CALIBRATION:
            for point in points_of(definition, site):
                if point.id in due:
                    yield f"{definition.id}.{point.id}", due[point.id] - timedelta(days=definition.limit or 0.0)
