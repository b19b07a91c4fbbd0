import random

import pytest

from firmware_sim.devices.device import MovingTag
from firmware_sim.devices.epc import sgtin_96
from firmware_sim.devices.rfid_gate import CHANNELS, Antennas, RfidGate, path_loss_dbm

STRAY = "3055A537C837754000000063"
TAG = MovingTag(b"\x30" + bytes(11), 0.0, 0.5)


@pytest.mark.parametrize(
    ("filter_value", "company", "item", "serial", "epc"),
    [
        (1, "0614141", "812345", 6789, "3034257BF7194E4000001A85"),
        (2, "6901234", "056789", 20261124, "3055A537C837754001352904"),
    ],
)
def test_an_sgtin_has_the_bytes_of_the_tag_data_standard(filter_value, company, item, serial, epc):
    assert sgtin_96(filter_value, company, item, serial).hex().upper() == epc


@pytest.mark.parametrize(
    "arguments", [(1, "061414", "812345", 1), (8, "0614141", "812345", 1), (1, "0614141", "812345", 2**38)]
)
def test_what_is_no_sgtin_is_refused(arguments):
    with pytest.raises(ValueError, match=r"digits|out of range"):
        sgtin_96(*arguments)


def passage(antennas, seed=1):
    gate = RfidGate(antennas, random.Random(seed))
    reads, now_s = [], 0.0
    while now_s <= 8.0:
        update = gate.update(now_s, {"tags": (TAG,)})
        reads += update.outputs["reads"]
        now_s = update.call_at_s
    return reads


def test_a_passing_tag_is_loudest_at_antenna_1_first_and_at_antenna_2_later():
    reads = passage(Antennas())
    centre = {}
    for antenna in (1, 2):
        seen = [read for read in reads if read.antenna == antenna]
        assert len(seen) >= 10
        power = [10 ** (read.rssi_dbm / 10) for read in seen]
        centre[antenna] = sum(p * read.at_s for p, read in zip(power, seen, strict=True)) / sum(power)
    assert centre[2] - centre[1] == pytest.approx(2.0, abs=0.6)  # one metre at half a metre a second
    assert {read.channel for read in reads} <= set(range(1, CHANNELS + 1))
    assert max(read.rssi_dbm for read in reads) <= -40


def test_a_tag_is_loudest_right_under_the_antenna_and_fades_by_forty_decibels_a_decade():
    antennas = Antennas()
    under = path_loss_dbm(antennas, 1.5, TAG, 3.0)
    far = path_loss_dbm(Antennas(height_m=0.8), 1.5 + (0.64 * 99) ** 0.5, TAG, 3.0)  # ten times the distance
    assert (under, far) == (pytest.approx(-46.0), pytest.approx(-86.0))


def test_a_stray_tag_is_read_for_ever_by_antenna_2_only_and_hardly_varies():
    gate = RfidGate(Antennas(stray_epc=STRAY), random.Random(1))
    reads, now_s = [], 0.0
    while now_s < 120:
        update = gate.update(now_s, {"tags": ()})
        reads += update.outputs["reads"]
        now_s = update.call_at_s
    assert 80 <= len(reads) <= 121
    assert {(read.epc.hex().upper(), read.antenna) for read in reads} == {(STRAY, 2)}
    assert max(read.rssi_dbm for read in reads) - min(read.rssi_dbm for read in reads) <= 8


def test_an_empty_field_gives_no_reads():
    assert RfidGate(Antennas(), random.Random(1)).update(0.0, {"tags": ()}).outputs["reads"] == ()
