"""The simulator's way to ask a site over HTTP: what it sends, and which answers mean that it has to ask again."""

import json
from http.server import BaseHTTPRequestHandler

import pytest
from loopback_server import LoopbackServer, Quiet

from coldport.errors import UnavailableError
from firmware_sim.lines.http_ask import HttpSite


class Echo(Quiet, BaseHTTPRequestHandler):
    """Answers with the status that the path names, and tells what came."""

    def do_POST(self):
        told = {"kind": self.headers["Content-Type"], "key": self.headers["Authorization"]}
        body = json.dumps(told).encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Type", "application/problem+json" if self.path != "/204" else "text/plain")
        self.send_header("Content-Length", str(len(body) if self.path != "/204" else 0))
        self.end_headers()
        if self.path != "/204":
            self.wfile.write(body)


@pytest.fixture
def server():
    server = LoopbackServer(Echo)
    yield server
    server.close()


async def test_xml_and_json_are_sent_as_what_they_are_and_keys_where_they_belong(server):
    async with HttpSite(server.url).asking() as ask:
        papers = await ask("POST", "/201", b"<a/>", "k1.secret")
        act = await ask("POST", "/409", b"{}")
        nothing = await ask("POST", "/204", b"{}")
    assert (papers.status, papers.body) == (201, {"kind": "application/xml", "key": "Bearer k1.secret"})
    assert (act.status, act.body) == (409, {"kind": "application/json", "key": None})
    assert (nothing.status, nothing.body) == (204, None)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_site_that_cannot_answer_now_is_asked_again(server, status):
    async with HttpSite(server.url).asking() as ask:
        with pytest.raises(UnavailableError, match=f"answers {status}"):
            await ask("POST", f"/{status}", b"{}")


async def test_a_site_that_is_away_is_asked_again(free_port):
    async with HttpSite(f"http://127.0.0.1:{free_port()}").asking() as ask:
        with pytest.raises(UnavailableError, match="does not answer: ConnectError"):
            await ask("POST", "/201", b"{}")
