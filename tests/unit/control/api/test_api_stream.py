import pytest
from starlette.websockets import WebSocketDisconnect

NOT_UNDERSTOOD = ["", "{", "[]", '{"zone": 7}', '{"zone": "c1", "x": 1}', '{"zone": "' + "x" * 300 + '"}']


def test_a_page_gets_a_snapshot_and_its_room(listen):
    with listen("?zone=c1") as socket:
        assert socket.receive_json()["kind"] == "snapshot"
        assert socket.receive_json()["zone"] == "c1"


def test_a_page_that_turns_to_another_room_gets_it_at_once(listen):
    with listen() as socket:
        socket.receive_json()
        socket.send_json({"zone": "t1"})
        assert socket.receive_json()["zone"] == "t1"


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_ends_the_stream_with_a_reason(listen, text):
    with listen() as socket:
        socket.receive_json()
        socket.send_text(text)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert (ended.value.code, ended.value.reason) == (1008, "malformed")


def test_bytes_end_the_stream_with_a_reason(listen):
    with listen() as socket:
        socket.receive_json()
        socket.send_bytes(b"\x00\xff")
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert ended.value.reason == "malformed"


def test_a_page_that_goes_is_forgotten(client, listen):
    hub = client.app.state.context.hub
    with listen() as socket:
        socket.receive_json()
        assert hub.clients == 1
    assert hub.clients == 0
