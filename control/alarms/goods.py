"""Alarms of lots: how much of a budget or of the dose of cold is used, and whether what is left of life is enough.

They stand at the lot, where others stand at a point. A lot is judged as often as it is assessed (`followers.lots`);
only assessments that move an alarm are on record, so a restart changes nothing.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from coldport.site import Site
from control.alarms.definition import LOTS, Definition, Kind
from control.alarms.detector import Move
from control.alarms.lifecycle import Stimulus
from control.exposure.custody import LotAssessed, LotShipped


class GoodsState(Struct):
    """The conditions that are true, by definition and then by lot, with the figure that made them so."""

    true: dict[str, dict[str, float]] = field(default_factory=dict)


class Goods:
    """The judge of all lots."""

    def __init__(self, site: Site, definitions: Sequence[Definition], state: GoodsState) -> None:
        """Judge by the definitions that are about lots, going on from `state`, which becomes the judge's own."""
        self._definitions = [definition for definition in definitions if definition.kind in LOTS]
        self._zone_classes = {zone.id: zone.zone_class for zone in site.zones}
        self.state = state
        state.true = {definition.id: state.true.get(definition.id, {}) for definition in self._definitions}

    def assess(self, assessed: LotAssessed, moves: list[Move]) -> None:
        """Take in how a lot stands; what its product has no rule for is no alarm."""
        for definition in self._definitions:
            figure = _figure(definition.kind, assessed)
            beyond = figure is not None and self._concerns(definition, assessed.zone) and _is_beyond(definition, figure)
            self._turn(definition.id, assessed, figure if beyond else None, moves)

    def ship(self, shipped: LotShipped, moves: list[Move]) -> None:
        """A lot that has left is the next site's care; its alarms return, and wait to be acknowledged as any."""
        for definition in self._definitions:
            self._turn(definition.id, shipped, None, moves)

    def true_conditions(self) -> dict[tuple[str, str], float | None]:
        """Return the conditions that are true, by definition and lot."""
        return {(name, lot): figure for name, lots in self.state.true.items() for lot, figure in lots.items()}

    def _turn(self, name: str, act: LotAssessed | LotShipped, figure: float | None, moves: list[Move]) -> None:
        true = self.state.true[name]
        if figure is not None and act.lot not in true:
            true[act.lot] = figure
            moves.append(Move(name, act.lot, Stimulus.OCCUR, act.at, figure))
        elif figure is None and act.lot in true:
            moves.append(Move(name, act.lot, Stimulus.RETURN, act.at, true.pop(act.lot)))

    def _concerns(self, definition: Definition, zone: str) -> bool:
        return zone in definition.zones or (
            definition.zone_class is not None and self._zone_classes.get(zone) is definition.zone_class
        )


def _figure(kind: Kind, assessed: LotAssessed) -> float | None:
    if kind is Kind.LOT_BUDGET:
        return assessed.budget_percent
    return assessed.chilling_percent if kind is Kind.LOT_CHILLING else assessed.margin_d


def _is_beyond(definition: Definition, figure: float) -> bool:
    """A budget or a dose is used up when all of it is; life is too short when less than the limit is left."""
    limit = definition.limit or 0.0
    return figure < limit if definition.kind is Kind.LOT_LIFE else figure >= limit
