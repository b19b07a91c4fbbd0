"""What each answer of a server means, shown by a server that says what the test wants."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.ids import SiteId
from control.historian.influx import REFUSED_LIMIT, InfluxHistorian
from control.historian.settings import HistorianSettings

Answer = tuple[int, str]


class Server:
    """Answers each request by a function of its path and body, and remembers them."""

    def __init__(self) -> None:
        self.answer: Callable[[str, str], Answer] = lambda _path, _body: (204, "")
        self.requests: list[tuple[str, dict[str, list[str]], str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                parts = urlsplit(self.path)
                outer.requests.append((parts.path, parse_qs(parts.query), body, self.headers.get("Authorization", "")))
                status, text = outer.answer(parts.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def connect(server, tmp_path, sample):
    made = []

    def make(token: str | None = None, **settings: str) -> InfluxHistorian:
        made.append(
            InfluxHistorian(
                HistorianSettings(kind="influx", url=server.url, **settings),
                token=token,
                site=SiteId("a"),
                number_file=tmp_path / "applied.json",
                clock=ManualClock(sample(0).observed_at),
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_version_2_is_written_to_by_bucket_organisation_and_token(server, connect, sample):
    connect("secret", bucket="cold", org="port").write(1, [sample(0, 1.5), sample(1, None)])
    [(path, query, body, authorization)] = server.requests
    assert (path, authorization) == ("/api/v2/write", "Token secret")
    assert (query["bucket"], query["org"], query["precision"]) == (["cold"], ["port"], ["ms"])
    assert body.splitlines() == [
        "reading,point=c1-1-temperature,site=a value=1.5,quality=0i 1772366400000",
        "reading,point=c1-1-temperature,site=a quality=2i 1772366401000",
    ]


def test_a_server_before_1_8_is_written_to_the_old_way_from_then_on(server, connect, sample):
    server.answer = lambda path, _: (404, "404 page not found\n") if path == "/api/v2/write" else (204, "")
    historian = connect("user:word", retention_policy="year")
    historian.write(1, [sample(0)])
    historian.write(2, [sample(1)])
    assert [path for path, *_ in server.requests] == ["/api/v2/write", "/write", "/write"]
    _, query, _, authorization = server.requests[-1]
    assert query == {"db": ["coldport"], "rp": ["year"], "precision": ["ms"]}
    assert authorization == "Basic dXNlcjp3b3Jk"


def test_a_missing_bucket_is_not_taken_for_an_old_server(server, connect, sample):
    server.answer = lambda *_: (404, '{"code":"not found","message":"bucket \\"coldport\\" not found"}')
    with pytest.raises(UnavailableError, match="not found"):
        connect().write(1, [sample(0)])
    assert {path for path, *_ in server.requests} == {"/api/v2/write"}


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_what_somebody_must_mend_leaves_everything_in_the_journal(server, connect, sample, status):
    server.answer = lambda *_: (status, '{"message": "no"}')
    historian = connect()
    with pytest.raises(UnavailableError):
        historian.write(1, [sample(0)])
    assert (historian.applied(), historian.refused) == (0, 0)
    server.answer = lambda *_: (204, "")
    historian.write(1, [sample(0)])
    assert historian.applied() == 1


def test_one_line_that_is_refused_costs_only_itself_and_is_said_once(server, connect, sample, caplog):
    taken: list[str] = []

    def answer(_path: str, body: str) -> Answer:
        if "poison" in body:
            return 400, "unable to parse"
        taken.extend(body.splitlines())
        return 204, ""

    server.answer = answer
    historian = connect()
    for number in (1, 2):
        good = [sample(number * 1000 + second) for second in range(500)]
        historian.write(number, [*good[:200], sample(number, 1.0, "poison"), *good[200:]])
    assert (historian.applied(), historian.refused, len(set(taken)), len(taken)) == (2, 2, 1000, 1000)
    assert len(caplog.records) == 1
    assert "poison" in caplog.text


def test_a_server_that_keeps_the_rest_is_not_asked_again(server, connect, sample):
    server.answer = lambda *_: (400, '{"error":"partial write: points beyond retention policy dropped=3"}')
    historian = connect()
    historian.write(1, [sample(second) for second in range(3)])
    assert (historian.applied(), historian.refused, len(server.requests)) == (1, 3, 1)


def test_a_server_that_takes_no_line_at_all_is_waited_for(server, connect, sample):
    server.answer = lambda *_: (400, "unsupported path")
    historian = connect()
    with pytest.raises(UnavailableError, match="takes no line"):
        historian.write(1, [sample(second) for second in range(5000)])
    assert (historian.applied(), historian.refused) == (0, 0)
    assert len(server.requests) < 2 * REFUSED_LIMIT + 30
    with pytest.raises(UnavailableError, match="takes no line"):
        historian.write(1, [sample(0)])


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>a proxy's page</html>"),
        (200, '{"results":[{"error":"database not found: coldport"}]}'),
        (200, '{"results":[{"series":[{"name":"reading","values":[["x",1,2]]}]}]}'),
        (401, "unauthorised"),
        (400, "error parsing query"),
    ],
)
def test_an_answer_that_is_none_is_unavailable(server, connect, sample, answer):
    server.answer = lambda *_: answer
    noon, later = sample(0).observed_at, sample(10).observed_at
    with pytest.raises(UnavailableError):
        connect().buckets(sample(0).point, noon, later, 1, hold_s=1)


def test_nobody_at_the_address_is_unavailable_for_both(server, connect, sample):
    historian = connect()
    server.stop()
    with pytest.raises(UnavailableError, match="away"):
        historian.write(1, [sample(0)])
    with pytest.raises(UnavailableError, match="away"):
        historian.buckets(sample(0).point, sample(0).observed_at, sample(10).observed_at, 1, hold_s=1)
