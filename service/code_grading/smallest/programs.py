"""The smallest program on which a student's engine fails: found by trying them in order of size."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

from gradgrade.problems import Exercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.structures.engine import EngineModel
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.engines.drawing import exercise_about
from gradgrade.problems.engines.graphs import small_graphs
from gradgrade.service.code_grading.sandbox.outcome import Execution
from gradgrade.service.code_grading.smallest.search import Smallest
from gradgrade.service.code_grading.smallest.symptom import Symptom, verdict_on

MOST_OF_A_SIZE = 250
"""How many programs of one size are tried."""

NUMBERS = (("2", "3", "-1", "0.5"), ("-1", "0.5", "2", "3"))
"""Simple numbers, dealt out one after another; for relu negative ones first, too."""


def smallest_program(
    failed: Execution,
    verdict: Verdict,
    engine: EngineModel,
    ask: Callable[[Exercise], Execution | None],
) -> Smallest | None:
    """Search for the smallest program on which an engine fails as it did.

    Args:
        failed: the failure.
        verdict: on it.
        engine: how the engine is used.
        ask: runs the student's code on an exercise; None where it cannot be run any more.
    """
    symptom = Symptom.of(failed, verdict)
    if symptom is None:
        return None
    first = None
    for exercise in _programs(failed.exercise, engine):
        execution = ask(exercise)
        if execution is None:
            break
        if symptom.is_alike(execution) and (found := verdict_on(execution)) is not None:
            smallest = Smallest(execution=execution, verdict=found)
            # Where gradients cancel, several mistakes come to the same: another program tells.
            if len(smallest.engine_mistakes) < 2:
                return smallest
            first = first or smallest
    return first


def _programs(like: Exercise, engine: EngineModel) -> Iterator[Exercise]:
    stated = {
        "name": like.name,
        "precision": like.precision,
        "tolerance": like.ask[0].tolerance,
        "code": None if like.code is None else like.code.model_dump(exclude={"script"}),
    }
    for graph in small_graphs(engine, MOST_OF_A_SIZE):
        for numbers in NUMBERS if "relu" in graph.text else NUMBERS[:1]:
            dealt = map(Number, cycle(numbers))
            yield exercise_about(graph, partial(next, dealt), stated)
