"""Derivations walked together: those that differ from a right one in few steps, each in a row.

What two of them take as the very same step is computed at once for both, a stack of matrices, one
for each. Nothing is computed before it is asked for, nor twice. Sets of rows are numbers with a
bit for each row, the first one's the lowest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy

from gradgrade.oracle.arithmetic import Matrix
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.running_error import Estimate, RunningError
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.walks.differing import Difference, bits

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


class WalkTogether:
    """What derivations make that differ from one whose values are known.

    Args:
        right: the right derivation.
        known: what it makes, in no stack.
        differences: how each of them differs from that; one or more.
        arithmetic: of the values: binary64, or that with running errors.
        taking: told of each step that is taken, and for how many of them at once.
    """

    def __init__(
        self,
        right: Derivation,
        known: Mapping[Name, Matrix],
        differences: Sequence[Difference],
        *,
        arithmetic: Binary64 | RunningError,
        taking: Callable[[Step, int], None],
    ) -> None:
        self.known = known
        self.right = right
        self._count = len(differences)
        self.taking = taking
        self._arithmetic = arithmetic
        reaching = _transposed([each.reached for each in differences])
        self._reaching = {right.steps[place].name: rows for place, rows in reaching.items()}
        self._changed: dict[Name, dict[int, tuple[Step, int]]] = {}
        for row, each in enumerate(differences):
            for name, step in each.changed.items():
                own = self._changed.setdefault(name, {})
                own[id(step)] = step, own.get(id(step), (step, 0))[1] | 1 << row
                if name not in right.places:
                    self._reaching[name] = self._reaching.get(name, 0) | 1 << row
        self._done: dict[Name, int] = {}
        self._made: dict[Name, _Stack] = {}

    def reaching(self, name: Name) -> int:
        """Return the rows that make something else of a name than the right derivation."""
        return self._reaching.get(name, 0)

    def made(self, name: Name, rows: int) -> Matrix:
        """Return what some rows make of a name, all of which reach it: (rows, …, …)."""
        wanted = self._wanted(name, rows)
        # In the right order all rows come to a step at once; where one goes another way, alone.
        for each in sorted(wanted, key=self._place):
            self._make(each, wanted[each])
        return self._made[name].of(list(bits(rows)))

    def _wanted(self, name: Name, rows: int) -> dict[Name, int]:
        """Return what is yet to be made for some rows, by name the rows that want it."""
        wanted = dict[Name, int]()
        waiting = [(-self._place(name), name)]
        asking = {name: rows & ~self._done.get(name, 0)}
        while waiting:
            _, name = heappop(waiting)
            new = asking.pop(name, 0)
            wanted[name] = wanted.get(name, 0) | new
            for step, group in self._groups(name, new):
                for read in step.reads:
                    lacking = group & self.reaching(read)
                    lacking &= ~(self._done.get(read, 0) | wanted.get(read, 0))
                    if lacking and read not in asking:
                        heappush(waiting, (-self._place(read), read))
                    if lacking:
                        asking[read] = asking.get(read, 0) | lacking
        return wanted

    def _make(self, name: Name, rows: int) -> None:
        waiting = [(name, rows)]
        while waiting:
            name, lacking = waiting[-1]
            lacking &= ~self._done.get(name, 0)
            if not lacking:
                waiting.pop()
                continue
            groups = list(self._groups(name, lacking))
            missing = [
                (read, each)
                for step, group in groups
                for read in step.reads
                if (each := group & self.reaching(read) & ~self._done.get(read, 0))
            ]
            waiting += missing
            if not missing:
                for step, group in groups:
                    self._take(step, group)
                self._done[name] = self._done.get(name, 0) | lacking

    def _groups(self, name: Name, rows: int) -> Iterator[tuple[Step, int]]:
        """Yield the steps by which some rows make a name, with the rows that take them."""
        for step, group in self._changed.get(name, {}).values():
            if group & rows:
                yield step, group & rows
                rows &= ~group
        if rows:
            yield self.right.by_name[name], rows

    def _take(self, step: Step, group: int) -> None:
        rows = list(bits(group))
        self.taking(step, len(rows))
        read = [self._read(name, group, rows) for name in step.reads]
        made = step.rule(self._arithmetic, *read)
        if step.name not in self._made:
            self._made[step.name] = _Stack(self._count, made, self.known.get(step.name))
        self._made[step.name].put(rows, made)

    def _read(self, name: Name, group: int, rows: Sequence[int]) -> Matrix:
        """Return what rows read under a name: a stack, where they differ; one alone in no stack."""
        if not group & self.reaching(name):
            return self.known[name]
        return self._made[name].of(rows if len(rows) > 1 else rows[0])

    def _place(self, name: Name) -> int:
        return self.right.places.get(name, len(self.right.steps))


class _Stack:
    """What rows make of a name; what is right stands in those that have made nothing yet.

    Args:
        count: of the rows.
        made: what one of them makes, or several.
        right: what is right, where the right derivation has that name.
    """

    def __init__(self, count: int, made: Matrix, right: Matrix | None) -> None:
        self._like = made
        self._arrays = [numpy.zeros((count, *each.shape[-2:])) for each in _arrays(made)]
        if right is not None:
            for room, each in zip(self._arrays, _arrays(right), strict=True):
                room[...] = each

    def put(self, rows: Sequence[int], made: Matrix) -> None:
        """Keep what some rows make; what none of them read for is the same for all, in no stack."""
        for room, each in zip(self._arrays, _arrays(made), strict=True):
            room[rows] = each

    def of(self, rows: Sequence[int] | int) -> Matrix:
        """Return what some rows make, stacked; or what one makes, in no stack."""
        taken = [room[rows] for room in self._arrays]
        return self._like.shaped(*taken) if isinstance(self._like, Estimate) else taken[0]


def _arrays(matrix: Matrix) -> tuple[Array, ...]:
    return (matrix.value, matrix.error) if isinstance(matrix, Estimate) else (matrix,)


def _transposed(numbers: Sequence[int]) -> dict[int, int]:
    """Return, by the place of each bit, the rows of the numbers that have it."""
    width = max(1, *((each.bit_length() + 7) // 8 for each in numbers))
    rows = numpy.array(
        [numpy.frombuffer(each.to_bytes(width, "little"), numpy.uint8) for each in numbers]
    )
    columns = numpy.unpackbits(rows, axis=1, bitorder="little").T
    packed = numpy.packbits(columns, axis=1, bitorder="little")
    found = (int.from_bytes(column.tobytes(), "little") for column in packed)
    return {place: each for place, each in enumerate(found) if each}
