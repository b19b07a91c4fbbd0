"""HTTP/1.1 from the server's side, without I/O: requests are answered by a function, and an answer may never end."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import h11

HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 64 * 1024
"""Bytes of a request; the longest one the simulated devices take has less than 2 KiB."""

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is whole. `path` is without its query."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is whole."""

    status: int
    body: bytes = b""
    kind: str = JSON


class Stream:
    """An answer that goes on for ever: what is put is sent. Past `limit` waiting items the oldest are lost."""

    def __init__(self, kind: str, limit: int, *, on_close: Callable[[], None]) -> None:
        """Begin with nothing to send; `kind` is its media type. `on_close` is called when the client is gone."""
        self.kind = kind
        self.close = on_close
        self._waiting: deque[bytes] = deque(maxlen=limit)

    def put(self, data: bytes) -> None:
        """Send something as soon as the line lets it."""
        self._waiting.append(data)

    def take(self) -> bytes:
        """Take everything that waits."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data


class HttpSession:
    """The core of one connection. While `silent()` is true it hears and says nothing, and catches up afterwards."""

    def __init__(self, answer: Callable[[Request], Answer | Stream], silent: Callable[[], bool]) -> None:
        """Answer requests with what `answer` returns."""
        self.finished = False
        self._answer = answer
        self._silent = silent
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._stream: Stream | None = None
        self._out = bytearray()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the connection."""
        del now_s
        if not data or self.finished:
            return
        try:
            self._connection.receive_data(data)
            while not self.finished and self._step():
                pass
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)

    def send(self, now_s: float) -> bytes:
        """Return answers, and what a stream has to say."""
        del now_s
        if self._silent():
            return b""
        data = self._stream.take() if self._stream is not None else b""
        if data:
            self._out += self._connection.send(h11.Data(data)) or b""
        out = bytes(self._out)
        self._out.clear()
        return out

    def close(self) -> None:
        """The client is gone."""
        if self._stream is not None:
            self._stream.close()

    def _step(self) -> bool:
        """Take one event off the parser; False when it has no more."""
        event = self._connection.next_event()
        if isinstance(event, h11.Request):
            self._request = event
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > BODY_LIMIT:
                self._refuse(413)
        elif isinstance(event, h11.EndOfMessage):
            self._respond()
        elif isinstance(event, h11.ConnectionClosed):
            self.finished = True
        else:  # it needs more bytes, or is busy with an answer that never ends
            return False
        return True

    def _respond(self) -> None:
        request, self._request = self._request, None
        assert request is not None  # noqa: S101 - no message ends without having begun
        path = request.target.decode("ascii", "replace").partition("?")[0]
        answer = self._answer(Request(request.method.decode("ascii"), path, bytes(self._body)))
        self._body.clear()
        if isinstance(answer, Stream):
            self._stream = answer
            self._out += self._connection.send(h11.Response(status_code=200, headers=[("Content-Type", answer.kind)]))
            return
        self._write(answer)
        if self._connection.our_state is h11.DONE and self._connection.their_state is h11.DONE:
            self._connection.start_next_cycle()
        else:
            self.finished = True

    def _write(self, answer: Answer) -> None:
        headers = [("Content-Length", str(len(answer.body)))] if answer.status != 204 else []
        if answer.body:
            headers.append(("Content-Type", answer.kind))
        for part in (
            h11.Response(status_code=answer.status, headers=headers),
            h11.Data(answer.body),
            h11.EndOfMessage(),
        ):
            self._out += self._connection.send(part) or b""

    def _refuse(self, status: int) -> None:
        if self._connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._write(Answer(status))
        self.finished = True
