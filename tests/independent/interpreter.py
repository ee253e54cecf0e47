"""What an exercise document says, computed sample by sample and scalar by scalar.

The loss is built from the definitions alone, as a graph of scalars, and every derivative is read
off that graph. Values carry more digits than were asked for, but a quantity that cancellation
makes tiny has lost as many as the cancellation took; asking for more digits gives them back.
"""

from __future__ import annotations

from tests.independent.autodiff import Variable
from tests.independent.nested import Nested, mapped
from tests.independent.networks.arithmetic import Arithmetic, Document, setting
from tests.independent.networks.conventions import external, internal_givens, is_parameter
from tests.independent.networks.forward import Forward
from tests.independent.networks.layers import LAYERS
from tests.independent.networks.losses import data_loss, penalty_terms
from tests.independent.networks.optimizers import states, updated


def interpret(exercise: Document, digits: int = 60) -> dict[str, Nested]:
    """Every quantity of an exercise, by name, in its own convention.

    Raises NotDifferentiableError at a kink, or closer to one than ten to the minus `digits`.
    """
    arithmetic = Arithmetic.of(exercise["arithmetic"], digits)
    convention = exercise["convention"]
    iterations = int(setting(exercise, "iterations", 1))
    givens = internal_givens(exercise["given"], arithmetic, convention)
    parameters = {name: values for name, values in givens.items() if is_parameter(name)}
    memories: dict[str, Nested] = {}
    results: dict[str, Nested] = {}
    for iteration in range(1, iterations + 1):
        forward = _forward_pass(exercise, arithmetic, givens, parameters, iteration)
        derivatives = forward.derivatives()
        updates, memories = updated(exercise, forward, derivatives, memories, iteration)
        found = forward.quantities() | derivatives | updates | states(memories)
        used = forward.parameter_values()
        parameters = parameters | {name: updates[f"{name}_new"] for name in memories}
        if iterations > 1:
            results |= external(_named_at(iteration, found | used), convention)
        if iteration == iterations:
            results |= external(found, convention)
    return results


def _named_at(iteration: int, found: dict[str, Nested]) -> dict[str, Nested]:
    """The quantities under the names they have in an iteration."""
    return {f"{name}@{iteration}": values for name, values in found.items()}


def _forward_pass(
    exercise: Document,
    arithmetic: Arithmetic,
    givens: dict[str, Nested],
    parameters: dict[str, Nested],
    iteration: int,
) -> Forward:
    """All layers and the loss, for the samples of an iteration."""
    sample_numbers = list(range(len(givens["x"])))
    if exercise.get("stochastic"):
        sample_numbers = [int(givens["samples"][iteration - 1]) - 1]
    inputs = mapped(Variable, [givens["x"][sample] for sample in sample_numbers])
    targets = [givens["y"][sample] for sample in sample_numbers]
    forward = Forward(arithmetic, givens, parameters, inputs, sample_numbers)
    activations = inputs
    for index, layer in enumerate(exercise["layers"], start=1):
        activations = LAYERS[layer["type"]](forward, layer, index, activations)
        forward.intermediates[f"a{index}"] = activations
    loss = data_loss(forward, exercise["loss"], activations, targets)
    penalties = penalty_terms(forward, exercise.get("regularization") or {})
    forward.loss = forward.total([loss, *penalties])
    return forward
