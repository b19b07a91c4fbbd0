"""Lines of bytes inside one process."""

import pytest

from coldport.rehearsal import NotThereError
from firmware_sim.rehearsal.patch_bay import PatchBay


class Heard:
    """An ear that remembers."""

    def __init__(self) -> None:
        self.data = b""
        self.is_gone = False

    def arrived(self, data: bytes) -> None:
        self.data += data

    def gone(self) -> None:
        self.is_gone = True


def test_a_serial_line_carries_bytes_both_ways_and_loses_what_nobody_reads() -> None:
    bay, device, gateway = PatchBay(), Heard(), Heard()
    line = bay.offer_serial("lines/a", device)
    line.send(b"lost")
    plug = bay.take_serial("lines/a", gateway)
    plug.send(b"question")
    line.send(b"answer")
    assert (device.data, gateway.data) == (b"question", b"answer")


def test_a_serial_line_is_taken_by_one_at_a_time_and_stays_when_he_leaves() -> None:
    bay, device, gateway = PatchBay(), Heard(), Heard()
    line = bay.offer_serial("lines/a", device)
    plug = bay.take_serial("lines/a", gateway)
    with pytest.raises(NotThereError) as occupied:
        bay.take_serial("lines/a", Heard())
    assert occupied.value.reason == "occupied"
    plug.hang_up()
    line.send(b"lost")
    assert not device.is_gone
    again = Heard()
    bay.take_serial("lines/a", again)
    line.send(b"heard")
    assert (gateway.data, again.data) == (b"", b"heard")


def test_a_serial_line_that_is_pulled_out_hangs_up_and_is_missing_until_it_is_plugged_in() -> None:
    bay, gateway = PatchBay(), Heard()
    line = bay.offer_serial("lines/a", Heard())
    bay.take_serial("lines/a", gateway)
    bay.plug("lines/a", wanted=False)
    assert gateway.is_gone
    line.send(b"lost")
    for path in ("lines/a", "lines/b"):
        with pytest.raises(NotThereError) as missing:
            bay.take_serial(path, Heard())
        assert missing.value.reason == "missing"
    bay.plug("lines/a", wanted=True)
    bay.plug("lines/b", wanted=True)
    bay.take_serial("lines/a", again := Heard())
    line.send(b"heard")
    assert again.data == b"heard"


def test_every_call_has_a_line_of_its_own_and_either_end_may_hang_up() -> None:
    bay, ends = PatchBay(), []
    bay.listen("127.0.0.1", 1502, lambda pick_up: ends.append((ear := Heard(), pick_up(ear))))
    callers = [Heard(), Heard()]
    plugs = [bay.call("127.0.0.1", 1502, caller) for caller in callers]
    for number, plug in enumerate(plugs):
        plug.send(b"%d" % number)
    assert [ear.data for ear, _ in ends] == [b"0", b"1"]
    ends[0][1].hang_up()
    ends[0][1].hang_up()
    plugs[1].hang_up()
    plugs[1].send(b"lost")
    assert [caller.is_gone for caller in callers] == [True, False]
    assert [ear.is_gone for ear, _ in ends] == [False, True]


def test_where_nobody_listens_a_call_is_refused() -> None:
    with pytest.raises(NotThereError) as refused:
        PatchBay().call("127.0.0.1", 1502, Heard())
    assert refused.value.reason == "refused"
