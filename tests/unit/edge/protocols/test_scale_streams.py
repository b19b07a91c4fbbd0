"""Frames of the text and Yaohua dialects: round trips, torn frames, flipped bits, noise, and the exchanges of tF=1."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols import cas, st_gs, yaohua, yaohua_text
from edge.protocols.streams import LINE_LIMIT, LineStream

EXAMPLES = settings(max_examples=100)

MAKERS = {
    "yaohua-tf0": lambda: yaohua.continuous_stream("kg"),
    "yaohua-reversed": lambda: yaohua_text.equals_stream("kg", backwards=True),
    "yaohua-forward": lambda: yaohua_text.equals_stream("kg", backwards=False),
    "yaohua-a12": lambda: yaohua_text.a12_stream(with_checksum=True),
    "yaohua-a12-plain": lambda: yaohua_text.a12_stream(with_checksum=False),
    "st-gs": lambda: st_gs.line_stream(16),
    "cas-22": cas.long_stream,
    "cas-10": lambda: cas.short_stream("kg"),
}
FRAMES = {
    "yaohua-tf0": bytes.fromhex("02 2b 30 30 31 32 33 34 32 31 44 03"),
    "yaohua-reversed": b"=043.2100",
    "yaohua-forward": b"=0012.340",
    "yaohua-a12": b"WG0012.34kg3D\r\n",
    "yaohua-a12-plain": b"ww0012.34kg\r\n",
    "st-gs": b"ST,GS,+00012.34kg\r\n",
    "cas-22": b"ST,GS,\x01\xe4,   12.34 kg\r\n",
    "cas-10": b"   12.34\r\n",
}
MASSES = st.integers(-99_999, 99_999)


def xor(body: bytes) -> bytes:
    value = 0
    for byte in body:
        value ^= byte
    return f"{value:02X}".encode()


FRAMES["yaohua-a12"] = b"WG0012.34kg" + xor(b"WG0012.34kg") + b"\r\n"
FRAMES["st-gs"] = b"ST,GS,+0012.34kg\r\n"


@EXAMPLES
@given(MASSES, st.integers(0, 4))
def test_a_continuous_yaohua_frame_comes_out_as_it_went_in(digits: int, decimals: int) -> None:
    body = f"{digits:+07d}{decimals}".encode()
    [shown] = MAKERS["yaohua-tf0"]().feed(b"\x02" + body + xor(body) + b"\x03")
    assert shown.gross_kg == float(Decimal(digits).scaleb(-decimals))
    assert shown.device_stable is None


@EXAMPLES
@given(st.integers(-9_999, 9_999), st.booleans())
def test_the_equals_form_comes_out_as_it_went_in_either_way_round(digits: int, backwards: bool) -> None:
    sign = "-" if digits < 0 else "0"
    text = f"{sign}{abs(digits) / 100:07.2f}"
    frame = "=" + (text[::-1] if backwards else text)
    [shown] = MAKERS["yaohua-reversed" if backwards else "yaohua-forward"]().feed(frame.encode())
    assert shown.gross_kg == digits / 100


@EXAMPLES
@given(st.integers(-9_999, 9_999), st.sampled_from("GN"))
def test_an_a12_line_comes_out_as_it_went_in(digits: int, mode: str) -> None:
    body = f"W{mode}{digits / 100:07.2f}kg".encode()
    [shown] = MAKERS["yaohua-a12"]().feed(body + xor(body) + b"\r\n")
    assert (shown.gross_kg if mode == "G" else shown.net_kg) == digits / 100


@EXAMPLES
@given(MASSES, st.booleans(), st.booleans())
def test_an_st_gs_line_comes_out_as_it_went_in(digits: int, stable: bool, net: bool) -> None:
    head = f"{'ST' if stable else 'US'},{'NT' if net else 'GS'},"
    [shown] = MAKERS["st-gs"]().feed(f"{head}{'-' if digits < 0 else '+'}{abs(digits) / 100:07.2f}kg\r\n".encode())
    assert (shown.net_kg if net else shown.gross_kg) == digits / 100
    assert shown.device_stable is stable


@EXAMPLES
@given(MASSES, st.integers(0, 255), st.booleans())
def test_a_cas_frame_comes_out_as_it_went_in_whatever_the_number_of_the_device(digits, number, stable) -> None:
    lamps = bytes([number, 0xA0 | stable << 6])
    head = b"ST,GS," if stable else b"US,GS,"
    [shown] = cas.long_stream().feed(head + lamps + f",{digits / 100:8.2f} kg\r\n".encode())
    assert (shown.gross_kg, shown.device_stable) == (digits / 100, stable)


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_torn_anywhere_costs_itself_and_at_most_the_next(name: str) -> None:
    whole = FRAMES[name]
    for cut in range(1, len(whole)):
        shown = MAKERS[name]().feed(whole[:cut] + whole * 3)
        assert {one.gross_kg for one in shown} == {12.34}
        assert 2 <= len(shown) <= 4


@pytest.mark.parametrize("name", ["yaohua-tf0", "yaohua-a12"])
def test_one_flipped_bit_never_becomes_another_weight_where_there_is_a_checksum(name: str) -> None:
    for bit in range(8 * len(FRAMES[name])):
        spoiled = bytearray(FRAMES[name])
        spoiled[bit // 8] ^= 1 << bit % 8
        shown = MAKERS[name]().feed(bytes(spoiled))
        assert {one.gross_kg for one in shown} <= {12.34}, spoiled
        if shown:
            assert spoiled[:-2] == FRAMES[name][:-2], "only a spoiled line end may pass"


@pytest.mark.parametrize("name", FRAMES)
def test_noise_is_counted_and_not_kept(name: str) -> None:
    stream = MAKERS[name]()
    for _ in range(1_000):
        assert stream.feed(b"\x55" * 100) == []
    assert len(stream._buffer) <= LINE_LIMIT
    assert stream.tally.skipped_bytes > 99_000 or stream.tally.samples.keys() == {"line-too-long"}


def test_a_line_without_end_is_dropped_whole_and_the_next_one_read() -> None:
    stream = LineStream(bytes)
    assert stream.feed(b"x" * (LINE_LIMIT + 1)) == []
    assert stream.feed(b"tail\r\nnext\r\n") == [b"next"]
    assert stream.feed(b"y" * (LINE_LIMIT + 1) + b"\n" + b"z" * LINE_LIMIT + b"\n") == [b"z" * LINE_LIMIT]
    assert stream.tally.spoiled == 2


@pytest.mark.parametrize(
    ("command", "asked", "reply", "value"),
    [
        ("B", "02 41 42 30 33 03", "02 41 42 2b 30 30 31 32 33 34 32 31 45 03", "12.34"),
        ("C", "02 41 43 30 32 03", "02 41 43 2b 30 30 30 32 35 30 32 31 43 03", "2.50"),
        ("D", "02 41 44 30 35 03", "02 41 44 2d 30 30 30 30 31 32 32 31 39 03", "-0.12"),
    ],
)
def test_a_yaohua_indicator_that_is_asked_answers_as_its_manual_says(command, asked, reply, value) -> None:
    exchange = yaohua.ask_weight("A", command, 6)
    assert exchange.outgoing == bytes.fromhex(asked)
    assert exchange.replies.feed(b"\x04\x02A" + bytes.fromhex(reply)) == [Decimal(value)]


def test_a_reply_to_another_command_or_address_or_with_a_wrong_checksum_is_none() -> None:
    gross = bytes.fromhex("02 41 42 2b 30 30 31 32 33 34 32 31 45 03")
    assert yaohua.ask_weight("A", "C", 6).replies.feed(gross) == []
    assert yaohua.ask_weight("B", "B", 6).replies.feed(gross) == []
    for bit in range(8 * len(gross)):
        spoiled = bytearray(gross)
        spoiled[bit // 8] ^= 1 << bit % 8
        assert yaohua.ask_weight("A", "B", 6).replies.feed(bytes(spoiled)) == []


def test_an_indicator_with_eight_digits_is_read_by_its_digits() -> None:
    body = b"AB+001234563"
    assert yaohua.ask_weight("A", "B", 8).replies.feed(b"\x02" + body + xor(body) + b"\x03") == [
        Decimal("1234.56").scaleb(-1)
    ]


@pytest.mark.parametrize(("command", "asked"), [("0", "02 41 30 37 31 03"), ("T", "02 41 54 31 35 03")])
def test_a_key_is_pressed_as_the_manual_says_and_its_reply_repeats_it(command: str, asked: str) -> None:
    exchange = yaohua.press_key("A", command)
    assert exchange.outgoing == bytes.fromhex(asked)
    assert exchange.replies.feed(bytes.fromhex(asked)) == [None]
