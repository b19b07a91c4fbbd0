"""`coldport notify`: try the ways out of a site, and see who has duty."""

import argparse
import asyncio
import sys
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coldport.clock import SystemClock
from coldport.errors import NotFoundError, RefusedError, UnavailableError
from coldport.site import Site, load_site
from control.notify.load import load_notify
from control.notify.notice import Notice, Sent, Why
from control.notify.ports import Channel
from control.notify.rota import on_duty
from control.notify.settings import NotifyFile
from control.notify.start import open_channels
from control.notify.texts import Texts, catalogue


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport notify test` and `coldport notify duty`."""
    notify = commands.add_parser(
        "notify", help="try who is told of alarms, and how", description="Try who is told of alarms, and how."
    )
    actions = notify.add_subparsers(title="actions", metavar="ACTION", required=True)
    test = actions.add_parser(
        "test",
        help="send a test notice to every recipient; exit code 1: one did not go out",
        description="Sends a notice that asks for nothing by every channel to every recipient, past the outbox.",
    )
    test.add_argument("site", type=Path, metavar="SITE", help="folder with notify.toml and the other files")
    test.add_argument("--channel", metavar="ID", help="only by this channel")
    test.add_argument("--recipient", metavar="ID", help="only to this recipient")
    test.set_defaults(run=_test)
    duty = actions.add_parser(
        "duty",
        help="who has each role at a moment",
        description="Prints each role of notify.toml and who has it at a moment.",
    )
    duty.add_argument("site", type=Path, metavar="SITE", help="folder with notify.toml and the other files")
    duty.add_argument("--at", metavar="T", help="a moment (ISO 8601; default: now)")
    duty.set_defaults(run=_duty)


def _load(folder: Path) -> tuple[Site, NotifyFile]:
    site = load_site(folder)
    settings = load_notify(folder, site)
    if settings is None:
        raise NotFoundError(f"{folder} has no notify.toml; docs/how-to/set-up-notices.md says how to write one")
    return site, settings


def _duty(arguments: argparse.Namespace) -> int:
    site, settings = _load(arguments.site)
    zone = ZoneInfo(site.timezone)
    try:
        at = datetime.fromisoformat(arguments.at) if arguments.at else SystemClock().now()
    except ValueError:
        raise RefusedError(f"{arguments.at!r} is no moment as 2026-11-01T08:00") from None
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    names = {recipient.id: recipient.name for recipient in settings.recipients}
    for role in settings.roles:
        who = ", ".join(f"{names[name]} ({name})" for name in on_duty(role, at, zone))
        sys.stdout.write(f"{role.id}: {who}\n")
    return 0


def _test(arguments: argparse.Namespace) -> int:
    site, settings = _load(arguments.site)
    clock = SystemClock()
    title, text = Texts(site, (), settings, catalogue(settings.language)).test()
    notices = [
        Notice(
            key=f"test/{uuid.uuid4()}",
            why=Why.TEST,
            channel=channel,
            recipient=recipient.id,
            address=address,
            critical=False,
            at=clock.now(),
            title=title,
            text=text,
        )
        for recipient in settings.recipients
        for channel, address in recipient.addresses.items()
        if arguments.channel in (None, channel) and arguments.recipient in (None, recipient.id)
    ]
    if not notices:
        raise NotFoundError("no recipient has an address that fits")
    return asyncio.run(_send(open_channels(settings, clock), notices))


async def _send(channels: dict[str, Channel], notices: Iterable[Notice]) -> int:
    failed = 0
    for notice in notices:
        try:
            outcome = await channels[notice.channel].send(notice)
            said = "sent" if outcome == Sent() else str(outcome)
        except UnavailableError as error:
            said = str(error)
        failed += said != "sent"
        sys.stdout.write(f"{notice.channel} to {notice.recipient}: {said}\n")
    for channel in channels.values():
        await channel.close()
    return 1 if failed else 0
