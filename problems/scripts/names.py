"""What a script finds beside the student's names, and what it calls what is asked."""

import builtins
import keyword
from collections.abc import Mapping

from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise, ProgramExercise
from gradgrade.problems.documents.structures.code import CodeInterface

NUMPY = "np"

PYTHONS = frozenset(dir(builtins))
"""The names that Python itself knows."""


def name_in_script(name: str, code: CodeInterface) -> str:
    """Return what a script calls a quantity: its name, iterations by `_at_`, or as it is renamed.

    >>> name_in_script("dW1@2", CodeInterface(script="pass"))
    'dW1_at_2'
    """
    renamed = code.rename.get(name, name.replace("@", "_at_"))
    return f"{renamed}_" if keyword.iskeyword(renamed) else renamed


def sizes_of(exercise: Exercise) -> Mapping[str, int]:
    """Return the sizes that a script may name: N and n0 to nL, or a program's own."""
    if isinstance(exercise, ProgramExercise):
        return dict(exercise.sizes)
    assert isinstance(exercise, NetworkExercise)  # there is no third type
    sizes = {"N": exercise.samples}
    if isinstance(exercise.inputs, int):
        sizes["n0"] = exercise.inputs
    units = (getattr(layer, "units", None) for layer in exercise.layers)
    return sizes | {f"n{at}": each for at, each in enumerate(units, start=1) if each is not None}


def numbers_of(exercise: Exercise, code: CodeInterface) -> Mapping[str, int | float]:
    """Return the sizes and the numbers of the formulas, by what a script calls them."""
    scalars = {
        name_in_script(name, code): float(value) for name, value in exercise.scalars().items()
    }
    return {**sizes_of(exercise), **scalars}


def givens_of(exercise: Exercise, code: CodeInterface) -> Mapping[str, str]:
    """Return the names of the given arrays, by what a script calls them."""
    scalars = exercise.scalars()
    names = (name for name in exercise.derivation().given if name not in scalars)
    return {name_in_script(name, code): name for name in names}


def asked_of(exercise: Exercise, code: CodeInterface) -> Mapping[str, str]:
    """Return the names of what is asked, by what a script calls them."""
    return {name_in_script(part.name, code): part.name for part in exercise.ask}


def columns_of(exercise: Exercise, code: CodeInterface) -> frozenset[str]:
    """Return the quantities that a script has as columns, (n, 1), and documents as (n,)."""
    if not code.column_biases:
        return frozenset()
    derivation = exercise.derivation()
    biases = {name for name, each in derivation.given.items() if each.kind is Kind.BIASES}
    asked = (derivation.find(part.name) for part in exercise.ask)
    return frozenset(biases) | {
        str(each.name)
        for each in asked
        if each is not None and each.name.relations and str(each.name.bare.of) in biases
    }
