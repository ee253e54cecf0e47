"""What the tests of worksheets share: exercises of every kind, and titles that attack markup."""

from functools import cache

from hypothesis import strategies as st

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.generate import ungated
from tests import ROOT
from tests.strategies import dense, variant

BATTERY = ProblemSet.load(ROOT / "problems" / "battery.toml")
KINDS = [definition.name for definition in BATTERY.exercises]

HOSTILE = st.text(
    alphabet=st.sampled_from("<>&{}[]()$#%\\_^~\"'`*|!-+=@:;/ aBé中1😀\n\x00"), max_size=40
)


@cache
def of_kind(name: str) -> Exercise:
    """A variant of an exercise of the battery."""
    return ungated(BATTERY, name, student="1", secret=b"0")


def two_layers(convention: str = "column", **fields: object) -> Exercise:
    """An exercise whose layers and batch all differ in size."""
    return variant(
        **{
            "inputs": 3,
            "layers": [dense(4, "tanh"), dense(2, "sigmoid")],
            "batch": 5,
            "convention": convention,
            "ask": ["loss", "delta2", "dW1", "db1", "W2_new"],
            **fields,
        }
    )


def titled(title: str) -> Exercise:
    """A small exercise of this title."""
    return variant(title=title, layers=[dense(1)], ask=["loss", "dW1"])
