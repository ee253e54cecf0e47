"""Programs that tests of what is shown, exported and checked have in common, one of each kind."""

from functools import cache

from gradgrade.problems import ProblemSet, generate
from gradgrade.problems.documents.exercise import ProgramExercise

_SET = """
schema = "gradgrade/problem-set/1"
name = "programs"

[[exercises]]
name = "mul-after-add"
type = "program"
arrays = { x = [], y = [], z = [] }
program = '''
q = x + y
f = q * z
'''
differentiate = "f"
ask = ["all"]

[[exercises]]
name = "neuron"
type = "program"
arrays = { w1 = [], x1 = [], w2 = [], x2 = [], b = [] }
program = '''
z = w1*x1 + w2*x2 + b
a = sigmoid(z)
'''
differentiate = "a"
ask = ["all"]

[[exercises]]
name = "twice"
type = "program"
arrays = { x = [], y = [] }
program = '''
q = x + y
r = q * q
f = r * x + exp(q)
'''
differentiate = "f"
ask = ["all"]

[[exercises]]
name = "affine"
type = "program"
sizes = { N = 4, D = 3, H = 5 }
arrays = { x = ["N", "D"], W = ["D", "H"], b = ["H"] }
program = "out = x @ W + b"
upstream = ["out"]
ask = ["all"]

[[exercises]]
name = "embedding"
type = "program"
arrays = { E = [5, 2], ids = { shape = [4], integers = [0, 4] }, W = [2, 3] }
program = '''
h = E[ids]
s = tanh(h @ W)
L = sum(s**2) / 2
'''
differentiate = "L"
ask = ["all"]

[[exercises]]
name = "normalization"
type = "program"
sizes = { N = 4, D = 3 }
arrays = { x = ["N", "D"], gamma = ["D"], beta = ["D"] }
program = '''
mu = mean(x, axis=0)
xc = x - mu
v = mean(xc**2, axis=0)
inv = (v + 0.001)**-0.5
xhat = xc * inv
out = gamma * xhat + beta
'''
upstream = ["out"]
ask = ["all"]

[[exercises]]
name = "attention"
type = "program"
sizes = { T = 3, D = 4 }
arrays = { q = ["T", "D"], k = ["T", "D"], v = ["T", "D"] }
program = '''
def attention(q, k, v):
    scores = q @ k.T / 2
    weights = softmax(scores, axis=1)
    return weights @ v
out = attention(q, k, v)
L = sum(out**2)
'''
differentiate = "L"
ask = ["all"]

[[exercises]]
name = "axes"
type = "program"
arrays = { q = [2, 3, 2], k = [2, 2, 3] }
program = '''
s = q @ k
L = sum(s**2)
'''
differentiate = "L"
ask = ["s", "dq", "dk"]
"""

PROGRAMS = (
    "mul-after-add",
    "neuron",
    "twice",
    "affine",
    "embedding",
    "normalization",
    "attention",
    "axes",
)

_HEAD = """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "program"
type = "program"
"""


def set_of(stated: str) -> ProblemSet:
    """A set of one exercise, `program`, of which this states the rest."""
    return ProblemSet.from_toml(_HEAD + stated)


@cache
def program_set() -> ProblemSet:
    """The set of them."""
    return ProblemSet.from_toml(_SET)


@cache
def program(name: str) -> ProgramExercise:
    """One student's variant of one of them."""
    exercise = generate(program_set(), name, student="1", secret=b"0")
    assert isinstance(exercise, ProgramExercise)
    return exercise
