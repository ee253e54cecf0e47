"""What a grade costs: `python -m benchmarks.grading` writes docs/grading-cost.md."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, TypeVar

import numpy

from benchmarks.fetching import AHEAD, FETCH_ALONE, STUDENTS, opened
from benchmarks.report import machine
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.oracle.nested import build
from gradgrade.problems import Exercise, catalogue, generate, solve
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.gates.probing import find_rules
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import make_answer_key
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template, compile_template
from tests.evidence.slips import work_with_a_slip

Made = TypeVar("Made")

EXERCISE = ("depth", "8-16-8-4")
REPEATS = 7
PAGE = Path(__file__).resolve().parents[1] / "docs" / "grading-cost.md"

HEAD = """# What a grade costs

Made by `python -m benchmarks.grading`, part of `make bench`.

A variant of the exercise `{name}` of the catalogue's set `{set}`, in this process, once it is
known: its solution and bands are worked out. The wrong answers are what each of its {count}
mistakes leads to, each graded {repeats} times, the best of which counts. The peer is one walk of
the derivation in binary64, by numpy: a forward pass, backward pass and update. Times are of the
processor, so that what else a machine does is not among them.

{machine}

| what | median, ms | slowest, ms | in walks |
|---|---|---|---|
"""

CATALOGUE = """
## Wrong answers over the catalogue

{count:,} wrong answers to the {exercises} exercises of the catalogue: what mistakes lead to, every
{step}th of those that can be made in each; a slip in every {slip}th part, rightly continued; and
chance in every part. Each is graded {repeats} times, the best of which counts; the peer is one
walk of the same exercise in binary64. What looking for a mistake may take is bounded by work and
not by time (`MOST_WORK` in [bounds](decisions/bounds.md)).

| | ms | in walks of the same exercise |
|---|---|---|
"""

FROM_NOTHING = """
## From nothing to a verdict, over the catalogue

