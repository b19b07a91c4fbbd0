"""How much time is left to the cut-offs of a service, for goods that come to it by the ones before."""

from collections.abc import Iterator, Sequence

from routing.model import Consignment, Service
from routing.pricing import Tables, connection_s, opens_s


def slacks(
    tables: Tables, goods: Consignment, before: Sequence[Service], service: Service
) -> Iterator[tuple[int, str]]:
    """Yield how much later, in seconds, the goods or their papers could come for a service, by the cut-off.

    Less than nothing: too late. A place that does not open again has no slack to its gate and its customs.
    """
    node = tables.nodes[service.origin]
    came_s = before[-1].arrives_s + connection_s(node, before[-1].mode, service.mode) if before else goods.ready_s
    handed_s = opens_s(node, came_s)
    if handed_s is not None:
        yield service.gate_in_s - handed_s, "gate_in_s"
        yield service.customs_s - handed_s, "customs_s"
    yield service.documents_s - goods.documents_s, "documents_s"
