"""What is asked and nothing else on a sheet defines, in a sentence each."""

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.programs.text.preamble import functions_defined
from gradgrade.problems.documents.exercise import (
    AskedFact,
    AskedQuantity,
    Exercise,
    NetworkExercise,
    ProgramExercise,
)


def definition(exercise: Exercise, part: AskedQuantity) -> str:
    """Return what defines a part, as plain text.

    It is empty where formulas, the program or the words beside it say what the part is: of lines,
    gradients and updates.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("losses-and-fits"), "gradient-check", student="1", secret=b"0")
    >>> definition(exercise, exercise.ask[3]).partition(";")[0]
    '(L(w + h) − L(w − h)) / (2h) with h = 0.125, the central difference of L'
    """
    if part.fact is not None:
        return _of_fact(exercise, part.fact, is_array=bool(part.shape))
    quantity = exercise.derivation().find(part.name)
    assert quantity is not None
    if quantity.group is Group.FACT:
        return "How many updates are made until training stops, a whole number."
    if isinstance(exercise, ProgramExercise) and "." in quantity.name.text:
        return _of_line_within(exercise, quantity.name)
    if quantity.group is Group.STATE:
        letter = quantity.name.relations[-1].which.upper()
        return f"{letter} of {quantity.name.of.bare}, as the formulas of the update make it."
    return ""


def _of_fact(exercise: Exercise, fact: AskedFact, *, is_array: bool) -> str:
    if fact.shape_of is not None:
        return f"The lengths of the axes of {fact.shape_of} in order, whole numbers."
    if fact.count is not None:
        own = ", ".join(exercise.parameters) if isinstance(exercise, ProgramExercise) else ""
        return f"The number of entries of {own or 'all parameters'} together, a whole number."
    if fact.jacobian is not None:
        return _jacobian(exercise, *fact.jacobian)
    assert fact.h is not None
    by = str(fact.quotient or fact.relative_difference)
    each, moved = (f"For each entry of {by}: ", "entry") if is_array else ("", by)
    of = _differentiated(exercise)
    quotient = (
        f"({of}({moved} + h) − {of}({moved} − h)) / (2h) with h = {fact.h.text}, "
        f"the central difference of {of}; all else stays as it is given.{_objective(exercise)}"
    )
    if fact.quotient is not None:
        return f"{each}{quotient}"
    gradient = f"d{by}" if not is_array else f"its entry of d{by}"
    return (
        f"{each}|quotient − gradient| / max(|quotient|, |gradient|), where gradient is {gradient} "
        f"and quotient is {quotient}"
    )


def _jacobian(exercise: Exercise, of: str, by: str) -> str:
    derivation = exercise.derivation()
    shapes = ((derivation.find(each) or derivation.given[each]).shape for each in (of, by))
    order = ", in numpy's order, that of ravel()" if max(map(len, shapes)) > 1 else ""
    entries = f"rows are the entries of {of}, columns the entries of {by}"
    return f"The Jacobian ∂{of}/∂{by}: {entries}{order}."


def _differentiated(exercise: Exercise) -> str:
    """Return what gradients are of, as sheets call it."""
    if isinstance(exercise, ProgramExercise):
        return exercise.differentiate or "L"
    return "loss" if isinstance(exercise, NetworkExercise) and exercise.loss else "L"


def _objective(exercise: Exercise) -> str:
    """Return what L is where nothing but upstream gradients is given; empty where it is a line."""
    outputs: list[str] = []
    if isinstance(exercise, ProgramExercise):
        outputs = exercise.upstream
    elif isinstance(exercise, NetworkExercise) and exercise.upstream:
        outputs = [f"a{len(exercise.layers)}"]
    products = " + ".join(f"d{each} * {each}" for each in outputs)
    return products and f" L is the sum of all entries of {products}."


def _of_line_within(exercise: ProgramExercise, name: Name) -> str:
    """Return which line of a function that the program defines it is, or is derived by."""
    prefix, _, line = name.text.rpartition(".")
    is_first = prefix in functions_defined(exercise.program)
    function, _, number = (prefix, "", "1") if is_first else prefix.rpartition("_")
    by = "The derivative by the line" if name.relations else "The line"
    return f"{by} {line} in call {number} of {function}."
