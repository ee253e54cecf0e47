"""From an exercise of a problem set and a student to a variant: the same for all time.

What is drawn depends on the secret, course, set, exercise, student, the generator's version and
the exercise's definition, and on nothing else. Draws are tried in their order; the first that
passes the gates, differs from the variants to avoid, and is certified, is the student's variant.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from struct import pack
from typing import Any

from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.bands import Band
from gradgrade.oracle.proof.certify import CertifiedValues
from gradgrade.oracle.proof.stacked import certify_together
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.documents.solution import Check
from gradgrade.problems.documents.strict_json import canonical
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.gates.accuracy import Accuracy, accuracies
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.refusal import DUPLICATE, NOT_CERTIFIED, refusal
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.gates.zeros import not_zero
from gradgrade.problems.solve import DIGITS, Solution, solve
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import GENERATOR, Template, compile_template
from gradgrade.problems.walks.stacked import assess

__all__ = ["GENERATOR", "generate", "ungated"]

MOST_ATTEMPTS = 1000
"""Where one draw in twenty passes, all of so many fail once in 10²² times."""

MOST_UNGATED_ATTEMPTS = 100

STACK = 1024
"""How many candidates are walked at once: more would save little more."""

MOST_STACKED_ENTRIES = 2_000_000
"""Candidates of large networks are walked fewer at once: so many entries of quantities in all."""

MOST_TRIES = 8
"""How many draws of one student are walked at once, where as many were rejected."""

ONE_BY_ONE = 3
"""So many draws of a lone student are walked one after the other: most often the first passes, and
two that are walked at once take twice as long as one."""

MOST_TOGETHER = 64
"""How many variants are proven together: of more each would cost as much."""

MOST_ENTRIES_TOGETHER = 2**17
"""Of variants with many numbers fewer: a ball takes a hundred bytes and more."""

ONE_WHOLE_PROOF_IN = 16
"""Of variants that are checked fast, this share is proven whole, beside the first."""


def generate(
    problem_set: ProblemSet,
    exercise: str,
    *,
    student: str,
    secret: bytes,
    course: str = "",
    avoiding: Collection[bytes] = frozenset(),
) -> Exercise:
    """Generate a student's variant of an exercise.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
        student: who it is for; another student gets other numbers.
        secret: what keeps variants from being foretold.
        course: the course on a server; empty offline.
        avoiding: the fingerprints of variants that this one must not equal; see `fingerprint`.

    Returns:
        The exercise as the student is given it. It has passed the gates, unless all of its numbers
        are given, and its values are proven.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no drawn variant could be issued; the message says why, and what to change.

    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> exercise.given["W1"]
    [[Number('0.1'), Number('0.3')], [Number('0.2'), Number('0.4')]]
    """
    template = compile_template(problem_set, exercise)
    search = Search(template.key(student=student, secret=secret, course=course))
    (issued,) = issue(template, [search], rules_of(template), avoiding=avoiding)
    return issued.exercise


@dataclass(frozen=True, slots=True)
class Search:
    """The search for a variant.

    Args:
        key: what its draws are made from.
        rejected: why each draw so far was rejected.
    """

    key: bytes
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A draw that passes the gates.

    Args:
        exercise: what was drawn.
        search: how it was found.
        accuracy: how accurate its answers are.
        band: where the doubles of its solution should lie; None where they are proven whole.
    """

    exercise: Exercise
    search: Search
    accuracy: Accuracy
    band: Band | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A variant with its proven solution."""

    exercise: Exercise
    solution: Solution
    search: Search
    accuracy: Accuracy


def issue(
    template: Template,
    searches: Sequence[Search],
    rules: Rules,
    *,
    avoiding: Collection[bytes] = frozenset(),
    check: Check = "full",
) -> Iterator[Issued]:
    """Yield for each search the first draw that passes the gates and is certified.

    Args:
        template: of the exercise.
        searches: a student's each.
        rules: of the exercise; see `gradgrade.problems.gates.probing`.
        avoiding: the fingerprints of variants that none may equal.
        check: `"full"` walks the reference for each variant; `"fast"` for the first, for a keyed
            sample, and wherever bands do not hold or tell too little.

    Raises:
        ExerciseError: one finds none; the message says why, and what to change.
    """
    accepted = accept(template, searches, rules, avoiding=avoiding, check=check)
    most = max(1, min(MOST_TOGETHER, MOST_ENTRIES_TOGETHER // template.size))
    # The first is proven alone, as the witness wants it; see `gradgrade.oracle.proof.witness`.
    for start, stop in pairwise([0, *range(1, len(accepted), most), len(accepted)]):
        together = accepted[start:stop]
        proven = certify_together(
            template.derivation,
            [each.exercise.givens() for each in together],
            digits=DIGITS,
            bands=[each.band for each in together],
        )
        for found, certified in zip(together, proven, strict=True):
            yield _certified(template, found, rules, avoiding, check, certified)


def accept(
    template: Template,
    searches: Sequence[Search],
    rules: Rules,
    *,
    avoiding: Collection[bytes] = frozenset(),
    check: Check = "full",
) -> list[Accepted]:
    """Return for each search the first draw that passes the gates; nothing is certified yet.

    Draws are walked in stacks, whatever search they belong to. Which is accepted does not depend on
    that, but where a gate is met to within the rounding of a sum in another order. The arguments
    are those of `issue`.

    Raises:
        ExerciseError: one finds none; the message says why, and what to change.
    """
    pending = dict(enumerate(searches))
    accepted: dict[int, Accepted] = {}
    most = max(1, min(STACK, MOST_STACKED_ENTRIES // template.size))
    while pending:
        indices = list(pending)[:most]
        share, is_alone = most // len(indices), len(indices) == 1
        tries = [_tries(template, pending[each], share, is_alone=is_alone) for each in indices]
        drawn = [
            _draw(template, pending[index], ahead)
            for index, count in zip(indices, tries, strict=True)
            for ahead in range(count)
        ]
        assessment = assess(drawn)
        reasons = rules.reasons(assessment)
        accuracy = accuracies(rules.candidates(assessment))
        beside = assessment.proof_bands() if check == "fast" else [None] * len(drawn)
        for index, count, after in zip(indices, tries, accumulate(tries), strict=True):
            for at in range(after - count, after):
                reason = reasons[at]
                if avoiding and reason is None and fingerprint(drawn[at]) in avoiding:
                    reason = DUPLICATE
                if reason is None or not template.is_drawn:
                    search = pending.pop(index)
                    band = beside[at]
                    if band is not None and (index == 0 or _is_proven_whole(search)):
                        band = None
                    accepted[index] = Accepted(drawn[at], search, accuracy[at], band)
                    break
                pending[index] = _after(template, pending[index], reason)
    return [accepted[index] for index in range(len(searches))]


def ungated(problem_set: ProblemSet, exercise: str, *, student: str, secret: bytes) -> Exercise:
    """Generate a variant that is certified and has passed no gate.

    For whoever tests the oracle on what no student should be given; the arguments, and what is
    returned and raised, are those of `generate`.
    """
    template = compile_template(problem_set, exercise)
    search = Search(template.key(student=student, secret=secret, course=""))
    while True:
        variant = _draw(template, search, 0)
        try:
            solve(variant)
        except OracleError as error:
            search = _after(template, search, NOT_CERTIFIED, str(error), most=MOST_UNGATED_ATTEMPTS)
        else:
            return variant


def fingerprint(exercise: Exercise) -> bytes:
    """Return what is equal for variants of an exercise with the same numbers.

    >>> from gradgrade.problems.catalogue import load
    >>> one, two = (
    ...     generate(load("seeds"), "004-two-two-two", student=student, secret=b"0")
    ...     for student in ("1", "2")
    ... )
    >>> one.id == two.id, fingerprint(one) == fingerprint(two)
    (False, True)
    """
    return fingerprint_of(exercise.given)


def fingerprint_of(given: Any) -> bytes:
    """Return the fingerprint of the variant whose document gives these arrays."""
    return sha256(canonical(given).encode()).digest()[:16]


def numbers_digest(exercise: Exercise) -> bytes:
    """Return what is equal for exercises that give the same doubles, in whatever arrays and order.

    Another name, convention or arrangement of samples and units makes no other exercise of one.

    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> turned = {name: exercise.given[name] for name in reversed(exercise.given)}
    >>> numbers_digest(exercise) == numbers_digest(exercise.model_copy(update={"given": turned}))
    True
    """
    doubles = sorted(each.double for array in exercise.given.values() for each in flatten(array))
    # 0.0 and -0.0 are the same number.
    return sha256(pack(f"<{len(doubles)}d", *(each + 0.0 for each in doubles))).digest()[:16]


def _tries(template: Template, search: Search, most: int, *, is_alone: bool) -> int:
    """Return how many draws of a student are walked at once: most often one of the first passes.

    Args:
        template: of the exercise.
        search: the student's.
        most: more are not walked.
        is_alone: nobody else's draws are walked with them.
    """
    rejected = len(search.rejected)
    if not template.is_drawn or (is_alone and rejected < ONE_BY_ONE):
        return 1
    return min(MOST_TRIES, 1 + rejected, most)


def _draw(template: Template, search: Search, ahead: int) -> Exercise:
    stream = Stream(search.key, len(search.rejected) + ahead)
    return template.exercise(search.key, template.draw(stream))


def _is_proven_whole(search: Search) -> bool:
    """Tell whether a variant is of the sample: whoever does not know its key cannot foretell it."""
    return Stream(search.key).below(ONE_WHOLE_PROOF_IN, "whole proof", 0) == 0


def _certified(
    template: Template,
    found: Accepted,
    rules: Rules,
    avoiding: Collection[bytes],
    check: Check,
    certified: CertifiedValues | None,
) -> Issued:
    while True:
        try:
            solution = Solution(
                found.exercise,
                DIGITS,
                check=check,
                band=found.band,
                derivation=template.derivation,
                certified=certified,
            )
        except OracleError as error:
            problem = str(error)
        else:
            unlike = next(not_zero(rules.zeros, rules.moving, solution), None)
            if unlike is None:
                return Issued(found.exercise, solution, found.search, found.accuracy)
            problem = f"{unlike}: an entry that is 0 in other draws is not 0"
        search = _after(template, found.search, NOT_CERTIFIED, problem)
        (found,) = accept(template, [search], rules, avoiding=avoiding)
        certified = None


def _after(
    template: Template, search: Search, reason: str, detail: str = "", *, most: int = MOST_ATTEMPTS
) -> Search:
    """Return the search after one more rejection.

    Raises:
        ExerciseError: it was the last that is tried.
    """
    rejected = (*search.rejected, reason)
    if not template.is_drawn or len(rejected) >= most:
        raise ExerciseError(
            f"exercise {template.definition.name!r} cannot be issued: "
            + refusal(template, search.key, rejected, detail)
        )
    return Search(search.key, rejected)
