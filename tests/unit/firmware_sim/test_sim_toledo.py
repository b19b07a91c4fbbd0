import pytest

from firmware_sim.devices.scale import Platform, Weighing
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.servers.toledo import ToledoContinuous, frame


def weighing(gross_kg, tare_kg=0.0, *, stable=True, overload=False):
    return Weighing(gross_kg=gross_kg, tare_kg=tare_kg, stable=stable, overload=overload, underload=False)


@pytest.mark.parametrize(
    ("shown", "division_kg", "expected"),
    [
        (weighing(12.34), 0.01, "02 2c 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0d 1b"),
        (
            weighing(12.595, 0.25, stable=False), 0.001,
            "02 2d 39 20 20 31 32 33 34 35 20 20 20 32 35 30 0d 55",
        ),
        (weighing(-0.12), 0.01, "02 2c 32 20 20 20 20 20 31 32 20 20 20 20 20 30 0d 40"),
        (weighing(70.0, overload=True), 0.01, "02 2c 34 20 20 20 20 20 20 30 20 20 20 20 20 30 0d 51"),
    ],
)  # fmt: skip
def test_a_frame_has_the_bytes_of_the_manual(shown, division_kg, expected):
    assert frame(shown, Platform(capacity_kg=60, division_kg=division_kg)).hex(" ") == expected


def test_a_division_of_five_and_of_two_say_so_in_status_word_a():
    assert frame(weighing(1.0), Platform(capacity_kg=60, division_kg=0.005))[1] == 0b0111101
    assert frame(weighing(1.0), Platform(capacity_kg=60, division_kg=0.02))[1] == 0b0110100
    assert frame(weighing(1.0), Platform(capacity_kg=60, division_kg=1.0))[1] == 0b0101010


def test_more_than_seven_frames_come_every_second(still_scale, faults):
    terminal = ToledoContinuous("lane-2-scale", still_scale, faults)
    frames = [terminal.send(step * 0.02) for step in range(500)]
    assert 70 <= sum(len(sent) == 18 for sent in frames) <= 101


def test_every_frame_sums_to_zero_unless_a_bit_was_flipped(still_scale, faults):
    terminal = ToledoContinuous("lane-2-scale", still_scale, faults)
    assert sum(terminal.send(0.0)) & 0x7F == 0
    faults.begin(Fault(kind=FaultKind.CRC, target="lane-2-scale"))
    assert len(terminal.send(1.0)) == 18
    faults.begin(Fault(kind=FaultKind.SILENCE, target="lane-2-scale"))
    assert terminal.send(2.0) == b""


def test_it_obeys_tare_zero_and_clear_and_ignores_the_rest(still_scale, put, faults):
    terminal = ToledoContinuous("lane-2-scale", still_scale, faults)
    put(still_scale, 1.0, 1.0)
    put(still_scale, 10.0, 1.0)
    terminal.receive(b"PT?\x00", 10.0)
    assert still_scale.weighing().tare_kg == 1.0
    terminal.receive(b"C", 10.0)
    assert still_scale.weighing().net_kg == 1.0
    terminal.receive(b"Z", 10.0)
    assert still_scale.weighing().gross_kg == 0.0


def test_a_moving_scale_takes_neither_tare_nor_zero(still_scale, put, faults):
    terminal = ToledoContinuous("lane-2-scale", still_scale, faults)
    put(still_scale, 1.0, 1.0)
    put(still_scale, 1.1, 1.0)
    terminal.receive(b"TZ", 1.1)
    assert still_scale.weighing().tare_kg == 0.0
    assert still_scale.weighing().gross_kg != 0.0
