"""`coldport access`: parties, their keys and grants, by the control that runs. It alone writes the journal."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx

from coldport.clock import SystemClock
from coldport.errors import RefusedError, UnavailableError
from control.access.party import PartyKind, Scope

ADDRESS = "http://127.0.0.1:8000"
ANSWER_S = 10.0


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport access party|key|grant|list|revoke|withdraw`."""
    access = commands.add_parser(
        "access",
        help="who outside the site may see what",
        description="Adds parties, gives them keys, and shares what one owns with another, through control as it runs.",
    )
    actions = access.add_subparsers(title="actions", metavar="ACTION", required=True)
    party = _action(actions, "party", "add a party, or say anew what it is called", _party)
    party.add_argument("id", metavar="PARTY", help="id of the party")
    kinds = [kind for kind in PartyKind if kind is not PartyKind.SITE]
    party.add_argument("--kind", required=True, choices=kinds, help="what it is")
    party.add_argument("--zh", required=True, metavar="NAME", help="its name in Chinese")
    party.add_argument("--en", required=True, metavar="NAME", help="its name in English")
    party.add_argument("--code", action="append", default=[], metavar="CODE", help="what documents call it: USCC, ...")
    key = _action(actions, "key", "give a party a key; its token is printed this once", _key)
    key.add_argument("party", metavar="PARTY", help="id of the party")
    key.add_argument("--scope", action="append", required=True, choices=list(Scope), metavar="SCOPE", help=_SCOPES)
    key.add_argument("--days", type=int, default=365, help="for how long (default: 365, at most 400)")
    grant = _action(actions, "grant", "share what is one party's with another", _grant)
    grant.add_argument("owner", metavar="OWNER", help="party whose it is")
    grant.add_argument("grantee", metavar="GRANTEE", help="party that may see it")
    grant.add_argument("--scope", required=True, choices=list(Scope), metavar="SCOPE", help=_SCOPES)
    grant.add_argument("--days", type=int, required=True, help="for how long")
    grant.add_argument("--reason", required=True, metavar="TEXT", help="why; both parties can read it")
    grant.add_argument("--name", action="append", default=[], help="only this lot, waybill, order, point or room")
    revoke = _action(actions, "revoke", "let a key be worth nothing from now on", _revoke)
    revoke.add_argument("key", metavar="KEY", help="id of the key")
    withdraw = _action(actions, "withdraw", "end a grant now", _withdraw)
    withdraw.add_argument("grant", metavar="GRANT", help="id of the grant")
    listing = _action(actions, "list", "list parties, keys or grants", _list, by=False)
    listing.add_argument("what", choices=["parties", "keys", "grants"], help="which of them")


_SCOPES = f"one of {', '.join(Scope)}"


def _action(actions: Any, name: str, said: str, run: Any, *, by: bool = True) -> argparse.ArgumentParser:  # noqa: ANN401
    parser: argparse.ArgumentParser = actions.add_parser(name, help=said, description=f"{said.capitalize()}.")
    parser.add_argument("--url", default=ADDRESS, help=f"where control serves its page (default: {ADDRESS})")
    if by:
        parser.add_argument("--by", required=True, metavar="NAME", help="who does it; it goes on record")
    parser.set_defaults(run=run)
    return parser


def _party(arguments: argparse.Namespace) -> int:
    name = {"zh": arguments.zh, "en": arguments.en}
    body = {"id": arguments.id, "name": name, "kind": arguments.kind, "codes": arguments.code, "by": arguments.by}
    _ask(arguments.url, "parties", body)
    return 0


def _key(arguments: argparse.Namespace) -> int:
    body = {"party": arguments.party, "scopes": arguments.scope, "days": arguments.days, "by": arguments.by}
    made = _ask(arguments.url, "keys", body)
    sys.stdout.write(f"{made['token']}\n")
    return 0


def _grant(arguments: argparse.Namespace) -> int:
    until = SystemClock().now() + timedelta(days=arguments.days)
    body = {
        "owner": arguments.owner,
        "grantee": arguments.grantee,
        "scope": arguments.scope,
        "until": until.isoformat(),
        "reason": arguments.reason,
        "names": arguments.name,
        "by": arguments.by,
    }
    sys.stdout.write(f"{_ask(arguments.url, 'grants', body)['id']}\n")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    _ask(arguments.url, f"keys/{arguments.key}/revoke", {"by": arguments.by})
    return 0


def _withdraw(arguments: argparse.Namespace) -> int:
    _ask(arguments.url, f"grants/{arguments.grant}/withdraw", {"by": arguments.by})
    return 0


def _list(arguments: argparse.Namespace) -> int:
    for line in _lines(_ask(arguments.url, arguments.what)):
        sys.stdout.write(f"{line}\n")
    return 0


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        "  ".join(f"{name}={_plain(value)}" for name, value in row.items() if name != "name" and value != [])
        for row in rows
    ]


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _ask(url: str, what: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return what control answers.

    Raises:
        UnavailableError: It does not answer.
        RefusedError: It will not; with what it said.
    """
    address = f"{url.rstrip('/')}/api/v1/access/{what}"
    try:
        with httpx.Client(timeout=ANSWER_S, trust_env=False) as client:
            answer = client.get(address) if body is None else client.post(address, json=body)
    except httpx.HTTPError as error:
        raise UnavailableError(f"no control answers at {url}; start it, or say where with --url: {error}") from error
    if answer.is_error:
        raise RefusedError(answer.json()["detail"])
    return answer.json()
