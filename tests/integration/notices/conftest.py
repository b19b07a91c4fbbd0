"""Servers that take notices: one for HTTP, that answers what it is told to, and one for mail."""

import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
from loopback_server import LoopbackServer, Quiet

from control.notify.notice import Notice, Why


class Receiver(LoopbackServer):
    """An HTTP server. `taken` holds what was posted: (path, headers, body)."""

    def __init__(self) -> None:
        self.taken = []
        self.status, self.answer = 200, {"errcode": 0, "errmsg": "ok"}
        receiver = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((self.path, dict(self.headers), json.loads(body)))
                said = receiver.answer if isinstance(receiver.answer, bytes) else json.dumps(receiver.answer).encode()
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

        super().__init__(Handler)


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def notice():
    return Notice(
        key="hihi.p.1/7/raised.0.0.0/wang/chat",
        why=Why.RAISED,
        channel="chat",
        recipient="wang",
        address="",
        critical=True,
        at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        title="【紧急】冷藏一库 温度过高",
        text="数值 15.4°C 限值 15°C\n移库",
        alarms=("hihi.p.1",),
    )
