"""The witness: gradients found without a single derivative rule.

It walks the forward steps alone, at the given point and a step h v beside it, and takes the
difference (L(p + h v) − L(p)) / h, in balls at more than twice the precision of h. The point itself
is walked once, and for a direction only what moves along it. On every variant v is one direction
over all entries at once: for each quantity the outer product u w of a column and a row of keyed,
distinct numbers, integers over 2³¹. A program's lines are moved with the rest, each where it is
made: what is behind it moves by both. On small networks it is each parameter and input entry in
turn besides, on the first variant of a structure that a process proves, and wherever the one
direction disagrees. What it finds must equal the inner product of v and the gradient.

Why distinct: along equal numbers, signs say, two rows of a gradient can be exchanged, a square one
be transposed, or two gates' gradients be swapped, and the inner product stays. A gradient that is
wrong by E is seen where uᵀ E wᵀ is not 0. That is a polynomial of degree 2 in numbers that nobody
chose, each of them one of 2³²; so for any one E it is 0 with a chance of 2⁻³¹ at the most.

The error of the difference is of order h, so where the two disagree h is squared and both are
compared again: a wrong rule stays wrong. Optimizer updates have no witness.
"""

import hashlib
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import chain
from threading import Event

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.stacked_ball import Stacked, StackedBall
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Held, PullBack, Total, Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import walk_steps
from gradgrade.oracle.errors import NotCertified, OracleError, Undecided, UndefinedValue
from gradgrade.oracle.proof.enclose import Enclosure

MOST_ENTRIES_ALONE = 64
STEP_BITS = (112, 224, 448, 896, 1792, 3584)
SIZE_BITS = 31
"""Of the numbers in a direction, beside their sign: no wrong gradient is orthogonal by chance."""

AGREEMENT_BITS = 80

BITS_OF_ZERO = 1_092
"""A gradient below 2 to minus these has no double but 0, nor has what is well above it."""

STEP_BITS_OF_ZERO = tuple(bits for bits in STEP_BITS if bits > BITS_OF_ZERO)
"""Of steps by which a difference is as small where the gradient is 0, whatever the curvature."""

Direction = Mapping[Name, tuple[arb_mat, arb_mat]]
"""For each quantity that moves, a column u and a row w: it moves along u w."""

Sizes = Mapping[Name, tuple[int, int]]

Matrices = Mapping[Name, arb_mat]


@dataclass(frozen=True, eq=False)
class _Iteration:
    """One iteration's loss as a function of its parameters and of x, and of a program's lines.

    Args:
        loss: what is differentiated.
        forward: the steps that it takes.
        gradients: by which quantities, each with its gradient.
        lines: the rows and columns of those that the steps make themselves.
        others: likewise of the rest.
        were_alone: set once each entry of a small rest was moved alone and found right.
    """

    loss: Name
    forward: tuple[Step, ...]
    gradients: Mapping[Name, Name]
    lines: Sizes
    others: Sizes

    were_alone: Event = field(default_factory=Event)

    @cached_property
    def along_lines(self) -> "_Movement":
        """One direction over all lines."""
        return self._all_at_once(self.lines)

    @cached_property
    def along_all(self) -> "_Movement":
        """One direction over lines and the rest together."""
        return self._all_at_once(self.all)

    @property
    def all(self) -> Sizes:
        """The rows and columns of everything that moves."""
        return {**self.lines, **self.others}

    @cached_property
    def has_few_others(self) -> bool:
        """Whether the rest is so little that each entry is moved alone."""
        entries = sum(rows * columns for rows, columns in self.others.values())
        return entries <= MOST_ENTRIES_ALONE

    @cached_property
    def known(self) -> frozenset[Name]:
        """What the steps start from, and what moves without being read."""
        made = {step.name for step in self.forward}
        read = itertools.chain.from_iterable(step.reads for step in self.forward)
        return frozenset(itertools.chain(read, self.gradients)) - made

    def alone(self, sizes: Sizes) -> "Iterator[_Movement]":
        """Move every entry of some quantities in turn."""
        for name, (rows, columns) in sizes.items():
            steps = self._moving({name})
            for i, j in itertools.product(range(rows), range(columns)):
                column, row = arb_mat(rows, 1), arb_mat(1, columns)
                column[i, 0] = row[0, j] = 1
                place = f"d{name}, row {i + 1}, column {j + 1}"
                yield _Movement(place, {name: (column, row)}, steps)

    def _all_at_once(self, sizes: Sizes) -> "_Movement":
        return _Movement("the gradients", _all_at_once(sizes), self._moving(sizes))

    def _moving(self, moved: Iterable[Name]) -> tuple[Step, ...]:
        """Return the steps whose values change when some quantities move."""
        changed, steps = set(moved), []
        for step in self.forward:
            if not changed.isdisjoint(step.reads):
                changed.add(step.name)
                steps.append(step)
        return tuple(steps)


