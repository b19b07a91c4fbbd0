"""The wire: old payloads stay readable, strange ones are refused with the place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldport.codec import PAYLOAD_LIMIT, MalformedMessageError, decode, encode
from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.messages.observation import BATCH_LIMIT, Batch, Quality, Reading, Receipt, TagRead, Weight

RECORDED_AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

BOOT = "0123456789abcdef0123456789abcdef"
AT = datetime(2026, 11, 24, 2, 10, 11, 123000, tzinfo=UTC)

GOLDEN = (
    b'{"gateway":"gw-1","boot_id":"0123456789abcdef0123456789abcdef","observations":['
    b'{"kind":"reading","seq":1,"point":"f1-1-temperature","observed_at":"2026-11-24T02:10:11.123Z",'
    b'"spooled_at":"2026-11-24T02:10:11.123Z","value":-18.2},'
    b'{"kind":"reading","seq":2,"point":"f1-2-temperature","observed_at":"2026-11-24T02:10:11.123Z",'
    b'"spooled_at":"2026-11-24T02:10:11.123Z","quality":"bad","reason":"timeout"},'
    b'{"kind":"weight","seq":3,"point":"lane-1-scale","observed_at":"2026-11-24T02:10:11.123Z",'
    b'"spooled_at":"2026-11-24T02:10:11.123Z","gross_kg":12.345,"stable":true},'
    b'{"kind":"tag-read","seq":4,"point":"lane-1-gate","observed_at":"2026-11-24T02:10:11.123Z",'
    b'"spooled_at":"2026-11-24T02:10:11.123Z","epc":"3034257BF7194E4000001A85","antenna":2,"rssi_dbm":-48}]}'
)

BATCH = Batch(
    gateway="gw-1",
    boot_id=BOOT,
    observations=(
        Reading(seq=1, point="f1-1-temperature", observed_at=AT, spooled_at=AT, value=-18.2),
        Reading(seq=2, point="f1-2-temperature", observed_at=AT, spooled_at=AT, quality=Quality.BAD, reason="timeout"),
        Weight(seq=3, point="lane-1-scale", observed_at=AT, spooled_at=AT, gross_kg=12.345, stable=True),
        TagRead(
            seq=4,
            point="lane-1-gate",
            observed_at=AT,
            spooled_at=AT,
            epc="3034257BF7194E4000001A85",
            antenna=2,
            rssi_dbm=-48,
        ),
    ),
)


def test_a_batch_is_written_and_read_as_documented() -> None:
    assert encode(BATCH) == GOLDEN.replace(b".123Z", b".123000Z")
    assert decode(Batch, GOLDEN) == BATCH


@pytest.mark.parametrize(
    ("find", "put", "place"),
    [
        (b'"seq":1', b'"seq":0', "$.observations[0].seq"),
        (b'"value":-18.2', b'"value":"-18.2"', "$.observations[0].value"),
        (b'"value":-18.2', b'"vlaue":-18.2', "vlaue"),
        (b'"quality":"bad"', b'"quality":"poor"', "$.observations[1].quality"),
        (b'"kind":"weight"', b'"kind":"mass"', "mass"),
        (b"2026-11-24T02:10:11.123Z", b"2026-11-24T02:10:11.123", "timezone"),
        (b'"epc":"3034257BF7194E4000001A85"', b'"epc":"3034257b"', "$.observations[3].epc"),
        (b'"gateway":"gw-1"', b'"gateway":"gw 1"', "$.gateway"),
        (BOOT.encode(), b"boot", "$.boot_id"),
        (b'"observations":[', b'"observations":[[],', "$.observations[0]"),
        (b"]}", b"", "truncated"),
    ],
)
def test_a_malformed_batch_is_refused_with_the_place(find: bytes, put: bytes, place: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        decode(Batch, GOLDEN.replace(find, put, 1))

    assert place in str(caught.value)


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"\xff\xfe", b"{" * 100_000, b"1e999", b'"\\ud800"'])
def test_what_is_no_message_at_all_is_malformed_and_nothing_worse(payload: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode(Batch, payload)


def test_a_payload_at_the_limit_is_parsed_and_one_byte_more_is_not() -> None:
    padded = GOLDEN + b" " * (PAYLOAD_LIMIT - len(GOLDEN))
    assert decode(Batch, padded) == BATCH

    with pytest.raises(MalformedMessageError, match="at most"):
        decode(Batch, padded + b" ")


def test_a_batch_holds_at_most_its_limit_and_fits_the_payload() -> None:
    reading = Reading(seq=10**12, point="p" * 48, observed_at=AT, spooled_at=AT, value=-1234.567890123)
    full = encode(Batch(gateway="g" * 48, boot_id=BOOT, observations=(reading,) * BATCH_LIMIT))
    over = encode(Batch(gateway="g", boot_id=BOOT, observations=(reading,) * (BATCH_LIMIT + 1)))

    assert len(decode(Batch, full).observations) == BATCH_LIMIT
    with pytest.raises(MalformedMessageError):
        decode(Batch, over)


@given(
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    moment=st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    seq=st.integers(min_value=1, max_value=2**62),
)
def test_a_reading_survives_the_wire(value: float | None, moment: datetime, seq: int) -> None:
    reading = Reading(seq=seq, point="p", observed_at=moment, spooled_at=moment, value=value)
    batch = Batch(gateway="g", boot_id=BOOT, observations=(reading,))

    assert decode(Batch, encode(batch)) == batch


def test_a_receipt_and_an_alarm_survive_the_wire() -> None:
    receipt = Receipt(gateway="gw-1", boot_id=BOOT, first_seq=1, last_seq=500, recorded_at=RECORDED_AT)
    alarm = Alarm(
        id="chilled-hi.c1-1-temperature.1",
        definition="chilled-hi",
        point="c1-1-temperature",
        occurrence=1,
        state=AlarmState.RETURNED_UNACKNOWLEDGED,
        priority=Priority.HIGH,
        occurred_at=AT,
        returned_at=AT + timedelta(minutes=3),
        transition=7,
        value=8.4,
    )

    assert decode(Receipt, encode(receipt)) == receipt
    assert decode(Alarm, encode(alarm)) == alarm
