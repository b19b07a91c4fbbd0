import pytest
from starlette.websockets import WebSocketDisconnect

from control.api.schemas import BODY_LIMIT


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_loopback_names_are_served(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


FOREIGN = ["evil.example", "127.0.0.1.evil.example", "10.0.0.7:8000", "", "[::1", "a@localhost.x"]


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_refused_so_that_dns_rebinding_finds_nothing(client, host):
    answer = client.get("/api/v1/site", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "host-refused")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "http://localhost:8000"])
def test_another_sites_page_may_not_post(client, desk, raise_alarm, origin):
    desk.put_alarm(raise_alarm())
    path = "/api/v1/alarms/chilled-hi.c1-1-temperature.1/acknowledge"
    answer = client.post(path, json={"by": "x"}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin-refused")
    assert desk.alarms()[0].acknowledged_by is None


def test_another_sites_page_may_not_listen(listen):
    with pytest.raises(WebSocketDisconnect) as refused, listen(Origin="http://evil.example"):
        pass
    assert (refused.value.code, refused.value.reason) == (1008, "origin-refused")


def test_our_own_page_may_listen(listen):
    with listen(Origin="http://127.0.0.1:8000") as socket:
        assert socket.receive_json()["kind"] == "snapshot"


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(client):
    path = "/api/v1/alarms/x/acknowledge"
    at_limit = client.post(path, content=b"x" * BODY_LIMIT)
    past_it = client.post(path, content=b"x" * (BODY_LIMIT + 1))
    assert at_limit.status_code == 422
    assert (past_it.status_code, past_it.json()["code"]) == (413, "body-too-large")


def test_a_body_of_unsaid_length_is_cut_off_at_the_limit(client):
    def endless():
        for _ in range(BODY_LIMIT // 1024 + 1):
            yield b"x" * 1024

    answer = client.post("/api/v1/alarms/x/acknowledge", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("path", ["/cold", "/healthz", "/static/cold.js", "/no-such-page", "/static/vendor/uplot.js"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_refusal_carries_them_too(client):
    assert "content-security-policy" in client.get("/cold", headers={"Host": "evil.example"}).headers


def test_what_the_api_answers_is_not_kept_by_caches(client):
    assert client.get("/api/v1/points").headers["cache-control"] == "no-store"
    assert client.get("/static/cold.js").headers["cache-control"] == "no-cache"