@dataclass(frozen=True, eq=False)
class _Movement:
    """A way to move beside the point.

    Args:
        place: what is told where the gradient is found wrong.
        direction: where to move.
        steps: those whose values change.
    """

    place: str
    direction: Direction
    steps: tuple[Step, ...]

    @cached_property
    def turned(self) -> Direction:
        """The same columns as rows, and rows as columns: what a gradient is multiplied by."""
        return {
            name: (column.transpose(), row.transpose())
            for name, (column, row) in self.direction.items()
        }


def check_gradients(enclosure: Enclosure, *, full: bool) -> None:
    """Compare every iteration's gradients with differences of its loss.

    Args:
        enclosure: the balls to check.
        full: take every entry in turn on large networks and in lines of programs too, and on small
            ones whatever was proven before.

    Raises:
        NotCertified: a difference disagrees with the gradient; the message names the quantity.
    """
    for iteration in iterations(enclosure.derivation):
        point = {name: enclosure.matrices[name].mid() for name in iteration.known}
        still = cache(partial(_still, iteration, point))
        agrees = partial(_agrees, enclosure, iteration, still)
        if full:
            _demand(agrees, iteration.alone(iteration.all))
        elif not iteration.has_few_others:
            _demand(agrees, [iteration.along_all])
        elif not (iteration.were_alone.is_set() and agrees(iteration.along_all)):
            if iteration.lines:
                _demand(agrees, [iteration.along_lines])
            _demand(agrees, iteration.alone(iteration.others))
            iteration.were_alone.set()


def agreeing(
    derivation: Derivation, ball: StackedBall, matrices: Mapping[Name, Stacked]
) -> list[bool]:
    """Tell of which variants every gradient is found at the first step along one direction.

    Of others nothing is told, nor of any where no variant of a small structure was checked alone.

    Args:
        derivation: what was walked.
        ball: the arithmetic.
        matrices: the balls to check.
    """
    agree = [True] * ball.count
    for iteration in iterations(derivation):
        if iteration.has_few_others and not iteration.were_alone.is_set():
            return [False] * ball.count
        found = _agreeing(ball, matrices, iteration)
        agree = [one and other for one, other in zip(agree, found, strict=True)]
    return agree


def _agreeing(
    ball: StackedBall, matrices: Mapping[Name, Stacked], iteration: _Iteration
) -> list[bool]:
    bits, movement = STEP_BITS[0], iteration.along_all
    finer = StackedBall(bits=_precision(bits), count=ball.count)
    point = {name: ball.middles(matrices[name]) for name in iteration.known}
    gradients = [matrices[iteration.gradients[name]] for name in movement.direction]
    with ball.active():
        along = list(chain.from_iterable((u * w).entries() for u, w in movement.direction.values()))
        entries = list(chain.from_iterable(ball.entries_of_each(gradients)))
        expected = arb_mat(ball.count, len(along), entries) * arb_mat(len(along), 1, along)
    with finer.active():
        try:
            still = walk_steps(iteration.forward, point, finer)
            difference = _difference(iteration.loss, still, movement, bits, finer)
        except OracleError:
            return [False] * ball.count
        found = chain.from_iterable(finer.entries_of_each([difference]))
        share = arb((1, -AGREEMENT_BITS))
        # Where that is 0, the smallest steps tell.
        return [
            bool(_off(each, sought, bits) <= abs(sought.mid()) * share)
            for each, sought in zip(found, expected.entries(), strict=True)
        ]


def _demand(agrees: Callable[[_Movement], bool], movements: Iterable[_Movement]) -> None:
    for each in movements:
        if not agrees(each):
            raise NotCertified(f"the witness disagrees about {each.place}")


@kept_with_argument
def iterations(derivation: Derivation) -> tuple[_Iteration, ...]:
    """Return each iteration's loss as a function of its parameters and of x.

    Of a program that is what is differentiated, of its givens and its lines; of a Jacobian each
    entry that is differentiated likewise.
    """
    # What was trained before does not move, whether or not its gradient is derived here.
    trained = {each.name for each in derivation.steps if isinstance(each.role, Training)}
    # Nor does what is held.
    held = {each.name for each in derivation.steps if isinstance(each.role, Held)}
    iterations = []
    for step in derivation.steps:
        if step.quantity.group not in (Group.LOSS, Group.OBJECTIVE):
            continue
        gradients = dict(_gradients_of(derivation, step.name))
        sizes = {name: each.quantity.matrix_shape for name, each in gradients.items()}
        # Each is moved where it is made, so that what is behind it moves and nothing before it.
        lines = {name: size for name, size in sizes.items() if _is_line(derivation, name)}
        others = {name: size for name, size in sizes.items() if name not in lines}
        forward = derivation.needed_for(step.name, from_names=others.keys() | trained | held)
        names = {name: each.name for name, each in gradients.items()}
        iterations.append(_Iteration(step.name, forward, names, lines, others))
    return tuple(iterations)


