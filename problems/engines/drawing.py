"""Exercises about programs that are drawn for a student's engine, their numbers included."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from math import prod
from typing import Any

from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import build
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.problem_set import ProblemSet, ProgramDefinition
from gradgrade.problems.engines.graphs import RESULT, Choose, Graph, drawn_graph
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.grade import Grader
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import compile_template

PROBLEM_SET = "drawn-programs"
KEY = bytes(32)
"""The numbers are given, so that nothing is drawn from it."""

MOST_DRAWS = 50
"""For one program that has a proven answer; nearly every draw has one."""

TENTHS = tuple(Number(f"{each / 10:g}") for each in range(-20, 21) if each)


def drawn_exercises(definition: ProgramDefinition, key: bytes) -> Iterator[Grader]:
    """Yield as many exercises about drawn programs as an engine's says, each with its grader.

    Args:
        definition: the exercise that has the engine.
        key: what is drawn follows from it.

    Raises:
        ExerciseError: no program of these operators has an answer.
    """
    engine = None if definition.code is None else definition.code.engine
    if engine is None or not engine.operators:
        return
    stated = definition.model_dump(include={"name", "points", "precision", "tolerance"})
    stated["code"] = definition.code
    choose = _choosing(Stream(key))
    for at in range(engine.programs):
        for _ in range(MOST_DRAWS):
            graph = drawn_graph(engine, choose)
            exercise = exercise_about(graph, lambda: choose(TENTHS), stated)
            if is_proven(grader := Grader(exercise)):
                yield grader
                break
        else:
            raise ExerciseError(
                f"exercise {definition.name!r}: code.engine: no program {at + 1} of "
                f"{', '.join(engine.operators)} has an answer in {MOST_DRAWS} draws"
            )


def _choosing(stream: Stream) -> Choose:
    draws = count()
    return lambda options: options[stream.below(len(options), "engine", next(draws))]


def exercise_about(
    graph: Graph, number: Callable[[], Number], stated: Mapping[str, Any]
) -> Exercise:
    """Return the exercise that asks all values and all gradients of a program.

    Args:
        graph: the program.
        number: returns one after another.
        stated: what a definition says besides: its name, points, tolerance, and its engine.
    """
    given = {
        name: build([number() for _ in range(prod(shape))], tuple(shape))
        for name, shape in graph.arrays.items()
    }
    definition = ProgramDefinition.model_validate(
        {
            **stated,
            "type": "program",
            "arrays": graph.arrays,
            "program": graph.text,
            "differentiate": RESULT,
            "given": given,
            "ask": graph.asked,
        }
    )
    problem_set = ProblemSet(
        schema_="gradgrade/problem-set/1", name=PROBLEM_SET, exercises=[definition]
    )
    return compile_template(problem_set, definition.name).exercise(KEY, definition.given)


def is_proven(grader: Grader) -> bool:
    """Tell whether an exercise has an answer: none has one on a kink."""
    try:
        return bool(grader.solution)
    except (OracleError, ExerciseError):
        return False
