"""Networks as layers and as programs, side by side: the same digits, from records and from text."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice, pairwise
from statistics import median
from time import process_time
from typing import Any

from benchmarks.networks import BATCHES, SIZES, Case
from benchmarks.timing import Timings, measure
from gradgrade.oracle import Derivation
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.proof.certify import certify
from gradgrade.problems import Exercise, ExerciseError, ProblemSet, catalogue, generate, solve
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.problem_set import NetworkDefinition
from gradgrade.problems.grade import Grader
from tests.oracle.programs.networks_as_programs import as_program

PAIRS = 41
VARIANTS = 3
BUDGET = 1.0
STUDENTS = 40
DIGITS = 50
NETWORK, PROGRAM = "network", "program"
SOLVE, GRADE = "certified solve", "grade"

Both = tuple[NetworkExercise, Exercise]
Ratios = list[float]


def of_the_catalogue(every: int) -> Iterator[tuple[str, dict[str, tuple[float, Ratios]]]]:
    """Yield networks of the catalogue, with what solving and grading them as programs takes.

    Args:
        every: each so-manieth of them.

    Yields:
        The name; of each the seconds, and what they are over the network's, for each variant.
    """
    names = [
        (name, each.name)
        for name in catalogue.names()
        for each in catalogue.load(name).exercises
        if isinstance(each, NetworkDefinition) and not each.stochastic
    ]
    for name in names[::every]:
        found: dict[str, list[Timings]] = {SOLVE: [], GRADE: []}
        variants = list(islice(both(*name), VARIANTS))
        if len(variants) < VARIANTS:
            raise ExerciseError(f"{'/'.join(name)}: too few variants can be written as programs")
        for network, program in variants:
            found[SOLVE].append(
                _measured(partial(solve, network), partial(solve, program)),
            )
            found[GRADE].append(_measured(*map(_grading, (network, program))))
        yield "/".join(name), {what: _told(each) for what, each in found.items()}


def of_sizes() -> Iterator[tuple[Case, float, float]]:
    """Yield dense networks of some sizes, the seconds of a proof as a program, and the ratio."""
    for case in (Case(sizes, batch) for sizes in SIZES for batch in BATCHES):
        program, givens = _chain(case)
        timings = _measured(
            partial(certify, case.derivation, case.givens, digits=DIGITS),
            partial(certify, program, givens, digits=DIGITS),
        )
        yield case, timings.best(PROGRAM), timings.ratio(PROGRAM, NETWORK)


def _measured(network: Callable[[], Any], program: Callable[[], Any]) -> Timings:
    runs = {NETWORK: network, PROGRAM: program}
    return measure(runs, budget=BUDGET, clock=process_time, most=PAIRS)[0]


def _told(timings: list[Timings]) -> tuple[float, Ratios]:
    return median(each.best(PROGRAM) for each in timings), [
        each.ratio(PROGRAM, NETWORK) for each in timings
    ]


def _grading(exercise: Exercise) -> Callable[[], Any]:
    grader = Grader(exercise)
    answers = {part.name: grader.solution[part.name].float64 for part in grader.exercise.ask}
    return partial(grader.grade, answers)


def both(set_name: str, name: str) -> Iterator[Both]:
    """Yield variants of a network that ask for what their programs ask for, and the programs."""
    for student in map(str, range(STUDENTS)):
        network = generate(catalogue.load(set_name), name, student=student, secret=b"0")
        assert isinstance(network, NetworkExercise)
        data = {"schema": "gradgrade/problem-set/1", "name": "as-program"}
        problem_set = ProblemSet.from_data(data | {"exercises": [as_program(network)]})
        try:
            program = generate(problem_set, name, student="1", secret=b"0")
        except (ExerciseError, OracleError):
            continue  # two units that are off are pooled: a maximum has no gradient
        shown = network.derivation().results
        asked = [part for part in program.ask if part.name in shown]
        parts = [
            part.model_copy(
                update={"shape": list(shown[part.name].document_shape(network.convention))}
            )
            for part in asked
        ]
        yield _asking(network, parts), _asking(program, asked)


def _asking(exercise: Any, parts: Iterable[Any]) -> Any:
    data = exercise.to_data()
    data["ask"] = [part.model_dump(exclude_none=True) for part in parts]
    data["points"] = round(sum(float(str(each["points"])) for each in data["ask"]), 2)
    return type(exercise).from_data(data)


def _chain(case: Case) -> tuple[Derivation, dict[str, Any]]:
    """Return a dense network written as a program, by rows, and its numbers."""
    shapes: dict[str, tuple[int, ...]] = {
        "x": (case.batch, case.sizes[0]),
        "y": (case.batch, case.sizes[-1]),
    }
    lines, a = [], "x"
    for layer, sizes in enumerate(pairwise(case.sizes), start=1):
        shapes |= {f"W{layer}": sizes, f"b{layer}": sizes[1:]}
        lines += [f"z{layer} = {a} @ W{layer} + b{layer}", f"a{layer} = sigmoid(z{layer})"]
        a = f"a{layer}"
    lines.append(f"L = sum(({a} - y)**2) / 2 / {case.batch}")
    graph = graph_of(
        read_program("\n".join(lines)),
        {name: ArrayType(shape=shape) for name, shape in shapes.items()},
    )
    derivation = derive_program(
        graph,
        differentiate="L",
        parameters=[name for name in shapes if name[0] in "Wb"],
        optimizer=case.optimizer,
    )
    by_rows = {
        name: list(map(list, zip(*case.givens[name], strict=True)))
        for name, shape in shapes.items()
        if len(shape) == 2
    }
    return derivation, case.givens | by_rows
