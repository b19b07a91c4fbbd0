"""Objects out of a stream that glues, splits and spoils them."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.framing import FrameError
from edge.protocols.json_stream import OBJECT_LIMIT, ObjectStream

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab{}[]"\\,\n√', max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('k{"\\}', max_size=4), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text("key{}", max_size=4), values, max_size=4)
separators = st.sampled_from(["", "\n", "\r\n", ",", " ", "][", "\t"])


def cut(data: bytes, at: list[int]) -> list[bytes]:
    places = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]


@given(st.lists(st.tuples(objects, separators), max_size=6), st.lists(st.integers(0, 10_000), max_size=8))
def test_objects_come_out_whole_however_they_are_glued_and_split(sent, cuts) -> None:
    text = "".join(json.dumps(one, ensure_ascii=False) + separator for one, separator in sent).encode()
    stream = ObjectStream()

    found = [one for chunk in cut(text, cuts) for one in stream.feed(chunk)]

    assert [json.loads(one) for one in found] == [one for one, _ in sent]
    assert (stream.skipped_bytes, stream.amid_object, stream.end()) == (0, False, [])


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_the_stream_and_after_its_end_it_begins_anew(noise, lines) -> None:
    stream = ObjectStream(lines=lines)
    stream.feed(noise)
    stream.end()
    assert stream.feed(b'{"a":1}') == [b'{"a":1}']


def test_an_object_of_the_limit_is_kept_and_one_past_it_is_passed_over() -> None:
    stream = ObjectStream()
    fits = b'{"a":"' + b"x" * (OBJECT_LIMIT - 8) + b'"}'
    too_long = b'{"a":"' + b"x" * (OBJECT_LIMIT - 7) + b'"}'

    whole, error, last = stream.feed(fits + too_long + b'{"b":2}')

    assert (len(whole), last) == (OBJECT_LIMIT, b'{"b":2}')
    assert isinstance(error, FrameError)
    assert error.reason == "message-too-long"


def test_an_object_without_end_costs_no_more_memory_than_the_limit() -> None:
    stream = ObjectStream()
    for _ in range(100):
        stream.feed(b'{"a":"' + b"x" * 10_000)
    assert len(stream._buffer) <= OBJECT_LIMIT


def test_on_lines_half_an_object_costs_only_its_line() -> None:
    stream = ObjectStream(lines=True)
    error, whole = stream.feed(b'{"a":{"b":"half\n{"c":3}\n')
    assert isinstance(error, FrameError)
    assert (error.reason, whole) == ("malformed", b'{"c":3}')


def test_half_an_object_at_the_end_is_told() -> None:
    stream = ObjectStream()
    assert stream.feed(b'rubbish {"a":') == []
    (error,) = stream.end()
    assert isinstance(error, FrameError)
    assert (error.reason, stream.skipped_bytes) == ("malformed", 7)
