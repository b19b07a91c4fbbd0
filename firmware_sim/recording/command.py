"""`coldport sim record` and `coldport sim play`."""

import argparse
import asyncio
import itertools
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from coldport.clock import Clock, SystemClock
from coldport.errors import MalformedError, RefusedError
from firmware_sim.faults import Faults
from firmware_sim.lines.line import Line
from firmware_sim.recording.ends import address, agent_end, device_end
from firmware_sim.recording.format import TEXT_LIMIT, Echoed, Head, Recording, connections, echoed, parse
from firmware_sim.recording.player import Playback
from firmware_sim.recording.recorder import PassThrough, Tape
from firmware_sim.servers.serving import Pace, Serving

MEGABYTE = 1024 * 1024
LOCAL = "127.0.0.1"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `record` and `play` to `coldport sim`."""
    record = commands.add_parser(
        "record",
        help="write down what a device and an agent say to each other",
        description="Passes bytes between a device and an agent, and writes them to FILE until Ctrl-C. An end is "
        "HOST:PORT or the path of a serial line; the agent's is made here.",
    )
    record.add_argument("--between", metavar="DEVICE", required=True, help="where the device is, as /dev/ttyUSB0")
    record.add_argument("--and", dest="agent", metavar="AGENT", required=True, help="where the agent is to look for it")
    record.add_argument("--out", metavar="FILE", type=Path, required=True, help="a new file")
    record.add_argument("--baud", type=int, default=9600, help="of the device's serial line (9600)")
    record.add_argument("--shape", choices=("8N1", "8E1", "8N2", "7E1"), default="8N1", help="its bits (8N1)")
    record.add_argument(
        "--echo", type=_echo, default=(0, 0), help="what answers repeat: bytes, as 0-2 (Modbus TCP), or llrp"
    )
    record.add_argument("--note", default="", help="what the file is to say of itself")
    record.add_argument("--limit-mb", type=_megabytes, default=16, help="stop writing at so many megabytes (16)")
    record.set_defaults(run=run_record)
    play = commands.add_parser(
        "play",
        help="be the device of a recording",
        description="Says what the device in FILE said, until Ctrl-C: to each request the answer it got then; a "
        "device that nobody asked says it at the same times.",
    )
    play.add_argument("file", metavar="FILE", type=Path, help="a recording")
    end = play.add_mutually_exclusive_group(required=True)
    end.add_argument("--serial", metavar="PATH", help="the serial line to make")
    end.add_argument("--tcp", metavar="[HOST:]PORT", help="where to listen")
    play.add_argument("--speed", type=_speed, default=1.0, help="so many times as fast (1)")
    play.set_defaults(run=run_play)


def run_record(arguments: argparse.Namespace) -> int:
    """Record until a signal, or until the device is gone; return the exit code."""
    try:
        file = arguments.out.open("x", encoding="ascii", errors="replace")
    except OSError as error:
        raise RefusedError(f"cannot write {arguments.out}: {error.strerror}") from error
    clock = SystemClock()
    is_serial = address(arguments.between) is None
    head = Head(
        device=arguments.between,
        agent=arguments.agent,
        line=f"{arguments.baud} {arguments.shape}" if is_serial else "tcp",
        begun=clock.now().isoformat(timespec="milliseconds"),
        note=arguments.note,
        echo=arguments.echo,
    )
    with file:
        tape = Tape(file, head, clock, arguments.limit_mb * MEGABYTE)
        device = device_end(arguments.between, arguments.baud, arguments.shape)
        try:
            ended = asyncio.run(_until_signal(arguments.agent, PassThrough(tape, device).serve))
        finally:
            was_full = tape.full
            tape.end()
    if was_full:
        sys.stderr.write(f"coldport: {arguments.out} is full; what passed later is not in it\n")
    if ended:
        sys.stderr.write("coldport: the device is gone\n")
    return 1 if was_full or ended else 0


def run_play(arguments: argparse.Namespace) -> int:
    """Play until a signal; return the exit code."""
    recording = load(arguments.file)
    where = arguments.serial or (arguments.tcp if ":" in arguments.tcp else f"{LOCAL}:{arguments.tcp}")
    player = Player(recording, SystemClock(), arguments.speed)
    asyncio.run(_until_signal(where, player.serve))
    for one in player.played:
        if one.unknown:
            sample = one.unknown_sample.hex(" ")
            sys.stderr.write(f"coldport: {one.unknown} requests are not in the recording, the first: {sample}\n")
    return 0


def load(path: Path) -> Recording:
    """Read a recording that has something to play.

    Raises:
        MalformedError: It is none, or too large.
        RefusedError: The file cannot be read.
    """
    try:
        if path.stat().st_size > TEXT_LIMIT:
            raise MalformedError(f"{path} has more than {TEXT_LIMIT // MEGABYTE} MiB")
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise RefusedError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MalformedError(f"{path} is not a recording: {error.reason}") from error
    try:
        recording = parse(text)
    except MalformedError as error:
        raise MalformedError(f"{path}:{error}") from error
    if not any(connections(recording.entries)):
        raise MalformedError(f"{path} has nothing to play")
    return recording


class Player:
    """Serves each client the next connection of a recording, and after the last the first again."""

    def __init__(self, recording: Recording, clock: Clock, speed: float = 1.0) -> None:
        """Play to nobody yet."""
        self.played: list[Playback] = []
        self._echo: Echoed = recording.head.echo
        self._parts = itertools.cycle(connections(recording.entries))
        self._clock = clock
        self._speed = speed

    async def serve(self, line: Line) -> None:
        """Be the device for one client, until it is gone."""
        playback = Playback(next(self._parts), self._echo, self._speed)
        self.played.append(playback)
        whole = Faults(random.Random(0))  # noqa: S311 - nothing is broken: it is never thrown
        await Serving("playback", line, playback, clock=self._clock, pace=Pace(), faults=whole).run()


async def _until_signal(end: str, serve: Callable[[Line], Awaitable[None]]) -> bool:
    """Serve until a signal; tell whether serving ended by itself."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with agent_end(end, serve) as served:
        sys.stderr.write(f"coldport: ready at {end}\n")
        serving = asyncio.ensure_future(served())
        asking = asyncio.create_task(asked.wait())
        await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if serving.done():
            serving.result()
            return True
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return False


def _echo(text: str) -> Echoed:
    try:
        return echoed(text)
    except MalformedError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _megabytes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= TEXT_LIMIT // MEGABYTE:
        raise argparse.ArgumentTypeError(f"from 1 to {TEXT_LIMIT // MEGABYTE}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 1000:
        raise argparse.ArgumentTypeError("a speed is from 0.01 to 1000")
    return speed
