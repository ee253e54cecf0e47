"""Small matrices read as one: what holds of all their entries is asked once, and not of each.

What is asked of a small matrix takes longer to ask than to answer. Where the answer is not the same
for all of them, each is asked by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import arb, arb_mat

from gradgrade.oracle.derivation.names import Name

MOST_JOINED = 256
"""Entries of a matrix; a larger one takes longer to be copied than to be asked."""


@dataclass(frozen=True, eq=False)
class Joined:
    """Matrices of balls, one behind the other in one row.

    Args:
        entries: the row.
        places: where in it the entries of each matrix stand, row by row.
        names: of the matrices that it was joined of; the others are the same objects as these.

    >>> one, two = (Name(text) for text in ("one", "two"))
    >>> found = joined({one: arb_mat([[1, 2]]), two: arb_mat([[3], [4]])}, (one, two))
    >>> found.matrix.entries() == arb_mat([[1, 2, 3, 4]]).entries(), found.places[two]
    (True, slice(2, 4, None))
    """

    entries: Sequence[arb]
    places: Mapping[Name, slice]
    names: tuple[Name, ...]

    @cached_property
    def matrix(self) -> arb_mat:
        """The row as a matrix."""
        return arb_mat(1, len(self.entries), self.entries)

    def only(self, names: Iterable[Name]) -> "Joined":
        """Return some of them joined."""
        entries = list[arb]()
        found, kept = dict[int, slice](), tuple(names)
        for name in kept:
            own = self.places[name]
            found[own.start] = slice(len(entries), len(entries) + own.stop - own.start)
            entries += self.entries[own]
        places = {
            name: found[place.start] for name, place in self.places.items() if place.start in found
        }
        return Joined(entries, places, kept)


def joined(matrices: Mapping[Name, arb_mat], names: Iterable[Name]) -> Joined:
    """Join those of some matrices that are small, each once whatever else it is called."""
    entries = list[arb]()
    found = dict[int, slice]()
    places, first = dict[Name, slice](), []
    for name in names:
        matrix = matrices[name]
        if id(matrix) not in found:
            size = matrix.nrows() * matrix.ncols()
            if size > MOST_JOINED:
                continue
            found[id(matrix)] = slice(len(entries), len(entries) + size)
            entries += matrix.entries()
            first.append(name)
        places[name] = found[id(matrix)]
    return Joined(entries, places, tuple(first))
