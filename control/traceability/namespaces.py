"""The prefixes that a document's `@context` declares, for the fields that EPCIS does not know."""

from collections.abc import Mapping

Prefixes = Mapping[str, str]


def declared(context: object) -> dict[str, str]:
    """Return the prefixes of an `@context`: a URL (which declares none here), an object, or a list of both.

    >>> declared(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ext": "https://example.com/"}])
    {'ext': 'https://example.com/'}
    """
    found: dict[str, str] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            found |= {key: value for key, value in part.items() if isinstance(value, str) and not key.startswith("@")}
    return found


def expanded(text: str, prefixes: Prefixes) -> str:
    """Return a compact URI in full; any other text as it is."""
    prefix, colon, name = text.partition(":")
    return prefixes[prefix] + name if colon and prefix in prefixes else text
