"""A program is checked on variants that its author could not know."""

import json
import re

import pytest

from gradgrade.problems import catalogue, generate, solve
from gradgrade.service.code_grading.checking.seeds import fresh_seed, seed_of
from tests.service.cli.run import run
from tests.service.code_grading.conftest import needs_bubblewrap

SECRET = "a secret of the instructor's"
SET, EXERCISE = "first-steps", "one-neuron"

TABLE = """
import json

TABLE = json.loads({table!r})


def solve(exercise):
    return TABLE.get(json.dumps(exercise["given"]["x"].tolist()), {{}})
"""


def test_fresh_seeds_are_never_the_same():
    assert len({fresh_seed() for _ in range(100)}) == 100


def test_the_seed_of_a_secret_is_the_files_and_changes_with_every_byte(tmp_path):
    program = tmp_path / "student.py"
    program.write_bytes(b"x = 1")
    seed = seed_of(program, b"a secret")
    assert seed == seed_of(program, b"a secret") != seed_of(program, b"another secret")
    assert re.fullmatch("[0-9a-f]{32}", seed)
    program.write_bytes(b"x = 1 ")
    assert seed_of(program, b"a secret") != seed


def table_of(seed: str) -> str:
    """A program that knows the answers to the variants of a seed, and computes nothing."""
    table = {}
    for student in map(str, range(1, 4)):
        secret = seed.encode()
        exercise = generate(catalogue.load(SET), EXERCISE, student=student, secret=secret)
        solution = solve(exercise)
        given = json.loads(exercise.to_json())["given"]["x"]
        table[json.dumps(given)] = {each.name: solution[each.name].float64 for each in exercise.ask}
    return TABLE.format(table=json.dumps(table))


def checked(program, *options, **environment):
    command = ("check-code", SET, program, "--exercise", EXERCISE, "--variants", "3")
    return run(*command, "--no-smallest", *options, variables=environment)


@needs_bubblewrap
def test_a_table_of_the_former_default_earns_nothing(tmp_path):
    program = tmp_path / "student.py"
    program.write_text(table_of("0"))
    assert checked(program, "--seed", "0").exit_code == 0
    for environment in ({}, {"GRADGRADE_SECRET": SECRET}):
        done = checked(program, "--format", "json", **environment)
        assert (done.exit_code, json.loads(done.stdout)["score"]) == (1, 0)


@needs_bubblewrap
def test_the_seed_is_told_and_draws_the_same_variants_again(tmp_path):
    program = tmp_path / "student.py"
    program.write_text("def solve(exercise):\n    raise ValueError(exercise['id'])\n")

    def ids(done):
        return re.findall(r"[0-9a-f]{16}", done.stdout)

    first, second = checked(program), checked(program)
    (seed,) = re.findall(r"^seed (\w+) \(--seed \1 draws the same variants\)$", first.stderr, re.M)
    assert ids(first) != ids(second)
    again = checked(program, "--seed", seed)
    assert (ids(again), again.stderr) == (ids(first), "")
    secret = checked(program, GRADGRADE_SECRET=SECRET)
    assert ids(secret) == ids(checked(program, GRADGRADE_SECRET=SECRET))
    assert secret.stderr.startswith(f"seed {seed_of(program, SECRET.encode())} ")


@pytest.mark.parametrize("secret", ["", "too short"])
def test_a_secret_that_is_too_short_is_refused(tmp_path, secret):
    program = tmp_path / "student.py"
    program.write_text("")
    done = checked(program, GRADGRADE_SECRET=secret)
    assert done.exit_code == 2
    assert "GRADGRADE_SECRET: a secret has at least 16 bytes" in done.stderr