_WATCHED = frozenset(
    {Group.GRADIENT, Group.INPUT_GRADIENT, Group.LINE_GRADIENT, Group.JACOBIAN_ROW}
)


def _gradients_of(derivation: Derivation, loss: Name) -> Iterator[tuple[Name, Step]]:
    """Yield what a loss is differentiated by, with its gradient; a row has its own part's."""
    for step in derivation.steps:
        if (
            step.quantity.group in _WATCHED
            and isinstance(step.role, PullBack | Total)
            and step.name.iteration == loss.iteration
            and step.name.relations[1:] == loss.relations
        ):
            yield step.role.to, step


def _is_line(derivation: Derivation, name: Name) -> bool:
    step = derivation.by_name.get(name)
    return step is not None and step.quantity.group is Group.LINE


def _all_at_once(sizes: Sizes) -> Direction:
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


def _agrees(
    enclosure: Enclosure,
    iteration: _Iteration,
    still: Callable[[int], Matrices],
    movement: _Movement,
) -> bool:
    expected = arb(0)
    with enclosure.ball.active():
        for name, (column, row) in movement.turned.items():
            gradient = enclosure.matrices[iteration.gradients[name]]
            expected += (column * gradient * row)[0, 0]
    is_zero = enclosure.ball.rounds_to_zero(expected)
    is_told = is_zero and _are_balls_of_the_point(enclosure, iteration, movement)
    for bits in STEP_BITS_OF_ZERO if is_told else STEP_BITS:
        ball = _ball(bits)
        with ball.active():
            try:
                difference = _difference(iteration.loss, still(bits), movement, bits, ball)
            except (Undecided, UndefinedValue):
                # A step of h may cross a kink or leave the loss's domain; a smaller one does not.
                continue
            off = _off(difference[0, 0], expected, bits)
            share = abs(expected.mid()) * arb((1, -AGREEMENT_BITS))
            # Of what is 0 there is no share: it is as small as no double is, where balls tell.
            of_zero = arb((1, -BITS_OF_ZERO if is_told else -AGREEMENT_BITS))
            if off <= (of_zero if is_zero else share):
                return True
    return False


def _are_balls_of_the_point(
    enclosure: Enclosure, iteration: _Iteration, movement: _Movement
) -> bool:
    """Tell whether the balls of some gradients hold them at the midpoints of what is given too.

    What fractions know to be 0 is so of what is given itself, which a midpoint may miss.
    """
    gradients = {iteration.gradients[name] for name in movement.direction}
    return not enclosure.zeros and gradients.isdisjoint(enclosure.exceptions)


def _off(difference: arb, expected: arb, bits: int) -> arb:
    """Return how far a difference of the loss, a step of 2^-bits apart, may be off a gradient."""
    found = difference * arb((1, bits))
    # The true gradient at the midpoint of a given lies in the ball, not at its middle.
    return abs(found.mid() - expected).lower() + found.rad()


def _precision(bits: int) -> int:
    """Return the bits for a step of 2^-bits: as much again for what differs, and for rounding."""
    return 2 * bits + 32


def _ball(bits: int) -> Ball:
    return Ball(bits=_precision(bits))


def _still(iteration: _Iteration, point: Matrices, bits: int) -> Matrices:
    """Walk the forward pass at the point."""
    return walk_steps(iteration.forward, point, _ball(bits))


def _difference(loss: Name, still: Matrices, movement: _Movement, bits: int, ball: Ball) -> Stacked:
    """Return by how much the loss differs from the point, where nothing moves, a step beside it."""
    h = arb((1, -bits))
    steps = {name: column * h * row for name, (column, row) in movement.direction.items()}

    def moved(name: Name, value: Stacked) -> Stacked:
        return ball.add(value, steps[name]) if name in steps else value

    # What a step makes anew is moved there.
    made = {step.name for step in movement.steps}
    known = {**still, **{name: moved(name, still[name]) for name in steps if name not in made}}
    # Of what moves alone no step makes anything anew.
    amend = moved if len(steps) > 1 else None
    values = walk_steps(movement.steps, known, ball, amend=amend)
    return ball.subtract(values[loss], still[loss])
