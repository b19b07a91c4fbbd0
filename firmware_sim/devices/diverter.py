"""A diverter at the end of a belt: it takes a moment to swing over."""

from collections.abc import Mapping

from firmware_sim.devices.device import Update, Value, number


class Diverter:
    """Input `wanted`, the number of a way, 0 straight on; output `way`, the one it stands at or has left last."""

    def __init__(self, travel_s: float) -> None:
        """Stand at way 0; any other is `travel_s` away."""
        self._travel_s = travel_s
        self._way = 0.0
        self._wanted = 0.0
        self._arrives_s = 0.0

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Arrive when it is time. Who wants another way meanwhile waits the whole travel again."""
        wanted = number(inputs, "wanted")
        if wanted != self._wanted:
            self._wanted, self._arrives_s = wanted, now_s + self._travel_s
        if now_s >= self._arrives_s:
            self._way = self._wanted
        return Update({"way": self._way}, self._arrives_s if self._way != self._wanted else None)
