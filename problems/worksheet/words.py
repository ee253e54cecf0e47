"""An exercise in words: its network, what is done with it, and how its answers are taken."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gradgrade.oracle.programs.text.preamble import definitions
from gradgrade.problems.documents.exercise import (
    AskedQuantity,
    Exercise,
    NetworkExercise,
    ProgramExercise,
)
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.structures.layers import DenseLayer, LayerModel
from gradgrade.problems.documents.structures.network import LossModel, OptimizerModel
from gradgrade.problems.documents.structures.until import OF_NETWORKS, UntilModel
from gradgrade.problems.documents.tolerance import (
    DecimalsTolerance,
    RelativeTolerance,
    Rounding,
    SignificantTolerance,
)
from gradgrade.problems.scripts import names
from gradgrade.problems.scripts.check import used

CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "column": "Samples are columns; the weights W are (to, from), so that z = W a + b.",
        "row": "Samples are rows; the weights W are (from, to), so that z = a W + b.",
    }
)
_BIASES: Mapping[str, str] = MappingProxyType(
    {
        "per_unit": "a bias for each unit",
        "shared": "one bias that all units share",
        "none": "no bias",
        "ones": "a 1 added to each input as its bias, with weights of its own",
    }
)


def about(exercise: Exercise) -> str:
    """Return which exercise this is, on one line."""
    name = f"{exercise.problem_set}/{exercise.name}"
    return f"{name}, {points(exercise.points)}, variant {exercise.id}"


def title(exercise: Exercise) -> str:
    """Return the title, or the name where there is none."""
    return exercise.title if exercise.title.strip() else exercise.name


def points(number: Number) -> str:
    """Return how many points these are."""
    return f"{number.text} {'point' if number.text == '1' else 'points'}"


def structure(exercise: Exercise) -> Iterator[str]:
    """Yield what is computed: a network with its loss and optimizer, or what a program takes."""
    if isinstance(exercise, ProgramExercise):
        yield from _program(exercise)
    elif isinstance(exercise, NetworkExercise):
        yield from _network(exercise)


def defined(exercise: Exercise) -> str:
    """Return the functions that a program calls and numpy does not have, as Python on numpy."""
    if not isinstance(exercise, ProgramExercise):
        return ""
    return "\n".join(definitions(exercise.program).values()).rstrip()


def code(exercise: Exercise) -> Iterator[str]:
    """Yield how a file of code is used, where the exercise says so by a script."""
    if exercise.code is None:
        return
    own = ", ".join(each.name for each in used(exercise.code, exercise))
    main = exercise.code.main or "The file that is handed in"
    yield f"{main} defines {own}; these lines use it, one after another, and bind what is asked."
    given = ", ".join(names.givens_of(exercise, exercise.code))
    numbers = names.numbers_of(exercise, exercise.code).items()
    stated = ", ".join(f"{name} = {value:g}" for name, value in numbers)
    yield f"They find np, {stated and f'{stated}, '}and the givens as arrays of numpy: {given}."
    if exercise.code.column_biases:
        yield "Biases, and what has their shape, are columns, (n, 1)."
    if exercise.code.files:
        yield f"Beside the file lie the course's own: {', '.join(exercise.code.files)}."
    if exercise.code.packages:
        yield f"What else may be imported: {', '.join(exercise.code.packages)}."


def _program(exercise: ProgramExercise) -> Iterator[str]:
    yield f"Every line is Python as numpy runs it{_and_defined(exercise)}."
    if exercise.sizes:
        sizes = ", ".join(f"{name} = {size}" for name, size in exercise.sizes.items())
        yield f"Sizes: {sizes}."
    types = exercise.types()
    shapes = ", ".join(f"{name} ({shape(each.shape)})" for name, each in types.items())
    yield f"Given: {shapes}."
    for name, each in types.items():
        if each.integers is not None:
            yield f"{name} holds whole numbers from {each.integers[0]} to {each.integers[1]}."
        if each.mask:
            yield f"{name} is a mask: its entries are 0 or 1."
    yield from differentiated(exercise)
    if exercise.optimizer is not None:
        yield f"Optimizer: {_optimizer(exercise.optimizer)}; it updates " + (
            f"{', '.join(exercise.parameters)}. NAME_new is NAME after its update."
        )
    yield from _iterations(exercise.iterations)
    yield from _until(exercise.until)


def _and_defined(exercise: ProgramExercise) -> str:
    """Return what is said of functions that numpy does not have; they stand below the program."""
    names = ", ".join(definitions(exercise.program))
    return names and f"; what numpy does not have is defined below it: {names}"


def differentiated(exercise: ProgramExercise) -> Iterator[str]:
    """Yield what the gradients of a program are of."""
    if exercise.differentiate is not None:
        of = exercise.differentiate
        yield f"dNAME is the derivative of {of} by NAME, in formulas ∂{of}/∂NAME."
    elif exercise.upstream:
        own = exercise.derivation().own_names
        assert own is not None
        letter = own.differentiated
        given = " and ".join(f"d{name}" for name in exercise.upstream)
        by = " and ".join(exercise.upstream)
        verb = "is" if len(exercise.upstream) == 1 else "are"
        yield (
            f"{given} {verb} given: the derivative by {by} of whatever {letter} follows. dNAME is "
            f"the derivative of {letter} by NAME, in formulas ∂{letter}/∂NAME."
        )


def _iterations(count: int) -> Iterator[str]:
    if count > 1:
        yield (
            f"Iterations: {count}; NAME@t is NAME in iteration t, a bare name is the last one's."
        )


def _until(until: UntilModel | None) -> Iterator[str]:
    if until is not None:
        yield (
            f"Training stops where {_met(until)}. Each iteration works out the loss, looks whether "
            "to stop, and only then updates; there are at most "
            f"{until.at_most} updates. steps is how many were made; every other name is its value "
            "where training stops, and NAME_new is NAME after these updates."
        )


STOPS = (
    "stops is 1 in the iteration where training stops and 0 in all others: of a sum with it, what "
    "that iteration has is left."
)
"""What stands in formulas of exercises whose training stops where a condition holds."""

MET_AND_STOPS = f"met is 1 in an iteration where the condition holds and 0 in any other. {STOPS}"
"""The same where it is worked out."""


def _met(until: UntilModel) -> str:
    if until.loss_below is not None:
        return f"the loss is below {until.loss_below.text}"
    if until.gradient_norm_below is not None:
        return (
            "the gradients of all updated parameters, taken together as one vector, have a length "
            f"below {until.gradient_norm_below.text}"
        )
    standing = (until.validation or OF_NETWORKS).items()
    data = " and ".join(f"{stand_in} in place of {of}" for of, stand_in in standing)
    last = "loss, worked out" if until.patience == 1 else f"{until.patience} losses, worked out"
    above = "is above the least" if until.patience == 1 else "are all above the least"
    return f"the last {last} with {data}, {above} before"


def _network(exercise: NetworkExercise) -> Iterator[str]:
    inputs = exercise.inputs
    sizes = str(inputs) if isinstance(inputs, int) else " × ".join(map(str, inputs))
    samples = "1 sample" if exercise.batch == 1 else f"{exercise.batch} samples"
    yield f"Inputs: {sizes}, {samples}. {CONVENTIONS[exercise.convention]}"
    for index, layer in enumerate(exercise.layers, start=1):
        yield f"Layer {index}: {_layer(layer)}."
    if exercise.loss is not None:
        yield f"Loss: {_loss(exercise, exercise.loss)}."
    if exercise.upstream:
        last = len(exercise.layers)
        yield f"da{last} is given: the derivative of what follows by a{last}."
    if exercise.optimizer is not None:
        yield f"Optimizer: {_optimizer(exercise.optimizer)}."
    if exercise.freeze:
        yield f"Not updated: {', '.join(exercise.freeze)}."
    yield from _iterations(exercise.iterations)
    yield from _until(exercise.until)
    if exercise.stochastic:
        yield "Each iteration uses one sample alone, the one that `samples` names."


def lies(exercise: Exercise) -> str:
    """Return how samples and weights lie, before another sentence; of a program it says nothing."""
    if isinstance(exercise, ProgramExercise):
        return ""
    return f"{CONVENTIONS[exercise.convention]} "


def rules(exercise: Exercise) -> Iterator[str]:
    """Yield how to work and how answers are taken."""
    if exercise.arithmetic == "decimal":
        yield "Every number stands for exactly the decimal that is written."
    else:
        yield "Every number stands for the nearest double (binary64)."
    if exercise.rounding is not None:
        yield f"You may round every intermediate value to {_places(exercise.rounding)}."


def asked(exercise: Exercise, part: AskedQuantity) -> str:
    """Return what is asked of a part: its shape, its points, its tolerance."""
    sizes = shape(tuple(part.shape))
    return f"{sizes}, {points(part.points)}, {tolerance(exercise, part)}"


def tolerance(exercise: Exercise, part: AskedQuantity) -> str:
    """Return how near an answer must come.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> tolerance(exercise, exercise.ask[0])
    'to 4 decimals, rounded or truncated'
    """
    rule = part.tolerance
    if isinstance(rule, DecimalsTolerance):
        return f"to {_count(rule.decimals, 'decimal')}, rounded or truncated"
    if isinstance(rule, SignificantTolerance):
        return f"to {_count(rule.significant, 'significant digit')}, rounded or truncated"
    if isinstance(rule, RelativeTolerance):
        return f"within {rule.relative.text} × |value| + {rule.absolute.text}"
    if exercise.rounding is not None:
        return "as near as the stated rounding leaves it"
    return f"as near as careful code in {exercise.precision} comes"


def shape(sizes: tuple[int, ...]) -> str:
    """Return a shape in words.

    >>> shape((4, 3)), shape((4,)), shape(())
    ('4 × 3', '4 entries', 'a number')
    """
    if not sizes:
        return "a number"
    return " × ".join(map(str, sizes)) if len(sizes) > 1 else _count(sizes[0], "entry")


def _layer(layer: LayerModel) -> str:
    if isinstance(layer, DenseLayer):
        activation = _with_numbers(layer.activation, layer.numbers())
        return f"dense, {_count(layer.units, 'unit')}, {activation}, {_BIASES[layer.bias]}"
    fields = (
        f"{name.replace('_', ' ')} {_value(value)}"
        for name, value in layer
        if name != "type" and value is not None
    )
    return ", ".join([layer.type.replace("_", " "), *fields])


def _value(value: object) -> str:
    if isinstance(value, list):
        return " × ".join(map(str, value))
    return value.text if isinstance(value, Number) else str(value).replace("_", " ")


def _with_numbers(name: str, numbers: dict[str, Number]) -> str:
    words = name.replace("_", " ")
    listed = ", ".join(f"{each} = {number.text}" for each, number in numbers.items())
    return f"{words} ({listed})" if listed else words


def _loss(exercise: NetworkExercise, loss: LossModel) -> str:
    words = {
        "mean": ", the mean over the samples",
        "mean_elements": ", the mean over samples and outputs",
        "sum": ", summed over the samples",
    }
    over = words.get(loss.reduction or "", "")
    penalties = {} if exercise.regularization is None else exercise.regularization.numbers()
    return (
        _with_numbers(loss.name, loss.numbers())
        + over
        + "".join(
            f", plus the {name} penalty on all weights with λ = {number.text}"
            for name, number in penalties.items()
        )
    )


def _optimizer(optimizer: OptimizerModel) -> str:
    own = {
        name: number
        for name, number in optimizer.numbers().items()
        if optimizer.schedule is None or name not in optimizer.schedule.numbers()
    }
    words = _with_numbers(optimizer.name, own)
    if optimizer.schedule is None:
        return words
    schedule = optimizer.schedule
    every = "" if schedule.every is None else f", every {schedule.every} iterations"
    return f"{words}, schedule {_with_numbers(schedule.name, schedule.numbers())}{every}"


def _places(rounding: Rounding) -> str:
    if rounding.decimals is not None:
        return _count(rounding.decimals, "decimal")
    return _count(rounding.significant or 0, "significant digit")


def _count(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what.removesuffix('y')}ies" if what.endswith("ry") else f"{number} {what}s"
