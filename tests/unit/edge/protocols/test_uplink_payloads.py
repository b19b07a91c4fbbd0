"""Payloads of devices by radio: what was put in comes out, and nothing that can arrive breaks a parser."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols.chirpstack import read_event
from edge.protocols.dragino import LOG_EPOCHS, decode_lht65n, decode_log_text
from edge.protocols.framing import FrameError
from edge.protocols.milesight import decode_milesight
from edge.protocols.uplink import PAYLOAD_LIMIT, Past, decode, moment, number
from edge.protocols.zigbee2mqtt import read_message

EUI = "24e124136b000001"
TOPIC = f"application/7/device/{EUI}/event/"

tenths = st.integers(-400, 1_250)
halves = st.integers(0, 200)
epochs = st.integers(LOG_EPOCHS.start, LOG_EPOCHS.stop - 1)


@settings(max_examples=100)
@given(
    battery=st.integers(0, 100),
    temperature=tenths,
    humidity=halves,
    records=st.lists(st.tuples(epochs, tenths, halves), max_size=8),
    status=st.sampled_from([b"", b"\x00", b"\x01"]),
)
def test_what_a_milesight_measured_and_kept_comes_out(battery, temperature, humidity, records, status) -> None:
    now = struct.pack("<BBBBBhBBB", 1, 0x75, battery, 3, 0x67, temperature, 4, 0x68, humidity)
    kept = b"".join(b"\x20\xce" + struct.pack("<IhB", *record) + status for record in records)

    sent = decode_milesight(now + kept)

    assert sent.values == {"battery": battery, "temperature": temperature / 10, "humidity": humidity / 2}
    assert sent.unread == 0
    assert [(past.epoch_s, past.values["temperature"], past.values["humidity"]) for past in sent.history] == [
        (epoch_s, temperature / 10, humidity / 2) for epoch_s, temperature, humidity in records
    ]


@given(cut=st.integers(0, 9))
def test_a_milesight_message_that_is_cut_off_gives_whole_values_or_an_error(cut) -> None:
    whole = decode_milesight(bytes.fromhex("01755c03673401046865")).values
    try:
        values = decode_milesight(bytes.fromhex("01755c03673401046865")[:cut]).values
    except FrameError as error:
        assert error.reason in {"empty", "short", "unknown-channel"}  # noqa: PT017 - only some lengths raise
        return
    assert values.items() <= whole.items()


@settings(max_examples=100)
@given(
    millivolts=st.integers(0, 0x3FFF),
    inside=st.integers(-4_000, 8_500),
    humidity=st.integers(0, 1_000),
    probe=st.integers(-5_500, 12_500),
)
def test_what_an_lht65n_measured_comes_out(millivolts, inside, humidity, probe) -> None:
    data = struct.pack(">HhHBhH", 0xC000 | millivolts, inside, humidity, 1, probe, 0x7FFF)
    values = decode_lht65n(data).values
    assert (values["temperature"], values["humidity"], values["external-temperature"]) == (
        inside / 100,
        humidity / 10,
        probe / 100,
    )
    assert 0 <= values["battery"] <= 100


@settings(max_examples=100)
@given(
    records=st.lists(st.tuples(st.integers(-5_500, 12_500), st.integers(-4_000, 8_500), epochs), min_size=1, max_size=4)
)
def test_an_lht65n_s_log_comes_out_with_its_times(records) -> None:
    data = b"".join(struct.pack(">hhHBI", probe, inside, 512, 0x41, epoch_s) for probe, inside, epoch_s in records)
    sent = decode_lht65n(data)
    assert sent.values == {}
    assert list(sent.history) == [
        Past(epoch_s, {"temperature": inside / 100, "humidity": 51.2, "external-temperature": probe / 100})
        for probe, inside, epoch_s in records
    ]


@pytest.mark.parametrize("bit", range(8))
def test_a_reading_that_says_it_had_no_connection_is_still_a_reading_and_no_log(bit) -> None:
    data = bytearray.fromhex("cbf60b0d0376810add7fff")
    data[8] ^= 1 << bit
    assert decode_lht65n(bytes(data)).values["temperature"] == 28.29


def test_a_log_text_with_a_wrong_group_loses_that_group_only() -> None:
    text = "[x,1.0,2.0,2026-11-24 02:10:11],[0,21.5,55.1,2026-13-01 00:00:00],[0.00,21.5,55.1,2026-11-24 02:10:11],"
    assert [past.epoch_s for past in decode_log_text(text)] == [1_795_486_211]


@pytest.mark.parametrize(
    ("told", "value"),
    [(4, 4.0), ("4.50", 4.5), (" -3 ", -3.0), (False, 0.0), ("open", 1.0), ("Closed", 0.0), (None, None),
     ("NULL", None), ([1], None), ("nan", None), ("inf", None), (10**400, None), ("1e999", None)],
)  # fmt: skip
def test_a_number_is_taken_from_whatever_a_codec_makes_of_it(told, value) -> None:
    assert number(told) == value


@pytest.mark.parametrize("told", ["2026-11-24T02:10:11", "yesterday", "", None, True, [], 1e300, -1e300, float("nan")])
def test_what_is_no_time_is_none(told) -> None:
    assert moment(told) is None


def test_nanoseconds_and_both_ways_to_say_utc_are_read() -> None:
    assert {moment(f"2026-11-24T02:10:11.5{more}") for more in ("Z", "00000000Z", "+00:00")} == {
        moment("2026-11-24T10:10:11.500+08:00")
    }


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "json"),
        (b"[" * 50_000, "shape"),
        (b'{"object":' + b'{"a":' * 10_000, "json"),
        (b'{"a":' * 10_000, "json"),
        (b"[]", "shape"),
        (b"{}", "shape"),
        (b'{"deviceInfo":null}', "shape"),
        (b" " * (PAYLOAD_LIMIT + 1), "too-long"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(FrameError) as caught:
        read_event(TOPIC + "up", payload)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "topic", ["", "application", "application/7/device", f"x/7/device/{EUI}/event/up", TOPIC + "ack"]
)
def test_other_topics_say_nothing(topic: str) -> None:
    assert read_event(topic, b"garbage") is None


@pytest.mark.parametrize(
    "topic", ["zigbee2mqtt", "zigbee2mqtt/", "zigbee2mqtt/bridge/log", "zigbee2mqtt/x/set", "other/x"]
)
def test_other_topics_of_the_bridge_say_nothing(topic: str) -> None:
    assert read_message(topic, b"garbage") is None


def test_a_message_is_taken_as_a_shape_or_refused() -> None:
    assert decode(b'{"a":1}', dict[str, int]) == {"a": 1}
