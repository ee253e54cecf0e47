"""Exercises of the catalogue that tests try: all networks, and of the programs a share."""

from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.problem_set import NetworkDefinition
from tests.examples import spread

_ALL = [(name, each) for name in names() for each in load(name).exercises]

CATALOGUE: list[tuple[str, str]] = [
    *((name, each.name) for name, each in _ALL if isinstance(each, NetworkDefinition)),
    *spread([(name, each.name) for name, each in _ALL if not isinstance(each, NetworkDefinition)]),
]
"""Sets and exercises, by name."""
