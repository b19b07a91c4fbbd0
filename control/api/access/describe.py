"""The policies as others read them: in OpenAPI, and as the table of docs/reference/authorisation.md."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.routing import BaseRoute

from control.access.decision import Allowed, Owned, may
from control.access.party import AT_THE_SITE, SITE, Grant, PartyKind, Principal, Scope
from control.api.access.policy import OPEN, Policy, declared, public

KEY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "`Authorization: Bearer ID.SECRET`. On the machine itself a request without a key is the site's.",
}

HEAD = """# Who may do what over HTTP

Generated from the routes: each declares its policy beside it, and the decision itself (`control/access/decision.py`)
fills the table. A route without a policy is not served, and a test fails for a route without a row.

- **no key**: whoever asks on the machine itself is the site, until there are logins. On the platform a key is needed.
- Each other column is a party with a key for the scope of the route. A key without the scope: 403 everywhere.
- **own**: the party owns the thing. **granted**: an owner has granted it the scope for it. **others'**: neither.
- A thing that is another's is answered as one that is not there (404); what is the site's, and not granted, with 403.
- Where the thing is one of many, or named in the body, each is judged by itself: of a list the rest is left out.
"""


def secured(described: dict[str, Any], routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Add to a description of the API which scope each operation asks for."""
    described["components"]["securitySchemes"] = {"key": KEY_SCHEME}
    for method, path, policy in declared(routes):
        operation = described["paths"].get(path.replace(":path}", "}"), {}).get(method.lower())
        if operation is not None:
            operation["security"] = [{"key": [str(policy.scope)]}]
    return described


def table(routes: Sequence[BaseRoute]) -> str:
    """Return the page: route by kind of party by whose the thing is."""
    kinds = [kind for kind in PartyKind if kind is not PartyKind.SITE]
    titles = ["route", "scope", "whose", "platform", "no key", "site", *kinds]
    lines = [HEAD, f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for method, path, policy in declared(routes):
        cells = [
            f"`{method} {path}`",
            f"`{policy.scope}`",
            policy.whose.label,
            "yes" if policy.platform else "no",
            "yes" if isinstance(may(AT_THE_SITE, policy.scope, Owned(frozenset()), (), NOW), Allowed) else "no",
            *(_cell(kind, policy) for kind in PartyKind),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    everybody = " | ".join(["yes", "yes", *(["all"] * len(PartyKind))])
    lines += [f"| `{method} {path}` | none | {one.why} | {everybody} |" for method, path, one in public(routes)]
    lines += ["", "Without a policy, because nothing of the site is in them:", ""]
    lines += [f"- `{path}`: {why}" for path, why in OPEN.items()]
    return "\n".join(lines) + "\n"


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def cases(kind: PartyKind, scope: Scope, *, sites: bool) -> Iterator[tuple[str, bool]]:
    """Give, for a party of a kind with a key for `scope`, whose a thing may be, and whether the party may.

    `sites`: the thing is the site's, so that it is nobody's own but the site's.
    """
    party = SITE if kind is PartyKind.SITE else "asking"
    principal = Principal(party=party, kind=kind, scopes=frozenset({scope}), key="k")
    owner = SITE if sites else "other"
    grant = Grant(id="g", owner=owner, grantee=party, scope=scope, until=NOW + timedelta(days=1), reason="")
    asked: dict[str, tuple[Owned, list[Grant]]] = {
        "own": (Owned(frozenset({party})), []),
        "granted": (Owned(frozenset({owner})), [grant]),
        "others'": (Owned(frozenset({owner})), []),
    }
    for name, (owned, grants) in asked.items():
        if name != "own" or not sites:
            yield name, isinstance(may(principal, scope, owned, grants, NOW), Allowed)


def _cell(kind: PartyKind, policy: Policy) -> str:
    found = dict(cases(kind, policy.scope, sites=policy.whose.sites))
    if all(found.values()):
        return "all"
    return ", ".join(name for name, allowed in found.items() if allowed) or "-"
