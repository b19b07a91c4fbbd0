"""The three families of errors. The class says who must act, because that is all a handler needs to know."""


class ColdportError(Exception):
    """Base of every error this project raises on purpose. Raise one of the three families below it."""

    code = "internal"
    """Stable, goes on the wire; a subclass with a code of its own overrides it."""


class UnavailableError(ColdportError):
    """Something outside is away for now. The loop in `coldport.supervise` retries; at the HTTP border: 503."""

    code = "unavailable"


class RefusedError(ColdportError):
    """The request was understood and is not allowed. The caller must ask differently; at the HTTP border: 4xx."""

    code = "refused"


class NotFoundError(RefusedError):
    """The caller named something that does not exist; at the HTTP border: 404."""

    code = "not-found"


class MalformedError(ColdportError):
    """What was sent cannot be read. Its sender must act: it is counted, a sample is kept, and work goes on.

    At start-up (a site file) it stops the process instead: exit code 2, with file, line and key.
    """

    code = "malformed"
