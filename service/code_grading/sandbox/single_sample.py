"""An exercise cut down to one sample: what a program for a batch should do as well."""

from typing import Any

from gradgrade.oracle.derivation.quantities import Kind, Layout, Quantity
from gradgrade.problems import Exercise
from gradgrade.problems.documents.exercise import NetworkExercise


def cut_to_one_sample(exercise: Exercise) -> dict[str, Any] | None:
    """Return the document of an exercise with its first sample alone.

    Returns:
        The document, or None where the batch is one already, or one sample cannot be taken out:
        of layers that normalize over the batch, and of samples that are drawn anew.
    """
    if not isinstance(exercise, NetworkExercise):
        return None
    is_dense = all(layer.type == "dense" for layer in exercise.layers)
    if exercise.batch == 1 or exercise.stochastic or not is_dense:
        return None
    data = exercise.to_data()
    given = {**data["given"]}
    derivation = exercise.derive(1)
    for name in (str(each.name) for each in derivation.given.values() if _is_of_samples(each)):
        rows = given[name]
        given[name] = rows[:1] if exercise.convention == "row" else [row[:1] for row in rows]
    ask = [
        {**part, "shape": list(_shape(derivation, part["name"], exercise.convention))}
        for part in data["ask"]
    ]
    return {**data, "batch": 1, "given": given, "ask": ask}


def _is_of_samples(given: Quantity) -> bool:
    return given.layout is Layout.SAMPLES and given.kind is not Kind.SAMPLES


def _shape(derivation: Any, name: str, convention: Any) -> tuple[int, ...]:
    return tuple(derivation.find(name).document_shape(convention))
