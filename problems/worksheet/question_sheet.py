"""The question sheet: what is given and asked, and space to write the answers into."""

from collections.abc import Iterator
from itertools import takewhile
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.expression import Letter
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.quantities import SENSITIVITIES, Group
from gradgrade.oracle.derivation.roles import Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.training.updates import Correction, ScheduledRate
from gradgrade.problems.documents.exercise import (
    AskedQuantity,
    Exercise,
    NetworkExercise,
    ProgramExercise,
)
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.answer_sheet import drawing, given_equations
from gradgrade.problems.worksheet.definitions import definition
from gradgrade.problems.worksheet.grids import MOST_COLUMNS, MOST_ROWS
from gradgrade.problems.worksheet.page import (
    Blank,
    Block,
    Code,
    Equation,
    Heading,
    Items,
    Page,
    Paragraph,
)
from gradgrade.problems.worksheet.worked import givens_of


def make_question_sheet(exercise: Exercise, *, whose: str = "") -> Page:
    """Return an exercise as a page: nothing on it is computed.

    Args:
        exercise: what is asked.
        whose: the student whose page it is; empty where it is nobody's.
    """
    blocks: tuple[Block, ...] = (
        Paragraph(one_line(words.about(exercise))),
        *statement(exercise),
        Heading("Asked"),
        Items(tuple(words.rules(exercise))),
        *(blank(exercise, part) for part in exercise.ask),
    )
    return Page(one_line(words.title(exercise)), blocks, one_line(whose))


def structure(exercise: Exercise) -> tuple[Block, ...]:
    """Return what is computed, in words and in formulas, which all variants have in common."""
    if isinstance(exercise, ProgramExercise):
        return (
            Heading("The program"),
            Code(exercise.program),
            *([Code(defined)] if (defined := words.defined(exercise)) else []),
            Items(tuple(map(one_line, words.structure(exercise)))),
            *drawing(exercise),
            *_update(exercise.derivation()),
            *interface(exercise),
        )
    assert isinstance(exercise, NetworkExercise)
    return (
        Heading("The network"),
        Items(tuple(one_line(each) for each in words.structure(exercise))),
        *drawing(exercise),
        Heading("Its formulas"),
        *_formulas(exercise, exercise.derivation()),
        *interface(exercise),
    )


def interface(exercise: Exercise) -> tuple[Block, ...]:
    """Return how a file of code is used; nothing where no script says it."""
    if exercise.code is None:
        return ()
    items = Items(tuple(map(one_line, words.code(exercise))))
    return (Heading("How your code is used"), items, Code(exercise.code.script))


def statement(exercise: Exercise) -> tuple[Block, ...]:
    """Return what is computed, in words and in formulas or as a program, and the givens."""
    return (
        *structure(exercise),
        Heading("Given"),
        *given_equations(givens_of(exercise)),
    )


def blank(exercise: Exercise, part: AskedQuantity) -> Blank:
    """Return the space for one answer, entries as the exercise's convention has them."""
    derivation = exercise.derivation()
    quantity = derivation.find(part.name)
    symbol = derivation.written(quantity.name) if quantity else Letter(part.name)
    rows, columns = boxes(exercise, part)
    fits = rows <= MOST_ROWS and columns <= MOST_COLUMNS
    note, defined = words.asked(exercise, part), one_line(definition(exercise, part))
    return Blank(part.name, symbol, note, defined, rows if fits else 0, columns)


def formula(exercise: Exercise, part: AskedQuantity) -> Equation | None:
    """Return the formula of what is asked; None where none makes it.

    A fact has its definition instead: the formula of a shape or a count is the answer.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> [to_plain(formula(exercise, part).rights[0]) for part in exercise.ask[:2]]
    ['tanh(z1)', 'tanh(z2)']
    """
    if part.fact is not None:
        return None
    derivation = exercise.derivation()
    quantity = derivation.find(part.name)
    step = None if quantity is None else derivation.by_name.get(quantity.name)
    return None if step is None else _equation(derivation, step)


def boxes(exercise: Exercise, part: AskedQuantity) -> tuple[int, int]:
    """Return in how many rows and columns the entries of an answer are written."""
    shape = part.shape
    if len(shape) == 1:
        return (1, shape[0]) if exercise.vectors == "row" else (shape[0], 1)
    return (prod(shape[:-1]), shape[-1]) if shape else (1, 1)


def _formulas(exercise: NetworkExercise, derivation: Derivation) -> Iterator[Block]:
    """Yield the forward pass to the loss of the first iteration, and one parameter's update."""
    names = (getattr(layer, "activation", "identity") for layer in exercise.layers)
    for name in dict.fromkeys(names):
        activation = ACTIVATIONS[name]
        left = activation.function(*activation.letters)
        right = activation.formula(*activation.letters)
        if to_plain(left) != to_plain(right):
            yield Equation(left, (right,))
    first = [step for step in derivation.steps if step.name.iteration <= 1]
    losses = (i for i, step in enumerate(first, start=1) if step.quantity.group is Group.LOSS)
    # Without a loss there is the forward pass alone; the backward pass is what is asked.
    behind = next(losses, len(list(takewhile(_is_of_forward_pass, first))))
    forward = (step for step in first[:behind] if not _is_renaming(step))
    yield from (_equation(derivation, step) for step in forward)
    yield from _update_formulas(derivation)


def _update(derivation: Derivation) -> Iterator[Block]:
    """Yield how a program's parameters are updated; nothing where none is."""
    formulas = tuple(_update_formulas(derivation))
    if formulas:
        yield from (Heading("The update"), *formulas)


def _update_formulas(derivation: Derivation) -> Iterator[Block]:
    """Yield one parameter's update, of the first iteration."""
    first = (step for step in derivation.steps if step.name.iteration <= 1)
    updates = [step for step in first if _belongs_to_update(step)]
    if updates:
        last = next(i for i, step in enumerate(updates) if step.quantity.group is Group.UPDATE)
        yield from (_equation(derivation, step) for step in updates[: last + 1])
        if sum(step.quantity.group is Group.UPDATE for step in updates) > 1:
            yield Paragraph("The other parameters are updated likewise.")
        if derivation.iterations > 1:
            yield Paragraph(
                "Iteration t does the same with what iteration t − 1 leaves, and with t for 1."
            )


def _is_of_forward_pass(step: Step) -> bool:
    return step.quantity.group not in (Group.OBJECTIVE, *SENSITIVITIES)


def _belongs_to_update(step: Step) -> bool:
    return isinstance(step.role, Training | ScheduledRate | Correction)


def _is_renaming(step: Step) -> bool:
    return step.quantity.group is Group.PARAMETER


def _equation(derivation: Derivation, step: Step) -> Equation:
    return Equation(derivation.written(step.name), (derivation.formula(step),))
