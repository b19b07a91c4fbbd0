"""Keys and how often they may ask."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.access import bucket
from control.access.bucket import Buckets
from control.access.key import SECRET_BYTES, Key, digest_of, proves, read_token, token_of
from control.access.party import Scope

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
secrets = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(secret=secrets)
def test_a_token_is_read_as_it_was_made(secret):
    assert read_token(token_of("k1", secret)) == ("k1", secret)


@given(secret=secrets, other=secrets)
def test_a_key_is_proved_by_its_own_secret_alone_which_it_does_not_hold(secret, other):
    key = Key(id="k1", party="acme", digest=digest_of(secret), scopes=(Scope.LOTS_READ,), not_after=NOW)
    assert proves(key, secret)
    assert proves(key, other) == (other == secret)
    assert secret not in msgspec.msgpack.encode(key)
    assert token_of("", secret)[1:] not in msgspec.json.encode(key).decode()


GOOD = token_of("k1", bytes(SECRET_BYTES))


@pytest.mark.parametrize(
    "token", ["", "k1", "k1.", ".", GOOD + "A", GOOD[:-1], GOOD.replace("A", "é", 1), "k" * 200, GOOD + "="]
)
def test_what_is_no_token_is_none(token):
    assert read_token(token) is None


@given(token=st.text(max_size=130))
def test_whatever_is_sent_as_a_token_is_read_or_none(token):
    read_token(token)


class TestBuckets:
    def test_a_burst_passes_and_the_next_is_told_how_long_to_wait(self):
        buckets = Buckets(burst=3, per_second=2)
        assert [buckets.wait_s("k1", NOW) for _ in range(4)] == [0, 0, 0, 0.5]
        assert buckets.wait_s("k2", NOW) == 0
        assert buckets.wait_s("k1", NOW + timedelta(seconds=0.5)) == 0
        assert buckets.wait_s("k1", NOW + timedelta(seconds=0.5)) == 0.5

    @given(gaps=st.lists(st.floats(min_value=0, max_value=3), max_size=60))
    def test_in_no_stretch_of_time_passes_more_than_a_burst_and_what_flows_in(self, gaps):
        buckets = Buckets(burst=4, per_second=2)
        now, passed = NOW, []
        for gap in gaps:
            now += timedelta(seconds=gap)
            if buckets.wait_s("k1", now) == 0:
                passed.append(now)
        for first in range(len(passed)):
            for last in range(first, len(passed)):
                span_s = (passed[last] - passed[first]).total_seconds()
                assert last - first + 1 <= 4 + 2 * span_s + 1e-6

    def test_a_clock_that_goes_back_fills_nothing(self):
        buckets = Buckets(burst=1, per_second=1)
        assert buckets.wait_s("k1", NOW) == 0
        assert buckets.wait_s("k1", NOW - timedelta(hours=1)) == 1

    def test_no_more_buckets_are_remembered_than_the_limit(self, monkeypatch):
        monkeypatch.setattr(bucket, "BUCKETS_LIMIT", 2)
        buckets = Buckets(burst=1, per_second=1)
        for name in ("k1", "k2", "k3"):
            buckets.wait_s(name, NOW)
        assert buckets.wait_s("k3", NOW) == 1
        assert buckets.wait_s("k1", NOW) == 0
