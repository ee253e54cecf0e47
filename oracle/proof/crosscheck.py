"""The mpmath reference against the balls: two arithmetics, written apart, must agree.

On small networks every entry of every step is compared. On large ones all of the forward pass and
the deltas are, and a keyed sample of the entries of ∂L/∂x and of what has the shape of a parameter;
what is computed from such is computed from the midpoints, so that every iteration is checked by
itself.
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, product
from typing import Any

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.derivation.walking import take
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.proof.enclose import Enclosure, Exceptions

LARGE = 512
SAMPLE = 32
ATTEMPTS = 4

Entry = tuple[int, int]


def check_reference(enclosure: Enclosure, *, digits: int, full: bool) -> None:
    """Walk the reference and compare it with the balls.

    Where cancellation costs the reference its digits, it is walked again with twice as many.

    Args:
        enclosure: the balls.
        digits: the accuracy to which the reference must agree, decimal.
        full: compare every entry even of large parameters.

    Raises:
        NotCertified: the reference disagrees; the message names the quantity.
    """
    for attempt in range(ATTEMPTS):
        walk = _ReferenceWalk(enclosure, Reference(digits=digits * 2**attempt), digits, full)
        disagreement = walk.disagreement()
        if disagreement is None:
            return
    raise NotCertified(f"the reference disagrees about {disagreement}")


class _Values(dict[Name, Rows]):
    """What the reference found; of what was compared in a sample alone, the balls' midpoints."""

    def __init__(self, enclosure: Enclosure, reference: Reference) -> None:
        super().__init__(take(enclosure.given, reference))
        self._enclosure = enclosure
        self._reference = reference

    def __missing__(self, name: Name) -> Rows:
        """Take the midpoints when they are first asked for."""
        ball = self._enclosure.ball
        rows = ball.rows(self._enclosure.matrices[name])
        exact = [[Fraction(*ball.ratio(each)) for each in row] for row in rows]
        self[name] = self._reference.matrix(exact)
        return self[name]


