"""The Merkle tree hash of a list, built while the list goes by: memory grows with the logarithm of its length.

Source: RFC 9162, section 2.1.1: SHA-256, a leaf is hashed behind a byte 0, two halves behind a byte 1, and the left
half is the largest power of two below the length. By it one entry can be proved without showing the others.
"""

import hashlib


class Tree:
    """The tree over the leaves added so far."""

    def __init__(self) -> None:
        """Start without a leaf."""
        self._whole: list[tuple[int, bytes]] = []
        """Whole subtrees, the largest first: how many leaves, and the hash."""

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        size, node = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while self._whole and self._whole[-1][0] == size:
            left_size, left = self._whole.pop()
            size, node = size + left_size, _parent(left, node)
        self._whole.append((size, node))

    def root(self) -> bytes:
        """Return the hash of the whole list; of an empty one that of nothing.

        >>> Tree().root().hex()[:16]
        'e3b0c44298fc1c14'
        """
        if not self._whole:
            return hashlib.sha256().digest()
        *rest, (_, node) = self._whole
        for _, left in reversed(rest):
            node = _parent(left, node)
        return node


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
