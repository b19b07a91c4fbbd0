"""The part of the R700's REST interface that a warehouse uses: status, start and stop, outputs, the stream of events.

Source: Impinj IoT device interface, reader API 1.7. A real reader wants HTTPS and a password; this one wants neither.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from firmware_sim.servers.http import Answer, HttpSession, Request, Stream
from firmware_sim.servers.vendor.impinj import DEFAULTS, GPOS, ImpinjReader, nanoseconds

LINES_LIMIT = 10_000
"""Events that wait for one HTTP client between two looks of the serving loop, 20 ms."""

NDJSON = "application/x-ndjson"
ROOT = "/api/v1"

Handler = Callable[[ImpinjReader, bytes], Answer | Stream]


def session(reader: ImpinjReader) -> HttpSession:
    """Return the core of one connection to a reader."""
    return HttpSession(lambda request: answer(reader, request), reader.silent)


def answer(reader: ImpinjReader, request: Request) -> Answer | Stream:
    """Answer a request."""
    path = request.path.removeprefix(ROOT)
    methods = _PATHS.get(path) if request.path.startswith(ROOT) else None
    if methods is None:
        return _problem(404, f"there is no {request.path}")
    if request.method not in methods:
        return _problem(405, f"{request.path} is not for {request.method}")
    try:
        return methods[request.method](reader, request.body)
    except (ValueError, msgspec.MsgspecError) as error:
        return _problem(400, str(error))


def _status(reader: ImpinjReader, body: bytes) -> Answer:
    del body
    state = "running" if reader.running else "idle"
    return _json({"status": state, "time": nanoseconds(reader.now()), "serialNumber": reader.name.upper()})


def _system(reader: ImpinjReader, body: bytes) -> Answer:
    del body
    about = {"manufacturer": "Coldport", "productModel": "Coldport-Sim", "serialNumber": reader.name.upper()}
    return _json({**about, "hostname": reader.name, "antennaCount": reader.antennas})


def _stream(reader: ImpinjReader, body: bytes) -> Stream:
    """Begin a stream of events, a line each."""
    del body

    def line(event: bytes) -> None:
        stream.put(event + b"\n")

    stream = Stream(NDJSON, LINES_LIMIT, on_close=lambda: reader.leave(line))
    reader.listen(line)
    return stream


class _EventConfig(msgspec.Struct, frozen=True):
    tagInventory: dict[str, Any] = {}  # noqa: N815 - the reader's name


class _Inventory(msgspec.Struct, frozen=True):
    eventConfig: _EventConfig = _EventConfig()  # noqa: N815 - the reader's name


def _start(reader: ImpinjReader, body: bytes) -> Answer:
    """Start an inventory. Of all it may ask for, only the fields of tag events are obeyed."""
    asked = msgspec.json.decode(body, type=_Inventory) if body else _Inventory()
    wanted = asked.eventConfig.tagInventory
    on = {field for field, state in wanted.items() if state == "enabled"}
    reader.fields = (DEFAULTS | on) - {field for field, state in wanted.items() if state == "disabled"}
    reader.run(running=True)
    return Answer(204)


def _stop(reader: ImpinjReader, body: bytes) -> Answer:
    del body
    reader.run(running=False)
    return Answer(204)


class _Output(msgspec.Struct, frozen=True):
    gpo: int
    state: str


class _Outputs(msgspec.Struct, frozen=True):
    gpoConfigurations: list[_Output]  # noqa: N815 - the reader's name


def _set_outputs(reader: ImpinjReader, body: bytes) -> Answer:
    states = {one.gpo: one.state == "high" for one in msgspec.json.decode(body, type=_Outputs).gpoConfigurations}
    if not states.keys() <= reader.outputs.keys():
        raise ValueError(f"there are outputs 1 to {GPOS}")
    reader.outputs.update(states)
    return Answer(204)


_PATHS: Mapping[str, Mapping[str, Handler]] = {
    "/status": {"GET": _status},
    "/system": {"GET": _system},
    "/data/stream": {"GET": _stream},
    "/profiles/inventory/start": {"POST": _start},
    "/profiles/stop": {"POST": _stop},
    "/device/gpos": {"PUT": _set_outputs},
}


def _json(value: dict[str, Any]) -> Answer:
    return Answer(200, msgspec.json.encode(value))


def _problem(status: int, message: str) -> Answer:
    return Answer(status, msgspec.json.encode({"message": message}))
