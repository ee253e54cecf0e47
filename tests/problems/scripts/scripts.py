"""Exercises with scripts, for the tests of this room."""

from gradgrade.problems import ProblemSet

NETWORK = """
schema = "gradgrade/problem-set/1"
name = "code"
[[exercises]]
name = "layer"
points = 10
inputs = 3
layers = [{ type = "dense", units = 2, activation = "relu" }]
upstream = true
batch = 4
convention = "row"
ask = ["a1", "dW1", "db1", "dx"]
[exercises.code]
"""


def problem_set(script: str, *, more: str = "", definition: str = NETWORK) -> ProblemSet:
    """A set of one exercise with a script."""
    return ProblemSet.from_toml(f'{definition}script = """\n{script}"""\n{more}')
