"""Looking for units: who is there, what it could be, and that nothing is ever written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from edge.protocols.framing import FrameError
from edge.protocols.modbus import ExceptionReplyError, Function, ReadRequest, Request
from edge.tools.scan import catalogue
from edge.tools.units import UnitReader, allowed, answers, blocks_of, ranges

Cells = Mapping[tuple[int, int], int]


class Floor:
    """A line with some units on it, each with what it holds at (function, address)."""

    def __init__(self, units: Mapping[int, Cells], *, refuses: bool = True) -> None:
        self.asked: list[tuple[int, Request]] = []
        self._units = units
        self._refuses = refuses

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def idle(self, duration_s: float) -> None:
        pass

    async def ask(self, unit: int, request: Request) -> Sequence[int]:
        self.asked.append((unit, request))
        assert isinstance(request, ReadRequest)
        cells = self._units.get(unit)
        if cells is None:
            raise FrameError("timeout", "silence")
        held = [cells.get((request.function, request.address + index)) for index in range(request.count)]
        if None in held:
            raise ExceptionReplyError(2) if self._refuses else FrameError("timeout", "silence")
        return [cell for cell in held if cell is not None]


XY_MD02 = {(Function.INPUT_REGISTERS, 1): 0xFF33, (Function.INPUT_REGISTERS, 2): 546}
RENKE = {(Function.HOLDING_REGISTERS, 0): 658, (Function.HOLDING_REGISTERS, 1): 0xFF9B}
PROFILES = catalogue(Path("nowhere"))


async def test_a_unit_is_there_when_it_answers_and_when_it_refuses() -> None:
    assert await answers(Floor({7: RENKE}), 7)
    assert await answers(Floor({7: {}}), 7)
    assert not await answers(Floor({7: RENKE}), 8)


async def test_a_unit_that_is_silent_at_functions_it_does_not_have_is_found_by_another() -> None:
    floor = Floor({7: {(Function.DISCRETE_INPUTS, 0): 1}}, refuses=False)
    assert await answers(floor, 7)
    assert [request.function for _, request in floor.asked] == [3, 4, 1, 2]


async def test_a_gateway_that_answers_for_a_dead_unit_is_no_unit() -> None:
    class Gateway(Floor):
        async def ask(self, unit: int, request: Request) -> Sequence[int]:
            raise ExceptionReplyError(0x0B)

    assert not await answers(Gateway({}), 7)


async def test_device_types_fit_by_what_can_be_read_and_is_in_range() -> None:
    fits = await UnitReader(Floor({3: XY_MD02}), 3).fits(PROFILES)
    assert [fit.profile for fit in fits] == ["xy-md02"]
    assert fits[0].values == {"temperature": -20.5, "humidity": 54.6}
    renke = await UnitReader(Floor({3: RENKE}), 3).fits(PROFILES)
    assert "renke-rs-ws-n01" in [fit.profile for fit in renke]
    assert "r444a01" not in [fit.profile for fit in renke], "its humidity would be 6543.5 %"


async def test_nothing_is_asked_twice_of_a_unit_and_nothing_is_written() -> None:
    floor = Floor({3: {**RENKE, **XY_MD02}})
    await UnitReader(floor, 3).fits(PROFILES)
    requests = [request for _, request in floor.asked]
    assert len(requests) == len(set(requests))
    assert {request.function for request in requests} <= {1, 2, 3, 4}


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_device_type_of_the_catalogue_can_be_looked_for(name: str) -> None:
    values = {value.point for block in blocks_of(PROFILES[name]) for value in block.values}
    assert values == set(PROFILES[name].values)


def test_units_are_given_as_ranges() -> None:
    assert allowed(ranges("1-3,2,31"), 247) == [1, 2, 3, 31]


@pytest.mark.parametrize("wrong", ["0-3", "5-1", "1-248", "one", ""])
def test_units_that_cannot_be_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"units are 1 to 247|invalid literal"):
        allowed(ranges(wrong), 247)
