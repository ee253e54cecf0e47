"""What a wrong answer's rule looks like: the rule that was meant beside that of a mistake.

A verdict names mistakes; here each is shown as a formula, and for one entry with the numbers that
the student had: givens, and what was answered of other parts. Nothing else is put in, so that it
tells no value that was not known already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.derivation import ASKABLE
from gradgrade.oracle.derivation.formulas.entries import EntriesOf, NotWrittenOut, Rows
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import Expression, Numeral, Quotient, parts
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.formulas.rewriting import named_in, replaced, simplified
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.exact_numbers import DIGITS_OF_DOUBLES
from gradgrade.oracle.nested import Shape, build, flatten, shape_of
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.misconceptions import APPROXIMATIONS, MISCONCEPTIONS
from gradgrade.problems.worksheet.grids import matrix_of

MOST_NUMBERS = 8
"""Of so many numbers an entry is written out; more are no help to a reader."""

MOST_TRIED = 8
"""So many wrong entries are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumbers:
    """One entry of an answer, with the student's numbers in the likely rule.

    Args:
        index: which entry, row by row.
        shape: of the whole answer.
        formula: the numbers.
        typed: what they come to, which is what was typed.
    """

    index: int
    shape: Shape
    formula: Expression
    typed: str

    @property
    def place(self) -> str:
        """Where the entry stands, as pages call it."""
        if len(self.shape) < 2:
            return f"entry {self.index + 1}"
        row, column = divmod(self.index, self.shape[1])
        return f"row {row + 1}, column {column + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyRule:
    """A step's rule, and the one that a mistake makes of it.

    Args:
        makes: the symbol of what the step makes.
        meant: the rule.
        likely: what the student's looks like.
        own: the same with numbers for an entry; None where not all were given or answered, or where
            they come to something else.
    """

    makes: Expression
    meant: Expression
    likely: Expression
    own: OwnNumbers | None

    @property
    def text(self) -> str:
        """The same in a line."""
        made, meant, likely = map(to_plain, (self.makes, self.meant, self.likely))
        text = f"The rule is {made} = {meant}; yours looks like {made} = {likely}."
        if self.own is None:
            return text
        numbers = to_plain(self.own.formula)
        return f"{text} Of yours, {self.own.place} is {numbers} ≈ {self.own.typed}."


def likely_rule(
    exercise: Exercise,
    answers: Mapping[str, Any],
    *,
    part: str,
    entries: Any,
    code: str,
    title: str,
) -> LikelyRule | None:
    """Return what a part's rule looks like with a mistake that its verdict names.

    Args:
        exercise: what was asked.
        answers: by the names of parts, nested `Number`s; None, or nested, where none is given.
        part: the part's name.
        entries: the codes of its entries, nested as the answer is.
        code: of the mistake.
        title: of the mistake, with its place, as the verdict has it.

    Returns:
        The step where the mistake was made, that part's own or the last before it; None where it is
        not known how the mistake is written.

    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> from gradgrade.problems import generate, grade
    >>> from gradgrade.problems.catalogue import load
    >>> from gradgrade.problems.documents.number import Number
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> answers = {"a2": ["0.7", "0.8"], "delta2": ["0.65", "-0.15"]}
    >>> numbers = {name: list(map(Number, each)) for name, each in answers.items()}
    >>> found = likely_rule(
    ...     exercise, numbers, part="delta2", entries=["wrong", "wrong"],
    ...     code="activation_derivative_missing",
    ...     title="Activation's derivative missing in layer 2",
    ... )
    >>> to_plain(found.meant), to_plain(found.likely)
    ("∂L/∂a2 ∘ σ'(z2)", '∂L/∂a2')
    >>> to_plain(found.own.formula), found.own.typed
    ('[0.7 - 0.05]', '0.65')
    """
    right, found = exercise.derivation(), _mistaken(exercise, part=part, code=code, title=title)
    if found is None:
        return None
    mistaken, step = found
    meant = right.by_name[step.name]
    if meant.formula is step.formula:
        return None
    own, given = None, {name: each for name, each in answers.items() if None not in flatten(each)}
    if part in given:
        own = _own_numbers(exercise, mistaken, given, part=part, codes=flatten(entries))
    return LikelyRule(
        makes=right.written(step.name),
        meant=right.formula(meant),
        likely=mistaken.formula(step),
        own=own,
    )


def is_in_own_rule(exercise: Exercise, *, part: str, code: str, title: str) -> bool:
    """Tell whether a mistake is made in a part's own rule, not in that of another part before it.

    Of one that is not known that is taken for granted.

    Args:
        exercise: what was asked.
        part: the part's name.
        code: of the mistake.
        title: of the mistake, with its place, as the verdict has it.
    """
    found = _mistaken(exercise, part=part, code=code, title=title)
    quantity = exercise.derivation().find(part)
    return found is None or quantity is None or found[1].name in _own(found[0], quantity.name)


def _own(derivation: Derivation, name: Name) -> set[Name]:
    """Return a quantity with all on the way to it that has no name which could be asked for."""
    waiting, own = [name], {name}
    for each in waiting:
        reads = derivation.by_name[each].reads if each in derivation.by_name else ()
        unasked = [
            read
            for read in reads
            if read in derivation.by_name
            and read not in own
            and derivation.by_name[read].quantity.group not in ASKABLE
        ]
        waiting.extend(unasked)
        own.update(unasked)
    return own


