"""Frames with something spoiled in them, and how long a parser is busy with each.

`COLDPORT_FUZZ` says how many for each parser, 100,000 if it is not set; `make fuzz` takes a million.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from time import thread_time

FRAMES = int(os.environ.get("COLDPORT_FUZZ", "100000"))
SEED = 20261124
LONGEST_S = 0.01
"""What a parser may take for one frame, of the processor and for itself alone."""

COLLECTED_EVERY = 2_000
"""Frames between two collections of garbage; an error and its traceback hold each other until then."""

TELLING = [
    *(bytes([one]) for one in b"0123456789 +-.,=\x02\x03\r\nWGkg\x00\xff"),
    *(b"{", b"[", b'"', b"-", b"9" * 40, b"\\u0000", b"null"),
]
"""What means something to one parser or another where it stands wrong."""

Feed = Callable[[bytes], object]


def mutate(dice: Random, frames: list[bytes]) -> bytes:
    """Spoil a frame once to three times: flip a bit, cut, insert, put what means something, double, splice."""
    draw = dice.random  # a third of the time that randrange and choice take; a million frames are drawn
    frame = bytearray(frames[int(draw() * len(frames))])
    for _ in range(1 + int(draw() * 3)):
        at = int(draw() * (len(frame) + 1))
        match int(draw() * 7):
            case 0 | 1 if at < len(frame):
                frame[at] ^= 1 << int(draw() * 8)
            case 2:
                del frame[at:]
            case 3:
                frame[at:at] = dice.randbytes(1 + int(draw() * 4))
            case 4:
                frame[at : at + 1] = TELLING[int(draw() * len(TELLING))]
            case 5:
                frame *= 2
            case _:
                other = frames[int(draw() * len(frames))]
                frame[at:] = other[int(draw() * len(other)) :]
    return bytes(frame)


def mutants(frames: list[bytes], number: int = FRAMES) -> Iterator[bytes]:
    """Yield so many spoiled frames; always the same ones."""
    dice = Random(SEED)
    for _ in range(number):
        yield mutate(dice, frames)


def slow_frames(make: Callable[[], Feed], frames: list[bytes], number: int = FRAMES) -> dict[int, float]:
    """Return which frames kept a parser busy for too long, by their numbers, each with its seconds.

    The processor's time of this thread is counted, while no garbage is collected. A machine that is shared still
    charges a thread with what others cost it, now and then; so a frame is slow only if it is slow again when a new
    parser is fed the same frames from the first one on.
    """
    slow = _slow(make(), frames, number)
    if not slow:
        return {}
    again = _slow(make(), frames, max(slow) + 1)
    return {at: min(slow[at], again[at]) for at in slow.keys() & again.keys()}


def _slow(feed: Feed, frames: list[bytes], number: int) -> dict[int, float]:
    slow: dict[int, float] = {}
    with _collected_between_frames() as collect:
        for at, data in enumerate(mutants(frames, number)):
            begun_s = thread_time()
            feed(data)
            took_s = thread_time() - begun_s
            if took_s >= LONGEST_S:
                slow[at] = took_s
            if at % COLLECTED_EVERY == 0:
                collect()
    return slow


@contextmanager
def _collected_between_frames() -> Iterator[Callable[[], object]]:
    """Let garbage be collected only when the test says so, and what there was before not at all."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.enable()
        gc.unfreeze()
