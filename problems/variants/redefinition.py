"""Redefinition: the numbers that a student was given, under what a set says of the exercise now."""

from gradgrade.problems.documents.answers import Answers
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.templates.template import compile_template


def redefine(problem_set: ProblemSet, exercise: Exercise) -> Exercise:
    """Return a variant as a set asks and marks it now: the same id, the same numbers.

    Args:
        problem_set: the set as it stands.
        exercise: a variant of one of its exercises, as it was issued.

    Raises:
        DocumentError: the set has no such exercise, or the numbers do not fit it any more.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> issued = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> redefine(load("seeds"), issued) == issued
    True
    """
    template = compile_template(problem_set, exercise.name)
    # An id is the beginning of the key that drew it, and all of it that a variant shows.
    redefined = template.exercise(bytes.fromhex(exercise.id), exercise.given)
    for field in exercise.drawn_for:
        if getattr(redefined, field) != getattr(exercise, field):
            raise DocumentError(
                f"exercise {exercise.name!r}: the numbers do not fit: {field} is another"
            )
    # The template does not check numbers that it has not drawn.
    return Exercise.from_data(redefined.to_data() | {"generator": exercise.generator})


def still_asked(exercise: Exercise, answers: Answers) -> Answers:
    """Return the answers without those to parts that are not asked.

    Args:
        exercise: what is asked now.
        answers: what was answered, perhaps to more.
    """
    if answers.answers.keys() <= {part.name for part in exercise.ask}:
        return answers
    derivation = exercise.derivation()
    asked = {derivation.find(part.name): part.name for part in exercise.ask}
    kept = {}
    for name, value in answers.answers.items():
        part = asked.get(derivation.find(name))
        # Where two names have come to mean the same, the part's own counts.
        if part is not None and (part not in kept or name == part):
            kept[part] = value
    return answers.model_copy(update={"answers": kept})
