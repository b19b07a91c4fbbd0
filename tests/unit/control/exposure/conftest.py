"""Histories of temperatures, written short."""

from collections.abc import Callable, Sequence

import pytest

from control.exposure.timeline import Grade, Stretch, unknown

HOUR_MS = 3_600_000


@pytest.fixture
def history() -> Callable[..., list[Stretch]]:
    """A function that makes stretches of (hours, temperature), one after the other; without a temperature: unknown."""

    def make(*parts: Sequence[float | None]) -> list[Stretch]:
        stretches = []
        now_ms = 0
        for hours, at_c in parts:
            end_ms = now_ms + round(hours * HOUR_MS)
            known = Stretch(now_ms, end_ms, at_c, at_c, Grade.GOOD) if at_c is not None else unknown(now_ms, end_ms)
            stretches.append(known)
            now_ms = end_ms
        return stretches

    return make
