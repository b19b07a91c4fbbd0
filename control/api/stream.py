"""The live stream: one WebSocket a page. What is said on it: `control.api.frames`."""

import asyncio

import msgspec
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.hub import Client, Hub, TooManyClientsError

MESSAGE_LIMIT = 256
"""Characters of one message from a page; all it can say is which room it looks at."""

POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013
"""Close codes. Source: RFC 6455 section 7.4.1 and the IANA registry."""

router = APIRouter()


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page looks at another room, or at none."""

    zone: str | None


@router.websocket("/api/v1/stream", dependencies=[needs(Scope.SITE_READ, platform=False)])
async def stream(socket: WebSocket, context: InContext, zone: str | None = None, *, lanes: bool = False) -> None:
    """Send a snapshot, then deltas, for as long as the page is open; with `lanes` also what the lanes say."""
    hub = context.hub
    await socket.accept()
    try:
        client = hub.join(hub.zone(zone), lanes=lanes)
    except TooManyClientsError as error:
        await socket.close(TRY_AGAIN_LATER, error.code)
        return
    understood = True
    try:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(_send(socket, client))
            understood = await _listen(socket, hub, client)
            sending.cancel()
    except* WebSocketDisconnect:
        pass
    finally:
        hub.leave(client)
    if not understood:
        await socket.close(POLICY_VIOLATION, "malformed")


async def _send(socket: WebSocket, client: Client) -> None:
    while True:
        for text in await client.next():
            await socket.send_text(text)


async def _listen(socket: WebSocket, hub: Hub, client: Client) -> bool:
    """Follow the page from room to room; return False when it says something that is not understood."""
    while True:
        try:
            text = await socket.receive_text()
            turn = msgspec.json.decode(text[:MESSAGE_LIMIT], type=Turn)
        except (msgspec.DecodeError, KeyError):  # KeyError: a binary message has no text
            return False
        hub.turn(client, hub.zone(turn.zone))
