"""Bytes to messages and back. The only module that knows the wire format: JSON, UTC, RFC 3339."""

from typing import Any, TypeVar

import msgspec

from coldport.errors import MalformedError

Message = TypeVar("Message")

PAYLOAD_LIMIT = 256 * 1024
"""Bytes of one message: three full batches' worth; what is larger is refused before it is parsed."""


class MalformedMessageError(MalformedError):
    """A payload is not the message its topic promises. The text names the place in it."""

    code = "malformed-message"


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_encoder = msgspec.json.Encoder()


def encode(message: msgspec.Struct) -> bytes:
    """Return the wire form of a message."""
    return _encoder.encode(message)


def decode(kind: type[Message], payload: bytes) -> Message:
    """Read a payload as a message of `kind`.

    Raises:
        MalformedMessageError: Not JSON, too large, an unknown key, or a value outside its constraint.
    """
    if len(payload) > PAYLOAD_LIMIT:
        raise MalformedMessageError(f"payload has {len(payload)} bytes, at most {PAYLOAD_LIMIT} are read")
    decoder: msgspec.json.Decoder[Message] = _decoders.get(kind) or _decoders.setdefault(
        kind, msgspec.json.Decoder(kind)
    )
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error
