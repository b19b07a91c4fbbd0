"""What is answered to whoever may not: 401 and 403."""

from coldport.errors import RefusedError


class KeyNeededError(RefusedError):
    """Nobody is known to ask: here a key is needed."""

    code = "key-needed"

    def __init__(self) -> None:
        """Say how a key is sent."""
        super().__init__("send a key: Authorization: Bearer ID.SECRET")


class ForbiddenError(RefusedError):
    """It is known who asks, and they may not."""

    code = "forbidden"
