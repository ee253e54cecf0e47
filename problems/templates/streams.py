"""Random draws that are keyed, named and counted: nothing drawn later moves what came before.

Entry i of the draw named n under key k is made from HMAC-SHA256(k, n ‖ i) alone: 256 bits taken
as a fraction of 2²⁵⁶ and scaled to the range, which is off from uniform by less than 2⁻²³⁰. The
same bytes on every platform and every version of Python.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any

BLOCK = 64
"""Bytes that SHA-256 takes in at once, and to which HMAC fills up a key."""


def keyed_digest(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 of length-prefixed parts: no two lists of parts give the same message.

    >>> keyed_digest(b"k", b"ab", b"c") == keyed_digest(b"k", b"a", b"bc")
    False
    """
    return hmac.digest(key, b"".join(map(_with_length, parts)), "sha256")


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


@dataclass(frozen=True)
class Stream:
    """All draws of one variant.

    Args:
        key: what makes the variant's draws its own.
        attempt: 0, or how many drawn variants were rejected before.

    >>> stream = Stream(b"key")
    >>> stream.below(6, "W1", 0) == stream.below(6, "W1", 0)
    True
    """

    key: bytes
    attempt: int = 0

    def below(self, bound: int, name: str, index: int) -> int:
        """Return draw `index` of the draws called `name`: a whole number from 0 to bound − 1."""
        return self._drawing(bound, name)(index)

    def each_below(self, bound: int, name: str, count: int) -> list[int]:
        """Return draws 0 to `count` − 1 of the draws called `name`, each as `below` does.

        >>> stream = Stream(b"key")
        >>> stream.each_below(6, "W1", 2) == [stream.below(6, "W1", 0), stream.below(6, "W1", 1)]
        True
        """
        return list(map(self._drawing(bound, name), range(count)))

    def probability(self, name: str, index: int) -> Fraction:
        """Return draw `index` of the draws called `name` as a fraction strictly between 0 and 1."""
        return Fraction(2 * self.below(2**128, name, index) + 1, 2**129)

    @cached_property
    def _keyed(self) -> tuple[Any, Any]:
        """The digests that HMAC (RFC 2104) begins with: copied sooner than those of `hmac`."""
        key = sha256(self.key).digest() if len(self.key) > BLOCK else self.key
        filled = key.ljust(BLOCK, b"\0")
        inner, outer = (bytes(each ^ pad for each in filled) for pad in (0x36, 0x5C))
        return sha256(inner), sha256(outer)

    def _drawing(self, bound: int, name: str) -> Callable[[int], int]:
        """Return what makes a draw of a name from its index."""
        inner, outer = self._keyed
        # All draws of a name have this in common.
        called = inner.copy()
        called.update(_with_length(name.encode()) + _counter(self.attempt))

        def draw(index: int) -> int:
            message, digest = called.copy(), outer.copy()
            message.update(_counter(index))
            digest.update(message.digest())
            return int.from_bytes(digest.digest(), "big") * bound >> 256

        return draw


def _counter(number: int) -> bytes:
    """Return a counter of 8 bytes, its length before it."""
    return ((8 << 64) + number).to_bytes(16, "big")