def _mistaken(
    exercise: Exercise, *, part: str, code: str, title: str
) -> tuple[Derivation, Step] | None:
    """Return the steps with a mistake, and the one that it changes nearest to a part."""
    right = exercise.derivation()
    known = (each for each in (*MISCONCEPTIONS, *APPROXIMATIONS) if each.code == code)
    made = (mistake for each in known for mistake in each.mistakes(right))
    mistake = next((each for each in made if each.title == title), None)
    quantity = right.find(part)
    if mistake is None or quantity is None:
        return None
    step = _changed(right, mistake.derivation, quantity.name)
    return None if step is None else (mistake.derivation, step)


def _changed(right: Derivation, mistaken: Derivation, name: Name) -> Step | None:
    """Return the nearest step, on the way to what has that name, that a mistake changes."""
    waiting, seen = [name], {name}
    for each in waiting:
        step = mistaken.by_name.get(each)
        if step is None:
            continue
        meant = right.by_name.get(each)
        if meant is not None and (step.rule is not meant.rule or step.reads != meant.reads):
            return step
        waiting.extend(read for read in step.reads if read not in seen)
        seen.update(step.reads)
    return None


def _own_numbers(
    exercise: Exercise,
    mistaken: Derivation,
    answers: Mapping[str, Any],
    *,
    part: str,
    codes: Sequence[str],
) -> OwnNumbers | None:
    """Return the first wrong entry that the likely rule comes to from what the student had."""
    right = exercise.derivation()
    quantity, typed, shape = right.find(part), flatten(answers[part]), shape_of(answers[part])
    if quantity is None or len(shape) > 2:
        return None

    def formula(name: Name) -> Expression | None:
        if name not in mistaken.by_name:
            return None
        written = mistaken.formula(mistaken.by_name[name])
        # What is shown in place of what is true speaks of the true one, by the same name.
        return right.formula(right.by_name[name]) if name in named_in(written) else written

    others = {name: array for name, array in answers.items() if name != part}
    entries = EntriesOf(dict(_known(exercise, mistaken, others)), formula)
    whole = mistaken.formula(mistaken.by_name[quantity.name])
    wrong = (index for index, code in enumerate(codes) if code != "ok")
    for index in islice(wrong, MOST_TRIED):
        try:
            entry = simplified(entries.entry(whole, *_place(exercise, shape, index)))
        except NotWrittenOut:
            return None
        if 0 < _count(entry) <= MOST_NUMBERS and _comes_to(entry, typed[index]):
            return OwnNumbers(
                index=index, shape=shape, formula=_shortened(entry), typed=typed[index].text
            )
    return None


def _shortened(formula: Expression) -> Expression:
    """Return numbers without what doubles add to them: 0.3 for 0.30000000000000004, 0 for -0.

    And without a division by 1.
    """

    def short(part: Expression) -> Expression | None:
        match part:
            case Numeral(text):
                number = Decimal(text)
                if not number:
                    return Numeral(text.lstrip("-"))
                if len(number.as_tuple().digits) <= DIGITS_OF_DOUBLES:
                    return None
                digits, e, exponent = f"{number:.{DIGITS_OF_DOUBLES}g}".partition("e")
                digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
                return Numeral(f"{digits}{e}{exponent}")
            case Quotient(above, Numeral(text)) if Decimal(text) == 1:
                return _shortened(above)
        return None

    return replaced(formula, short)


def _known(
    exercise: Exercise, derivation: Derivation, answers: Mapping[str, Any]
) -> Iterator[tuple[Name, Rows]]:
    """Yield the numerals of what is given and of what was answered."""
    scalars = exercise.scalars()
    for text, quantity in derivation.given.items():
        if text in scalars:
            yield quantity.name, [[str(scalars[text])]]
        elif len(shape_of(exercise.given[text])) <= 2:
            yield quantity.name, _rows(exercise, exercise.given[text])
    for text, array in answers.items():
        found = derivation.find(text)
        if found is not None and len(shape_of(array)) <= 2:
            yield found.name, _rows(exercise, array)


def _rows(exercise: Exercise, array: Any) -> Rows:
    texts = build([number.bounded_text for number in flatten(array)], shape_of(array))
    return matrix_of(texts, exercise.vectors)


def _place(exercise: Exercise, shape: Sequence[int], index: int) -> tuple[int, int]:
    """Return the row and the column of an entry in the matrix of an array."""
    if len(shape) == 2:
        return divmod(index, shape[1])
    return (0, index) if exercise.vectors == "row" else (index, 0)


def _count(formula: Expression) -> int:
    """Return how many numerals stand in a formula."""
    return isinstance(formula, Numeral) + sum(map(_count, parts(formula)))


def _comes_to(formula: Expression, typed: Number) -> bool:
    """Tell whether a formula of numbers comes to what was typed, to its last place or so.

    In doubles, where an exponential of whatever somebody typed is infinite and no more than that.
    """
    arithmetic = Binary64()
    try:
        with numpy.errstate(all="ignore"):
            found = arithmetic.rows(evaluate(formula, {}, arithmetic))[0][0]
    except (OracleError, LookupError, ValueError, TypeError):
        return False  # a function of a whole matrix was taken for one of each entry
    last_place = 10.0 ** int(Decimal(typed.bounded_text).as_tuple().exponent)
    return bool(abs(found - typed.double) <= max(last_place, abs(typed.double) / 10**12))
