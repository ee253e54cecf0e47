"""The report of an exercise: how many draws were rejected and why, and what no gate could hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose
from statistics import median

from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.documents.problem_set import NetworkDefinition, ProblemSet
from gradgrade.problems.documents.solution import Check
from gradgrade.problems.gates.accuracy import Accuracy
from gradgrade.problems.gates.dead_gradient import DEAD_GRADIENT
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.rules import Finding, Rules
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.templates.template import FEW_VARIANTS, Template, compile_template
from gradgrade.problems.variants.idle import idle

Outcome = tuple[tuple[str, ...], Accuracy]
"""Of a variant: why each draw before it was rejected, and how accurate its answers are."""

WIDE_BAND = 0.2
"""Of an entry's value: beyond it, one that is right in its first digit alone may be accepted."""

OF_A_PROGRAM = "nothing where 0 is the point, as behind a hinge loss; else draw other ranges"
"""What is advised of gradients with a row or a column of zeros."""

MUCH_FORWARD = 0.4
"""Of the points: beyond it, who cannot take a derivative comes near to passing."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What generating variants of an exercise came to.

    Args:
        exercise: its name.
        variants: how many were issued.
        attempts: how many draws that took.
        reasons: how many draws were rejected for each reason, the most frequent first.
        lost_largest: over all entries of all parts of all variants, the largest share of a value
            that honest rounding may lose, u·S/|value|; 1.1e-16 is what writing a double loses.
        lost_median: the median over variants of their entries' median.
        findings: what no gate could hold against the exercise.
        variety: how many variants there are at most, where they are fewer than a million.
        widest_bands: by part, over all entries of all variants, the largest share of a value by
            which an answer may be off; None where all are 0, or where nothing bounds it.
        forward_share: the share of the points that no derivative is needed for.
        coinciding: which of the factors that a student may mix up are one number, in words.
        idle: what of a program does nothing, in words.
        check: how the solutions were checked; see `gradgrade.problems.generate.issue`.
    """

    exercise: str
    variants: int
    attempts: int
    reasons: Mapping[str, int]
    lost_largest: float
    lost_median: float
    findings: tuple[Finding, ...]
    variety: int | None
    widest_bands: Mapping[str, float | None]
    forward_share: float
    coinciding: tuple[str, ...]
    idle: tuple[str, ...]
    check: Check

    @property
    def to_mend(self) -> tuple[Finding, ...]:
        """The findings but for mistakes that change nothing asked: nobody can make them here."""
        return tuple(each for each in self.findings if each.kind != "unasked")

    @property
    def acceptance(self) -> float:
        """The share of draws that were accepted."""
        return self.variants / self.attempts if self.attempts else 1.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an instructor should change, or know, before students see the exercise."""
        told = (
            few_variants(self.exercise, self.variety),
            _wide_bands(self),
            _much_forward(self),
            coinciding(self.exercise, self.coinciding),
            *self.idle,
        )
        return tuple(each for each in told if each is not None)


def report_on(
    problem_set: ProblemSet,
    exercise: str,
    *,
    students: Sequence[str],
    secret: bytes,
    course: str = "",
) -> Report:
    """Generate variants for students and tell what that came to.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
        students: for whom; each gets the variant that `generate` returns.
        secret: what keeps variants from being foretold.
        course: the course on a server; empty offline.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no variant could be issued for one of them.

    >>> from gradgrade.problems.catalogue import load
    >>> found = report_on(load("seeds"), "004-two-two-two", students=["1"], secret=b"0")
    >>> found.attempts, dict(found.reasons)
    (1, {})
    """
    template = compile_template(problem_set, exercise)
    searches = [
        Search(template.key(student=student, secret=secret, course=course)) for student in students
    ]
    rules = rules_of(template)
    outcomes = ((each.search.rejected, each.accuracy) for each in issue(template, searches, rules))
    return summarize(template, outcomes, rules)


def few_variants(exercise: str, variety: int | None) -> str | None:
    """Say that an exercise has few variants, where it has; see `Template.variety`."""
    if variety is None:
        return None
    has = "one variant" if variety == 1 else f"at most {variety} variants"
    return (
        f"exercise {exercise!r} has {has}: whoever works some out, or asks for many, meets those "
        f"of others; draw more numbers or widen their ranges, to {FEW_VARIANTS} variants or more"
    )


def _wide_bands(report: Report) -> str | None:
    """Say which parts accept an entry that is far off, where one does."""
    wide = [
        f"{name} {share:.0%}"
        for name, share in report.widest_bands.items()
        if share is not None and share > WIDE_BAND
    ]
    if not wide:
        return None
    return (
        f"exercise {report.exercise!r} accepts answers that are off by more than "
        f"{WIDE_BAND:.0%} of a small entry, in {', '.join(wide)}: tighten the tolerance, allow "
        "less rounding, or draw larger numbers"
    )


def _much_forward(report: Report) -> str | None:
    """Say that who cannot take a derivative earns much, where it is so."""
    if report.forward_share <= MUCH_FORWARD:
        return None
    return (
        f"exercise {report.exercise!r} gives {report.forward_share:.0%} of its points for the "
        "forward pass alone: give more of them to deltas, gradients and updates"
    )


def coinciding(exercise: str, factors: Sequence[str]) -> str | None:
    """Say which factors are one number, where some are; see `coinciding_factors`."""
    if not factors:
        return None
    return (
        f"exercise {exercise!r}: {'; '.join(factors)}: who mixes them up has the "
        "same answers, and is told of another mistake or of none; choose other numbers"
    )


def coinciding_factors(template: Template) -> tuple[str, ...]:
    """Return which of the factors that a student may mix up are one number, in words.

    >>> from gradgrade.problems.catalogue import load
    >>> coinciding_factors(compile_template(load("first-steps"), "sigmoid-batch"))
    ()
    """
    definition, samples = template.definition, template.batch
    if not isinstance(definition, NetworkDefinition):
        return ()
    if samples == 1 or definition.stochastic or definition.loss is None:
        return ()
    optimizer = definition.optimizer
    sizes = {size for each in template.arrays if each.kind in _WEIGHTS for size in each.shape}
    told = {f"N = {samples} samples are as many as weights have rows or columns": samples in sizes}
    if optimizer is not None:
        rate = optimizer.learning_rate
        said = f"the learning rate {rate.text} is 1/N of N = {samples} samples"
        told = {said: isclose(rate.double * samples, 1)} | told
    return tuple(text for text, is_so in told.items() if is_so)


_WEIGHTS = (Kind.WEIGHTS, Kind.RECURRENT_WEIGHTS)


def summarize(
    template: Template, outcomes: Iterable[Outcome], rules: Rules, *, check: Check = "full"
) -> Report:
    """Return the report of variants of an exercise that were generated before, by its rules."""
    outcomes = list(outcomes)
    reasons = Counter(reason for rejected, _ in outcomes for reason in rejected)
    accuracy = [each for _, each in outcomes]
    return Report(
        exercise=template.definition.name,
        variants=len(outcomes),
        attempts=len(outcomes) + reasons.total(),
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        lost_largest=max((each.lost_largest for each in accuracy), default=0.0),
        lost_median=median(each.lost_median for each in accuracy) if accuracy else 0.0,
        findings=tuple(_in_its_words(template, rules.findings)),
        variety=template.variety,
        widest_bands={part.name: _widest(part.name, accuracy) for part in template.ask},
        forward_share=template.forward_share,
        coinciding=coinciding_factors(template),
        idle=idle(template),
        check=check,
    )


_CHOOSING_ONE = frozenset({"max", "min", "rows", "picked", "entries", "listed"})
"""What passes a gradient to some entries alone, whatever is drawn."""

_SWITCHING = frozenset({"relu", "maximum", "minimum", "where", "clip"})
"""What passes it, or not, by what is drawn."""


def _in_its_words(template: Template, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings in words of the exercise: a program has no units, filters or biases.

    Where it chooses entries and switches none off, as max pooling does, zeros are as they should.
    """
    for each in findings:
        if each.gate != DEAD_GRADIENT.code or template.definition.type != "program":
            yield each
            continue
        subject = template.derivation.results[each.subject].name
        steps = template.derivation.narrowed({subject}).steps
        passed = {
            line.node.function
            for step in steps
            if isinstance(step.role, PullBack)
            for line in step.role.through
            if isinstance(line, Line)
        }
        if passed & _SWITCHING or not passed & _CHOOSING_ONE:
            text = each.text.replace(DEAD_GRADIENT.meaning, "a row or a column of it is 0")
            yield replace(each, text=text, advice=OF_A_PROGRAM)


def _widest(part: str, accuracy: Iterable[Accuracy]) -> float | None:
    shares = (each.widest_bands[part] for each in accuracy)
    return max((share for share in shares if share is not None), default=None)
