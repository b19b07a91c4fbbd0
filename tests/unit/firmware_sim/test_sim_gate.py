import random

import pytest

from firmware_sim.devices.device import MovingTag
from firmware_sim.devices.epc import sgtin_96, sscc_96
from firmware_sim.devices.rfid_gate import CHANNELS, Antennas, RfidGate, power_dbm

STRAY = "3055A537C837754000000063"
TAG = MovingTag(b"\x30" + bytes(11), 0.0, 0.0, 0.5)


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
    ("filter_value", "company", "serial_reference", "epc"),
    [
        (2, "0614141", "1234567890", "3154257BF4499602D2000000"),
        (6, "6901234", "0000000042", "31D5A537C80000002A000000"),
    ],
)
def test_an_sscc_has_the_bytes_of_the_tag_data_standard(filter_value, company, serial_reference, epc):
    assert sscc_96(filter_value, company, serial_reference).hex().upper() == epc


@pytest.mark.parametrize(
    "arguments", [(1, "061414", "812345", 1), (8, "0614141", "812345", 1), (1, "0614141", "812345", 2**38)]
)
def test_what_is_no_sgtin_is_refused(arguments):
    with pytest.raises(ValueError, match=r"digits|out of range"):
        sgtin_96(*arguments)


@pytest.mark.parametrize("arguments", [(1, "0614141", "123456789"), (8, "0614141", "1234567890")])
def test_what_is_no_sscc_is_refused(arguments):
    with pytest.raises(ValueError, match=r"digits|out of range"):
        sscc_96(*arguments)


def told(antennas, inputs, seconds, seed=1):
    gate = RfidGate(antennas, random.Random(seed))
    reads, now_s = [], 0.0
    while now_s <= seconds:
        update = gate.update(now_s, inputs)
        reads += update.outputs["reads"]
        now_s = update.call_at_s
    return reads


def test_a_passing_tag_is_loudest_at_antenna_1_first_and_at_antenna_2_later():
    reads = told(Antennas(), {"tags": (TAG,)}, 8.0)
    centre = {}
    for antenna in (1, 2):
        seen = [read for read in reads if read.antenna == antenna]
        assert len(seen) >= 10
        power = [10 ** (read.rssi_dbm / 10) for read in seen]
        centre[antenna] = sum(p * read.at_s for p, read in zip(power, seen, strict=True)) / sum(power)
    assert centre[2] - centre[1] == pytest.approx(2.0, abs=0.6)  # one metre at half a metre a second
    assert {read.channel for read in reads} <= set(range(1, CHANNELS + 1))


def test_a_tag_is_loudest_right_before_the_antenna_and_is_not_heard_two_metres_along():
    powers = [power_dbm(Antennas(), 1.5, TAG, 0.0, second) for second in (3.0, 4.0, 5.0, 7.0)]
    assert powers == sorted(powers, reverse=True)
    far = MovingTag(TAG.epc, 0.0, 4.6, 0.0)
    assert told(Antennas(), {"tags": (far,)}, 30.0) == []


def test_a_tag_that_stands_is_read_where_it_stands():
    standing = MovingTag(TAG.epc, 0.0, 2.5, 0.0)
    reads = told(Antennas(), {"tags": (standing,)}, 5.0)
    by_antenna = [sum(read.antenna == antenna for read in reads) for antenna in (1, 2)]
    assert by_antenna[1] >= 40
    assert by_antenna[0] < by_antenna[1]


def test_a_tag_of_the_next_lane_is_heard_now_and_then_and_weakly():
    own = told(Antennas(), {"tags": (TAG,)}, 8.0)
    strays = [read for seed in range(5) for read in told(Antennas(), {"tags": (), "neighbour_tags": (TAG,)}, 8.0, seed)]
    assert 0 < len(strays) / 5 < len(own)
    assert max(read.rssi_dbm for read in strays) < max(read.rssi_dbm for read in own) - 10


def test_a_stray_tag_is_read_off_and_on_for_ever_by_antenna_2_only_and_hardly_varies():
    reads = told(Antennas(stray_epc=STRAY), {"tags": ()}, 300.0)
    assert 100 <= len(reads) <= 250
    assert {(read.epc.hex().upper(), read.antenna) for read in reads} == {(STRAY, 2)}
    assert max(read.rssi_dbm for read in reads) - min(read.rssi_dbm for read in reads) <= 8


def test_an_empty_field_gives_no_reads():
    assert told(Antennas(), {"tags": ()}, 10.0) == []
