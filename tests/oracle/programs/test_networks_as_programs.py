"""Every network of the catalogue, written as a program, has the same digits."""

from contextlib import suppress

import pytest

from gradgrade.problems import ExerciseError, ProblemSet, generate, solve
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.problem_set import NetworkDefinition
from tests.examples import spread
from tests.oracle.programs.networks_as_programs import as_program, by_rows

NETWORKS = [
    pytest.param(name, definition.name, id=f"{name}/{definition.name}")
    for name in names()
    for definition in load(name).exercises
    # A program is the same in each iteration, and cannot draw another sample in each.
    if isinstance(definition, NetworkDefinition) and not definition.stochastic
]


def written(set_name, name):
    """Variants of a network that can be written as a program, with that."""
    for student in range(40):
        network = generate(load(set_name), name, student=str(student), secret=b"0")
        data = as_program(network)
        problem_set = ProblemSet.from_data(
            {"schema": "gradgrade/problem-set/1", "name": "as-program", "exercises": [data]}
        )
        # Where two units that are off are pooled, a maximum has no gradient, and a layer 0.
        with suppress(ExerciseError):
            yield network, data, generate(problem_set, name, student="ada", secret=b"0")


@pytest.mark.parametrize(("set_name", "name"), spread(NETWORKS))
def test_a_network_written_as_a_program_has_the_same_digits(set_name, name):
    network, data, program = next(written(set_name, name))
    expected, found = solve(network), solve(program)
    assert found["L"].value == expected["loss"].value
    asked = [part.name for part in program.ask if part.name in network.derivation().results]
    assert {f"d{each}" for each in data["parameters"]} <= set(asked)
    for each in asked:
        assert found[each].value == by_rows(network, each, expected[each].value), each
