"""The witness: gradients found without a single derivative rule.

It walks the forward steps alone, at two points on either side of the given one, and takes the
central difference (L(p + h v) − L(p − h v)) / 2h, in balls at three times the precision of h. On
small networks v is each parameter and input entry in turn; on large ones, and for the lines of a
program, one direction over all entries at once: for each quantity the outer product u w of a column
and a row of keyed, distinct numbers, integers over 2³¹. What it finds must equal the inner product
of v and the gradient.

Why distinct: along equal numbers, signs say, two rows of a gradient can be exchanged, a square one
be transposed, or two gates' gradients be swapped, and the inner product stays. A gradient that is
wrong by E is seen where uᵀ E wᵀ is not 0. That is a polynomial of degree 2 in numbers that nobody
chose, each of them one of 2³²; so for any one E it is 0 with a chance of 2⁻³¹ at the most.

The error of the difference is of order h², so where the two disagree h is squared and both are
compared again: a wrong rule stays wrong. Optimizer updates have no witness.
"""

import hashlib
import itertools
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Held, PullBack, Total, Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import walk_steps
from gradgrade.oracle.errors import NotCertified, Undecided, UndefinedValue
from gradgrade.oracle.proof.enclose import Enclosure

MOST_ENTRIES_ALONE = 64
STEP_BITS = (64, 128, 256, 512, 1024, 2048)
SIZE_BITS = 31
"""Of the numbers in a direction, beside their sign: no wrong gradient is orthogonal by chance."""

AGREEMENT_BITS = 80

Direction = Mapping[Name, tuple[arb_mat, arb_mat]]
"""For each quantity that moves, a column u and a row w: it moves along u w."""


@dataclass(frozen=True)
class _Iteration:
    """One iteration's loss as a function of its parameters and of x, or of its lines."""

    loss: Name
    forward: tuple[Step, ...]
    gradients: Mapping[Name, Name]
    moves_lines: bool = False


def check_gradients(enclosure: Enclosure, *, full: bool) -> None:
    """Compare every iteration's gradients with differences of its loss.

    Args:
        enclosure: the balls to check.
        full: take every entry in turn on large networks and in lines of programs too.

    Raises:
        NotCertified: a difference disagrees with the gradient; the message names the quantity.
    """
    for iteration in _iterations(enclosure.derivation):
        point = {name: enclosure.matrices[name].mid() for name in _read(iteration)}
        at = {name: enclosure.matrices[name] for name in iteration.gradients}
        sizes = {name: (each.nrows(), each.ncols()) for name, each in at.items()}
        entries = sum(rows * columns for rows, columns in sizes.values())
        if full or (entries <= MOST_ENTRIES_ALONE and not iteration.moves_lines):
            directions = _single_entries(sizes)
        else:
            directions = iter([("the gradients", _all_at_once(sizes))])
        for place, direction in directions:
            if not _agree(enclosure, iteration, point, direction):
                raise NotCertified(f"the witness disagrees about {place}")


def _iterations(derivation: Derivation) -> Iterator[_Iteration]:
    """Yield each iteration's loss as a function of its parameters and of x.

    Of a program that is what is differentiated, of its givens, and of all its lines together;
    of a Jacobian each entry that is differentiated likewise.
    """
    # What was trained before does not move, whether or not its gradient is derived here.
    trained = {each.name for each in derivation.steps if isinstance(each.role, Training)}
    # Nor does what is held.
    held = {each.name for each in derivation.steps if isinstance(each.role, Held)}
    for step in derivation.steps:
        if step.quantity.group not in (Group.LOSS, Group.OBJECTIVE):
            continue
        gradients = dict(_gradients_of(derivation, step.name))
        # Each is moved where it is made, so that what is behind it moves and nothing before it.
        lines = [name for name in gradients if _is_made_by_a_line(derivation, name)]
        if lines:
            forward = derivation.needed_for(step.name, from_names=trained | held)
            of_lines = {line: gradients.pop(line) for line in lines}
            yield _Iteration(step.name, forward, of_lines, moves_lines=True)
        forward = derivation.needed_for(step.name, from_names=gradients.keys() | trained | held)
        yield _Iteration(step.name, forward, gradients)


_WATCHED = frozenset(
    {Group.GRADIENT, Group.INPUT_GRADIENT, Group.LINE_GRADIENT, Group.JACOBIAN_ROW}
)


