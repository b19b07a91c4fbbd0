import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols.framing import SAMPLE_LIMIT, FrameError
from edge.protocols.toledo import checksum, continuous_stream, read_frame

GOOD = bytes.fromhex("02 2c 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0d 1b")


def frame_of(weight: int, tare: int, status: bytes) -> bytes:
    body = b"\x02" + status + f"{weight:>6}{tare:>6}\r".encode()
    return body + bytes([checksum(body)])


@settings(max_examples=100)
@given(
    weight=st.integers(0, 999_999),
    tare=st.integers(0, 999_999),
    negative=st.booleans(),
    net=st.booleans(),
    moving=st.booleans(),
)
def test_a_frame_comes_out_as_it_went_in(weight, tare, negative, net, moving):
    status = bytes([0x2D, 0x30 | net | negative << 1 | moving << 3, 0x20])

    (frame,) = continuous_stream(with_checksum=True).feed(frame_of(weight, tare, status))

    assert (frame.net_kg if net else frame.gross_kg) == (-1 if negative else 1) * weight / 1000
    assert frame.tare_kg == tare / 1000
    assert (frame.gross_kg is None, frame.device_stable, frame.warnings) == (net, not moving, ())


@pytest.mark.parametrize("bit", [bit for bit in range(8 * len(GOOD)) if bit % 8 != 7])
def test_one_flipped_bit_never_becomes_a_weight_when_the_scale_sends_a_checksum(bit):
    spoiled = bytearray(GOOD)
    spoiled[bit // 8] ^= 1 << bit % 8
    reader = continuous_stream(with_checksum=True)

    assert reader.feed(bytes(spoiled)) == []
    assert [frame.gross_kg for frame in reader.feed(GOOD)] == [12.34]


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_a_frame_torn_anywhere_costs_itself_only(cut):
    reader = continuous_stream(with_checksum=True)

    assert [frame.gross_kg for frame in reader.feed(GOOD[:cut] + GOOD + GOOD)] == [12.34, 12.34]


def test_noise_is_counted_and_not_kept():
    reader = continuous_stream(with_checksum=True)
    for _ in range(1000):
        reader.feed(b"\x55" * 100)

    assert reader.tally.skipped_bytes == 100_000 - 17
    assert len(reader._buffer) == 17


def test_the_first_sample_of_a_spoiled_frame_is_kept_and_the_next_are_counted():
    reader = continuous_stream(with_checksum=True)
    first, second = bytearray(GOOD), bytearray(GOOD)
    first[8] ^= 1
    second[9] ^= 1
    reader.feed(bytes(first + second))

    assert reader.tally.spoiled == 2
    assert reader.tally.samples == {"checksum": bytes(first)}
    assert len(GOOD) <= SAMPLE_LIMIT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (GOOD[:16], "short"),
        (GOOD, "short"),
        (b"\x03" + GOOD[1:17], "framing"),
        (GOOD[:16] + b"\x0a", "framing"),
        (GOOD[:4] + b"1 2345" + GOOD[10:17], "digits"),
        (GOOD[:10] + b"   -12" + GOOD[16:17], "digits"),
    ],
)
def test_what_is_no_frame_says_why(body, reason):
    with pytest.raises(FrameError) as caught:
        read_frame(body)

    assert caught.value.reason == reason