class _ReferenceWalk:
    def __init__(self, enclosure: Enclosure, reference: Reference, digits: int, full: bool) -> None:
        self.enclosure = enclosure
        self.reference = reference
        self.full = full
        self.is_last = reference.digits >= digits * 2 ** (ATTEMPTS - 1)
        self.slack = Fraction(1, 10**digits)
        self.widening = arb(0, float(self.slack))
        self.values = _Values(enclosure, reference)
        self.samples: dict[Name, dict[Entry, Rows]] = {}
        self.scales: dict[Name, Fraction] = {}
        self.waiting: list[Step] = []

    def disagreement(self) -> Name | None:
        """Return the first quantity about which reference and balls disagree."""
        try:
            last = self._walk()
        except Exception:
            # What disagrees comes before what has no value.
            first = self._first_of_waiting()
            if first is None:
                raise
            return first
        if last is None and self._joined_agree():
            return None
        return self._first_of_waiting() or last

    def _walk(self) -> Name | None:
        """Walk the reference up to the first disagreement, and let what is joined wait."""
        joined, zeros = set(self.enclosure.joined.names), self.enclosure.zeros
        for step in self.enclosure.derivation.steps:
            if step.name in joined and step.name not in zeros:
                self.values[step.name] = self._whole(step)
                self.waiting.append(step)
            elif not self._alone_agrees(step, is_small=step.name in joined):
                return step.name
        return None

    def _whole(self, step: Step) -> Rows:
        """Return all entries of a step."""
        rows: Rows = step.rule(self.reference, *map(self.values.__getitem__, step.reads))
        return rows

    def _alone_agrees(self, step: Step, *, is_small: bool) -> bool:
        """Evaluate a step, or some entries of it, and compare it by itself."""
        if not is_small and self._is_sampled(step):
            self.samples[step.name] = self._sample(step)
            return all(
                self._entry_agrees(step, entry, found[0][0])
                for entry, found in self.samples[step.name].items()
            )
        if self._is_other_name_of_sampled(step):
            return True
        self.values[step.name] = self._whole(step)
        agrees = self._is_renamed(step) or self._agrees(step)
        if step.name in self.enclosure.zeros:
            # As in the balls: what a saturating function makes of 0 is 0 then.
            exact = self.enclosure.zeros[step.name]
            self.values[step.name] = self._with_zeros(self.values[step.name], exact)
        return agrees

    def _is_other_name_of_sampled(self, step: Step) -> bool:
        """Tell whether a step's balls are the very ones that were compared in a sample."""
        balls = self.enclosure.matrices
        return (
            step.rule is unchanged
            and step.reads[0] in self.samples
            and balls[step.name] is balls[step.reads[0]]
        )

    def _with_zeros(self, rows: Rows, exact: Rows) -> Rows:
        """Return rows with 0 where fractions know it."""
        return [
            [entry if value else self.reference.zero for entry, value in zip(*each, strict=True)]
            for each in zip(rows, exact, strict=True)
        ]

    def _joined_agree(self) -> bool:
        """Compare all that waits at once."""
        matrix = self.enclosure.joined.matrix
        rows = chain.from_iterable(self.values[name] for name in self.enclosure.joined.names)
        numbers = list(chain.from_iterable(rows))
        count = len(numbers)
        return count == matrix.ncols() and self._hold(matrix, arb_mat(1, count, _taken(numbers)))

    def _first_of_waiting(self) -> Name | None:
        return next((step.name for step in self.waiting if not self._agrees(step)), None)

    def _is_renamed(self, step: Step) -> bool:
        """Tell whether balls and reference are those of a step that was compared before."""
        if len(step.reads) != 1 or step.reads[0] not in self.enclosure.derivation.by_name:
            return False
        (source,), balls, found = step.reads, self.enclosure.matrices, self.values
        return balls[source] is balls[step.name] and found[source] is found[step.name]

    def _is_sampled(self, step: Step) -> bool:
        quantity = step.quantity
        rows, columns = quantity.matrix_shape
        return (
            not self.full
            and rows * columns > LARGE
            and (quantity.layout is not Layout.SAMPLES or quantity.group is Group.INPUT_GRADIENT)
            and quantity.group is not Group.PARAMETER
            and (step.entry is not None or step.elementwise)
        )

    def _sample(self, step: Step) -> dict[Entry, Rows]:
        return {entry: self._one_entry(step, entry) for entry in _keyed_entries(step)}

    def _one_entry(self, step: Step, entry: Entry) -> Rows:
        if step.entry is not None:
            reads = [self.values[name] for name in step.reads]
            result: Rows = step.entry(self.reference, *entry, *reads)
            return result
        operands = [self._operand(name, entry) for name in step.reads]
        rows: Rows = step.rule(self.reference, *operands)
        return rows

    def _operand(self, name: Name, entry: Entry) -> Rows:
        if name in self.samples:
            return self.samples[name][entry]
        rows = self.values[name]
        if len(rows) == len(rows[0]) == 1:
            return rows
        return [[rows[entry[0]][entry[1]]]]

    def _agrees(self, step: Step) -> bool:
        balls, found = self.enclosure.matrices[step.name], self.values[step.name]
        numbers = _taken(list(chain.from_iterable(found)))
        # A ball too wide to tell a value from 0 says little of what fractions know of it.
        asked = [entry for entry, known in self._known(step).items() if known]
        if not self._hold(balls, arb_mat(len(found), len(found[0]), numbers)):
            asked = list(product(range(len(found)), range(len(found[0]))))
        return all(self._entry_agrees(step, (i, j), found[i][j]) for i, j in asked)

    def _known(self, step: Step) -> Exceptions:
        return self.enclosure.exceptions.get(step.name, {})

    def _hold(self, balls: arb_mat, numbers: arb_mat) -> bool:
        """Tell whether balls, widened by the reference's rounding, hold numbers."""
        with self.enclosure.ball.active():
            widened = balls + balls.mid() * self.widening
        return bool(widened.contains(numbers))

    def _entry_agrees(self, step: Step, entry: Entry, number: Any) -> bool:
        """Compare one number with its ball, which is widened by the reference's rounding."""
        ball = self.enclosure.ball
        value = Fraction(*self.reference.ratio(number))
        known = self.enclosure.known(step.name, entry)
        if known is not None:
            return abs(value - known) <= self._allowed(step, known)
        low, high = (Fraction(*end) for end in ball.ends(self.enclosure.matrices[step.name][entry]))
        allowed = self.slack * max(abs(low), abs(high))
        return low - allowed <= value <= high + allowed

    def _allowed(self, step: Step, known: Fraction) -> Fraction:
        """Return how far the reference may lie from what fractions know.

        Of what is not 0 that is a share of itself, as of all values; the last walk, which has the
        most digits, is measured by them and by what was cancelled.
        """
        if not known:
            return self.slack * self._scale(step)
        share = self.slack * abs(known)
        if not self.is_last:
            return share
        return max(share, self._scale(step) * Fraction(1, 10**self.reference.digits))

    def _scale(self, step: Step) -> Fraction:
        """Return the largest magnitude that went into a step: what an exact 0 is measured by."""
        return max((self._magnitude(name) for name in step.reads), default=Fraction(0))

    def _magnitude(self, name: Name) -> Fraction:
        """Return a quantity's largest magnitude; where it is 0, of what went into it as well."""
        if name not in self.scales:
            known = self.samples[name].values() if name in self.samples else [self.values[name]]
            ratio = self.reference.ratio
            magnitude = max(
                abs(Fraction(*ratio(each))) for rows in known for row in rows for each in row
            )
            if name in self.enclosure.exceptions or name in self.enclosure.zeros:
                before = self.enclosure.derivation.by_name[name]
                magnitude = max(magnitude, self._scale(before))
            self.scales[name] = magnitude
        return self.scales[name]


def _taken(numbers: Sequence[Any]) -> Sequence[Any]:
    """Return numbers of mpmath as Arb takes them: whatever the precision, as they are.

    What is moved alone stays the same object; where most are such, each object is taken once.
    """
    distinct = {id(each): each for each in numbers}
    if 2 * len(distinct) > len(numbers):
        return numbers
    balls = {key: arb(each) for key, each in distinct.items()}
    return [balls[id(each)] for each in numbers]


def _keyed_entries(step: Step) -> list[Entry]:
    """Return the sampled entries of a step's matrix: the same for all steps of one parameter."""
    rows, columns = step.quantity.matrix_shape
    entries = []
    for index in range(SAMPLE):
        digest = hashlib.sha256(f"{step.name.layer} {rows} {columns} {index}".encode()).digest()
        number = int.from_bytes(digest[:8], "big") % (rows * columns)
        entries.append(divmod(number, columns))
    return entries