def _gradients_of(derivation: Derivation, loss: Name) -> Iterator[tuple[Name, Name]]:
    """Yield what a loss is differentiated by, with its gradient; a row has its own part's."""
    for step in derivation.steps:
        if (
            step.quantity.group in _WATCHED
            and isinstance(step.role, PullBack | Total)
            and step.name.iteration == loss.iteration
            and step.name.relations[1:] == loss.relations
        ):
            yield step.role.to, step.name


def _is_made_by_a_line(derivation: Derivation, name: Name) -> bool:
    step = derivation.by_name.get(name)
    return step is not None and step.quantity.group is Group.LINE


def _read(iteration: _Iteration) -> set[Name]:
    made = {step.name for step in iteration.forward}
    read = {name for step in iteration.forward for name in step.reads}
    moved = () if iteration.moves_lines else tuple(iteration.gradients)
    return read.union(moved) - made


def _single_entries(sizes: Mapping[Name, tuple[int, int]]) -> Iterator[tuple[str, Direction]]:
    for name, (rows, columns) in sizes.items():
        for i in range(rows):
            for j in range(columns):
                column, row = arb_mat(rows, 1), arb_mat(1, columns)
                column[i, 0] = row[0, j] = 1
                yield f"d{name}, row {i + 1}, column {j + 1}", {name: (column, row)}


def _all_at_once(sizes: Mapping[Name, tuple[int, int]]) -> Direction:
    """Return one direction over all quantities, of each the outer product of two vectors."""
    return {
        name: (
            arb_mat(rows, 1, list(_distinct(f"{name} rows", rows))),
            arb_mat(1, columns, list(_distinct(f"{name} columns", columns))),
        )
        for name, (rows, columns) in sizes.items()
    }


def _distinct(key: str, count: int) -> Iterator[arb]:
    """Yield so many keyed numbers from −1 to 1, no two of the same size and none of them 0."""
    met: set[int] = set()
    for block in itertools.count():
        for word in struct.unpack(">16I", hashlib.sha512(f"{key} {block}".encode()).digest()):
            size, is_positive = 1 + (word >> 1), word & 1
            if size not in met:
                met.add(size)
                yield arb((size if is_positive else -size, -SIZE_BITS))
            if len(met) == count:
                return


def _agree(
    enclosure: Enclosure, iteration: _Iteration, point: Mapping[Name, arb_mat], direction: Direction
) -> bool:
    expected = arb(0)
    with enclosure.ball.active():
        for name, (column, row) in direction.items():
            gradient = enclosure.matrices[iteration.gradients[name]]
            expected += (column.transpose() * gradient * row.transpose())[0, 0]
    for bits in STEP_BITS:
        ball = Ball(bits=3 * bits + 64)
        try:
            found = _difference(ball, iteration, point, direction, bits)
        except (Undecided, UndefinedValue):
            # A step of h may cross a kink or leave the loss's domain; a smaller one does not.
            continue
        with ball.active():
            if ball.rounds_to_zero(expected):
                # Zero, or so small that no precision within reach would tell it from zero.
                allowed = arb((1, -bits))
            else:
                allowed = abs(expected.mid()) * arb((1, -AGREEMENT_BITS))
            # The true gradient at the midpoint of a given lies in the ball, not at its middle.
            if abs(found.mid() - expected).lower() + found.rad() <= allowed:
                return True
    return False


def _difference(
    ball: Ball,
    iteration: _Iteration,
    point: Mapping[Name, arb_mat],
    direction: Direction,
    bits: int,
) -> arb:
    with ball.active():
        losses = []
        for h in (arb((1, -bits)), -arb((1, -bits))):
            steps = {name: column * h * row for name, (column, row) in direction.items()}

            def moved(name: Name, value: arb_mat, steps: Mapping[Name, arb_mat] = steps) -> arb_mat:
                return value + steps[name] if name in steps else value

            known = {name: moved(name, value) for name, value in point.items()}
            amend = moved if iteration.moves_lines else None
            values = walk_steps(iteration.forward, known, ball, amend=amend)
            losses.append(values[iteration.loss][0, 0])
        quotient: arb = (losses[0] - losses[1]) * arb((1, bits - 1))
        return quotient
