"""What is marked on a drawing: what became of each quantity, or where students first went wrong.

Nothing here knows a value: a mark is a quantity, its place, and a word about it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise, ProgramExercise
from gradgrade.problems.drawing.graphs import places as graph_places
from gradgrade.problems.drawing.networks import places as network_places
from gradgrade.problems.drawing.scene import Mark, Phase, Place, Status
from gradgrade.problems.drawing.text import symbol_of

STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "correct": Status.RIGHT,
        "carried_forward": Status.FOLLOWS,
        "incorrect": Status.WRONG,
        "missing": Status.MISSING,
    }
)
"""What a part's outcome is here; where a submission was malformed, nothing was judged."""


def marks_of_verdict(
    exercise: Exercise, *, outcomes: Mapping[str, str], first_error: str | None
) -> tuple[Mark, ...]:
    """Return what a verdict marks.

    Args:
        exercise: what was graded.
        outcomes: of each part that is told of, by its name.
        first_error: the part where the first error arose; None where none is told.

    Returns:
        A mark for each quantity in the order of the derivation, that of its worst iteration.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> outcomes = {"dW2": "incorrect", "dW1": "carried_forward"}
    >>> marks = marks_of_verdict(exercise, outcomes=outcomes, first_error="dW2")
    >>> [(mark.name, mark.status.words, mark.place.css) for mark in marks]
    [('dW2', 'first error', 'W2'), ('dW1', 'follows from yours', 'W1')]
    """
    if not set(outcomes.values()) <= STATUSES.keys():
        return ()
    statuses = {
        name: Status.FIRST if name == first_error else STATUSES[outcome]
        for name, outcome in outcomes.items()
    }
    found: dict[Name, Mark] = {}
    for name, quantity in _in_order(exercise, statuses):
        mark = _mark(exercise, name, quantity, statuses[name])
        bare = quantity.name.bare
        if bare not in found or mark.status.rank < found[bare].status.rank:
            found[bare] = mark
    return tuple(found.values())


def marks_of_first_errors(exercise: Exercise, counts: Mapping[str, int]) -> tuple[Mark, ...]:
    """Return where students first went wrong.

    Args:
        exercise: what they were given, in anybody's variant.
        counts: how many students had their first error at each quantity, by its name.
    """
    most = max(counts.values(), default=1)
    return tuple(
        replace(
            _mark(exercise, name, quantity, Status.WRONG if counts[name] else Status.RIGHT),
            count=counts[name],
            share=counts[name] / most if most else 0.0,
        )
        for name, quantity in _in_order(exercise, counts)
    )


def _in_order(exercise: Exercise, names: Iterable[str]) -> Iterator[tuple[str, Quantity]]:
    """Yield names with their quantities, in the derivation's order; unknown ones are left out."""
    derivation = exercise.derivation()
    order = {step.name: index for index, step in enumerate(derivation.steps)}
    found = ((name, derivation.find(name)) for name in names)
    known = [(name, quantity) for name, quantity in found if quantity is not None]
    yield from sorted(
        ((name, quantity) for name, quantity in known if quantity.group in _phases(exercise)),
        key=lambda each: order.get(each[1].name, len(order)),
    )


def _mark(exercise: Exercise, name: str, quantity: Quantity, status: Status) -> Mark:
    return Mark(
        name=name,
        quantity=quantity.name.bare,
        symbol=symbol_of(quantity.name, exercise.derivation().own_names),
        place=_place_of(exercise, quantity),
        phase=_phases(exercise)[quantity.group],
        status=status,
    )


def places_by_part(exercise: Exercise) -> Mapping[str, Place]:
    """Return where each part that is asked belongs in the drawing, by its name, if it does."""
    derivation = exercise.derivation()
    found = {part.name: derivation.find(part.name) for part in exercise.ask}
    return {
        name: _place_of(exercise, each)
        for name, each in found.items()
        if each is not None and each.group in _phases(exercise)
    }


def _phases(exercise: Exercise) -> Mapping[Group, Phase]:
    is_program = isinstance(exercise, ProgramExercise)
    return graph_places.PHASES if is_program else network_places.PHASES


def _place_of(exercise: Exercise, quantity: Quantity) -> Place:
    if isinstance(exercise, ProgramExercise):
        return graph_places.place_of(exercise, quantity)
    assert isinstance(exercise, NetworkExercise)
    return network_places.place_of(exercise, quantity)