What each of the {exercises} exercises takes at first: its rules, which a server keeps; a student's
variant, drawn, gated and proven, where those are known, and another student's; its answer key;
and, in a process of its own for each set, a wrong answer explained, the first one and, of others,
one that 95 of 100 do not exceed; a first fetch from a server's core and its SQLite, alone and where
the process has made the variant ahead, which it does of {ahead} students in one stack (of either
the middle one of {students} students'). In milliseconds of the processor, each once but the answers
after the first one, the better of {repeats} times; beside them how many certified solves of the
same exercise that is.

| what | median, ms | slowest, ms | which | median, in solves | most, in solves |
|---|---|---|---|---|---|
"""

SOLVE = "a certified solve"

EVERY_MISTAKE, EVERY_SLIP, FEWER_REPEATS = 12, 8, 2
LONG = 0.06
"""Seconds; first fetches that take longer are named."""

SHARES = {"median": 0.5, "95 of 100 take at most": 0.95, "slowest": 1.0}


def main() -> None:
    """Measure, and write the page."""
    # First, while nothing is kept of any structure.
    of_catalogue = _over_the_catalogue()
    name, exercise_name = EXERCISE
    exercise = generate(catalogue.load(name), exercise_name, student="1", secret=b"benchmark")
    grader = Grader(exercise)
    right = {part.name: grader.solution[part.name].float64 for part in exercise.ask}
    wrong = _wrong(exercise)
    grader.grade(right)
    for answers in wrong:
        grader.grade(answers)

    peer = _walk(exercise)
    walks = [_best(peer) for _ in range(20)]
    rows = {
        "one binary64 walk": walks,
        "a right answer graded": [_best(partial(grader.grade, right)) for _ in range(20)],
        "a wrong answer graded and diagnosed": [
            _best(partial(grader.grade, answers)) for answers in wrong
        ],
    }
    text = HEAD.format(
        name=exercise_name, set=name, count=len(wrong), repeats=REPEATS, machine=machine()
    )
    for what, seconds in rows.items():
        ratio = median(seconds) / median(walks)
        text += f"| {what} | {_ms(median(seconds))} | {_ms(max(seconds))} | {ratio:.1f} |\n"
    text += of_catalogue
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def _over_the_catalogue() -> str:
    """Return the tables of what all exercises of the catalogue take, and wrong answers to them."""
    costs, wrong = dict[str, dict[str, float]](), list[tuple[float, float]]()
    for name in catalogue.names():
        for each in catalogue.load(name).exercises:
            template = compile_template(catalogue.load(name), each.name)
            costs[each.name] = _from_nothing(template)
    for name in catalogue.names():
        for exercise_name, (once, first, *others) in _by_itself(_explained, name).items():
            costs[exercise_name]["the first wrong answer explained"] = first
            costs[exercise_name]["a wrong answer explained, of 95 in 100"] = _at(others, 0.95)
            wrong += [(seconds, seconds / once) for seconds in others]
        for exercise_name, fetches in _by_itself(_first_fetches, name).items():
            costs[exercise_name] |= fetches
    text = FROM_NOTHING.format(
        exercises=len(costs), students=STUDENTS, ahead=AHEAD, repeats=FEWER_REPEATS
    )
    for what in max(costs.values(), key=len):
        seconds = {name: cost[what] for name, cost in costs.items() if what in cost}
        solves = [seconds[name] / costs[name][SOLVE] for name in seconds]
        slowest = max(seconds, key=seconds.__getitem__)
        text += f"| {what} | {_ms(median(seconds.values()))} | {_ms(seconds[slowest])} | {slowest} "
        text += f"| {median(solves):.1f} | {max(solves):.0f} |\n"
    text += _long_fetches({name: cost[FETCH_ALONE] for name, cost in costs.items()})
    text += CATALOGUE.format(
        count=len(wrong),
        exercises=len(costs),
        step=EVERY_MISTAKE,
        slip=EVERY_SLIP,
        repeats=FEWER_REPEATS,
    )
    taken, in_walks = zip(*wrong, strict=True)
    for what, share in SHARES.items():
        text += f"| {what} | {_ms(_at(taken, share))} | {_at(in_walks, share):,.0f} |\n"
    return text


def _long_fetches(seconds: Mapping[str, float]) -> str:
    long = sorted((each for each in seconds.items() if each[1] > LONG), key=lambda each: -each[1])
    named = ", ".join(f"{name} ({_ms(each)})" for name, each in long) or "none"
    return f"\nFirst fetches, nothing made ahead, of more than {_ms(LONG)} ms: {named}.\n"


def _by_itself(measure: Callable[[str], dict[str, Made]], name: str) -> dict[str, Made]:
    """Measure a set in a process of its own, as a server is, which looks through nothing before."""
    with get_context("spawn").Pool(1, initializer=gc.freeze) as process:
        return process.apply(measure, [name])


def _first_fetches(name: str) -> dict[str, dict[str, float]]:
    """Return what first fetches take of the exercises of a set, by their names."""
    problem_set = catalogue.load(name)
    with opened(problem_set) as students:
        return {each.name: students.first_fetches(each.name) for each in problem_set.exercises}


def _from_nothing(template: Template) -> dict[str, float]:
    """Return what one exercise takes until its answers can be marked."""
    compiled = template.exercise(bytes(32), template.draw(Stream(bytes(32))))
    compiled.derivation()
    rules, found = _timed(lambda: find_rules(template))
    keys = [template.key(student=each, secret=b"benchmark", course="") for each in ("1", "2")]
    first, issued = _timed(lambda: next(issue(template, [Search(keys[0])], found)))
    another, _ = _timed(lambda: next(issue(template, [Search(keys[1])], found)))
    solving, solution = _timed(lambda: solve(issued.exercise))
    key, _ = _timed(lambda: make_answer_key(solution, grader=GRADER))
    return {
        SOLVE: solving,
        "its rules, from nothing": rules,
        "a first variant, its rules known": first,
        "another student's variant": another,
        "an answer key": key,
    }


def _explained(name: str) -> dict[str, list[float]]:
    """Return what a walk of each exercise of a set takes, and wrong answers to it, explained."""
    problem_set = catalogue.load(name)
    found = {}
    for each in problem_set.exercises:
        exercise = generate(problem_set, each.name, student="1", secret=b"benchmark")
        explained = list(_wrong_answers(exercise))
        found[each.name] = [_best(_walk(exercise)), *explained]
    return found


def _wrong_answers(exercise: Exercise) -> Iterator[float]:
    """Yield what the first wrong answer takes, and then what each of several does."""
    grader = Grader(exercise)
    grader.grade({})
    yield _timed(lambda: grader.grade(_chance(exercise)))[0]
    for answers in _few_wrong(exercise):
        yield _best(partial(grader.grade, answers), repeats=FEWER_REPEATS)


def _timed(work: Callable[[], Made]) -> tuple[float, Made]:
    start = process_time()
    made = work()
    return process_time() - start, made


def _few_wrong(exercise: Exercise) -> Iterator[Mapping[str, Any]]:
    yield from _wrong(exercise)[::EVERY_MISTAKE]
    slips = [answers for _, answers in work_with_a_slip(exercise)]
    yield from slips[::EVERY_SLIP]
    yield _chance(exercise)


def _chance(exercise: Exercise) -> Mapping[str, Any]:
    chance = numpy.random.default_rng(0)
    return {part.name: chance.uniform(-1, 1, part.shape).tolist() for part in exercise.ask}


def _at(values: Sequence[float], share: float) -> float:
    """Return the smallest of some values that a share of them do not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def _wrong(exercise: Exercise) -> list[Mapping[str, Any]]:
    return [
        {
            part.name: build(each.values[part.name][0].tolist(), tuple(part.shape))
            for part in exercise.ask
        }
        for each in Explainer(exercise).assessment.predictions
    ]


def _walk(exercise: Exercise) -> Callable[[], object]:
    derivation, arithmetic = exercise.derivation(), Binary64()
    known = take(given_rows(derivation, exercise.givens()), arithmetic)
    return lambda: walk(derivation, known, arithmetic)


def _best(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.2f}"


if __name__ == "__main__":
    main()
