"""Random draws that are keyed, named and counted: nothing drawn later moves what came before.

Entry i of the draw named n under key k is made from HMAC-SHA256(k, n ‖ i) alone: 256 bits taken
as a fraction of 2²⁵⁶ and scaled to the range, which is off from uniform by less than 2⁻²³⁰. The
same bytes on every platform and every version of Python.
"""

import hmac
from dataclasses import dataclass
from fractions import Fraction


def keyed_digest(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 of length-prefixed parts: no two lists of parts give the same message.

    >>> keyed_digest(b"k", b"ab", b"c") == keyed_digest(b"k", b"a", b"bc")
    False
    """
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(key, message, "sha256")


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
        counters = (self.attempt.to_bytes(8, "big"), index.to_bytes(8, "big"))
        digest = keyed_digest(self.key, name.encode(), *counters)
        return int.from_bytes(digest, "big") * bound >> 256

    def probability(self, name: str, index: int) -> Fraction:
        """Return draw `index` of the draws called `name` as a fraction strictly between 0 and 1."""
        return Fraction(2 * self.below(2**128, name, index) + 1, 2**129)
