"""The floor of `bench_edge.py`, in a process of its own: Modbus units, RFID readers and scales on TCP, as fast as told.

It answers with bytes made beforehand, so that it costs little beside what is measured. The LLRP readers know requests
by their numbers only, each read is a report of its own, as a reader sends it that is to report at once.
"""

import argparse
import asyncio
import json
import struct
import sys
from itertools import count

READS_PER_S, FRAMES_PER_S = 300, 20
BURST = 3
"""Reads that come together: a reader hears several tags in one round."""

TAGS_OF_A_LOAD, LOAD_S = 30, 4.0


def message(kind: int, number: int, body: bytes) -> bytes:
    return struct.pack(">HII", 1 << 10 | kind, 10 + len(body), number) + body


def tlv(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, 4 + len(body)) + body


POWERS = b"".join(tlv(145, struct.pack(">Hh", index, 1000 * index)) for index in (1, 2, 3))
HOPS = tlv(146, b"\x80" + tlv(147, struct.pack(">BBHI", 7, 0, 1, 920_625)))
CONTENTS = {
    1: tlv(137, struct.pack(">HHIIH", 4, 0x4000, 25882, 2001007, 5) + b"5.14 " + tlv(139, struct.pack(">HH", 1, 0)))
    + tlv(143, struct.pack(">HH", 156, 14) + tlv(144, POWERS + HOPS)),
    2: tlv(218, struct.pack(">BH", 0, 6) + bytes.fromhex("001625f0a1b2")),
}
GREETING = message(63, 0, tlv(246, tlv(128, struct.pack(">Q", 1_000_000)) + tlv(256, b"\0\0")))
OK = tlv(287, struct.pack(">HH", 0, 0))

TOLEDO = [  # 12.34 kg and 0, both at rest, of two decimals
    bytes.fromhex("02 2c 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0d 1b"),
    bytes.fromhex("02 2c 30 20 20 20 20 20 20 30 20 20 20 20 20 30 0d 55"),
]


async def modbus(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer any read of registers with 20.0 and 20.1 and so on."""
    while True:
        header = await reader.readexactly(7)
        pdu = await reader.readexactly(int.from_bytes(header[4:6], "big") - 1)
        number = int.from_bytes(pdu[3:5], "big")
        data = b"".join(struct.pack(">H", 200 + header[6] + index) for index in range(number))
        reply = bytes([pdu[0], len(data)]) + data
        writer.write(header[:4] + struct.pack(">HB", 1 + len(reply), header[6]) + reply)


async def llrp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet, say yes to everything, and report reads from the start of the ROSpec on."""
    writer.write(GREETING)
    reading: asyncio.Task[None] | None = None
    try:
        while True:
            head, length, number = struct.unpack(">HII", await reader.readexactly(10))
            await reader.readexactly(length - 10)
            kind = head & 0x3FF
            if kind == 72:
                continue
            writer.write(message(4 if kind == 14 else kind + 10, number, OK + CONTENTS.get(kind, b"")))
            if kind == 22:
                reading = asyncio.create_task(reads(writer))
    finally:
        if reading is not None:
            reading.cancel()


async def reads(writer: asyncio.StreamWriter) -> None:
    """A load of tags goes in every few seconds: read outside first, then inside."""
    loop = asyncio.get_running_loop()
    began, keepalive_s = loop.time(), 0.0
    for number in count():
        at_s = number / READS_PER_S
        if number % BURST == 0:
            await asyncio.sleep(max(0.0, began + at_s - loop.time()))  # noqa: TID251 - a floor is its own clock
        load, within_s = divmod(at_s, LOAD_S)
        inside = within_s > LOAD_S / 2
        if writer.is_closing():
            return
        tag = bytes.fromhex("3034257bf7194e40") + struct.pack(">I", int(load) * 100 + number % TAGS_OF_A_LOAD)
        seen = struct.pack(">Q", 1_000_000 + int(at_s * 1e6))
        antenna = struct.pack(">H", (3 if inside else 1) + number % 2)
        part = b"\x8d" + tag + b"\x81" + antenna + b"\x86\xcc" + b"\x82" + seen
        writer.write(message(61, number, tlv(240, part)))
        if at_s >= keepalive_s:
            keepalive_s += 2.0
            writer.write(message(62, number, b""))


async def scale(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Show a parcel and nothing in turn, three seconds each."""
    del reader
    for number in count():
        if writer.is_closing():
            return
        writer.write(TOLEDO[number // (3 * FRAMES_PER_S) % 2])
        await asyncio.sleep(1 / FRAMES_PER_S)  # noqa: TID251 - a floor is its own clock


async def main(counts: dict[str, int]) -> None:
    kinds = {"modbus": modbus, "llrp": llrp, "scale": scale}
    servers = [
        await asyncio.start_server(quiet(kinds[kind]), "127.0.0.1", 0)
        for kind, number in counts.items()
        for _ in range(number)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    names = [kind for kind, number in counts.items() for _ in range(number)]
    told: dict[str, list[int]] = {kind: [] for kind in counts}
    for kind, port in zip(names, ports, strict=True):
        told[kind].append(port)
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def quiet(serve):
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return served


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=json.loads, help='such as {"modbus": 2, "llrp": 4, "scale": 8}')
    asyncio.run(main(parser.parse_args().counts))
