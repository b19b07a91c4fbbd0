"""Killed again and again between sending and marking: every notice arrives, and its key tells a repeat."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys

import msgspec
import pytest

from coldport.clock import SystemClock
from control.notify.outbox_sqlite import SqliteOutbox

KILLS = int(os.environ.get("COLDPORT_KILLS", "6"))
NOTICES = 120

CHILD = """
import asyncio, sys
from pathlib import Path
from coldport.clock import SystemClock
from coldport.supervise import for_ever
from control.notify.channels.webhook import WebhookChannel
from coldport.clock import SystemClock
from control.notify.outbox_sqlite import SqliteOutbox
from control.notify.sender import Sender
from control.notify.settings import WebhookChannel as Settings

async def main(path, url):
    clock = SystemClock()
    settings = Settings(id="chat", url=url, per_minute=600, reserve=0)
    sender = Sender(settings, WebhookChannel(url, None), SqliteOutbox(Path(path)), {}, clock)
    await for_ever("chat", sender.step, clock)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
async def test_each_notice_arrives_and_a_repeat_is_known_by_its_key(tmp_path, receiver, notice, eventually):
    receiver.answer = b""
    path = tmp_path / "outbox.sqlite"
    dice = random.Random(int(os.environ.get("COLDPORT_SEED", "4")))
    outbox = SqliteOutbox(path)
    notices = [msgspec.structs.replace(notice, key=f"k{n}", at=SystemClock().now()) for n in range(NOTICES)]
    await outbox.commit(1, b"", notices)
    await outbox.close()
    for _ in range(KILLS):
        before = len(receiver.taken)
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), receiver.url])  # noqa: ASYNC220
        enough = min(before + dice.randint(1, NOTICES // KILLS), NOTICES)
        await eventually(lambda enough=enough: len(receiver.taken) >= enough)
        await asyncio.sleep(dice.random() / 200)  # noqa: TID251 - any moment of a real process
        child.kill()
        child.wait()
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), receiver.url])  # noqa: ASYNC220
    await eventually(lambda: len({headers["Idempotency-Key"] for _, headers, _ in receiver.taken}) == NOTICES, 60)
    await eventually(lambda: _waiting(path) == 0)
    child.kill()
    child.wait()
    keys = [headers["Idempotency-Key"] for _, headers, _ in receiver.taken]

    assert set(keys) == {one.key for one in notices}
    assert len(keys) - len(set(keys)) <= KILLS  # no more than one was under way when it was killed


def _waiting(path) -> int:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT count(*) FROM notice WHERE state = 'waiting'").fetchone()[0]
    finally:
        connection.close()
