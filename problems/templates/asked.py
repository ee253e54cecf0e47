"""What an exercise asks: names and groups of a definition spelled out, with shape and points."""

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.derivation import ASKABLE
from gradgrade.oracle.derivation.quantities import Group, Kind
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.documents.exercise import AskedFact, AskedQuantity
from gradgrade.problems.documents.facts import FactModel
from gradgrade.problems.documents.faults import as_written, unlisted
from gradgrade.problems.documents.faults.suggesting import LONGEST_LIKENED
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import allot, as_points, hundredths, split
from gradgrade.problems.documents.problem_set import (
    AskedPart,
    ExerciseDefinition,
    NetworkDefinition,
    ProgramDefinition,
)
from gradgrade.problems.documents.structures.network import LossModel, OptimizerModel, missing
from gradgrade.problems.errors import DocumentError, FieldError

GROUPS: Mapping[str, Collection[Group]] = MappingProxyType(
    {
        "lines": {Group.LINE},
        "gradients": {Group.GRADIENT},
        "updates": {Group.UPDATE},
        "all": ASKABLE - {Group.PARAMETER, Group.FACT, Group.JACOBIAN},
    }
)

_STATES = ("m", "v", "s")
"""What optimizers keep of a parameter, by the letter before its name."""

_GRADIENTS = (
    re.compile(r"[d∂∇]\w*/[d∂](?P<of>\w+)"),
    re.compile(r"(?:grad|gradient|nabla|partial)[_ ]?(?:of[_ ])?\(?(?P<of>\w+)\)?"),
    re.compile(r"(?P<of>\w+)(?:\.grad|_grad|_gradient|_bar)"),
    re.compile(r"∇_?(?P<of>\w+)"),
    re.compile(r"[d∂][A-Za-z]+?_?[d∂](?P<of>\w+)"),
)
"""How the gradient by something is written elsewhere: `dL/dh`, `grad_h`, `h.grad`, `dLdh`."""

_OF_LABELS = frozenset({Kind.MASK, Kind.SAMPLES})
"""Of a program's givens what has no gradient: masks and indices."""

_LAYER = re.compile(r"(?<=[A-Za-z_])[0-9]+")


def asked(definition: ExerciseDefinition, derivation: Derivation) -> Iterator[AskedQuantity]:
    """Yield the parts, groups spelled out, with shape, points and tolerance.

    Raises:
        FieldError: something that is asked is none of the exercise's quantities, or the points do
            not add up.
    """
    wanted: dict[str, int | None] = {}
    facts: dict[str, AskedFact] = {}
    for index, each in enumerate(definition.ask):
        part = AskedPart(name=each) if isinstance(each, str) else each
        if part.fact is not None:
            names: tuple[str, ...] = (part.fact.name,)
            facts[part.fact.name] = AskedFact.model_validate(
                part.model_dump(include=set(FactModel.model_fields))
            )
        else:
            assert part.name is not None
            _check_what_it_depends_on(definition, part.name, derivation)
            try:
                names = _names(part.name, derivation)
            except ValueError as error:
                raise FieldError(("ask", index), str(error)) from None
        new = [name for name in names if name not in wanted]
        if part.points is not None and not new:
            shown = names[0] if part.name is None else part.name
            said = f'"{shown}" is asked before, and its points would be lost; leave one out'
            raise FieldError(("ask", index), said)
        points: list[int | None] = [None] * len(new)
        if part.points is not None and new:
            points = list(split(hundredths(part.points), len(new)))
        wanted.update(zip(new, points, strict=True))
    try:
        shares = allot(hundredths(definition.points), list(wanted.values()))
    except DocumentError as error:
        field, _, said = str(error).partition(": ")
        raise FieldError(field, said) from None
    for name, share in zip(wanted, shares, strict=True):
        quantity = derivation.results[name]
        yield AskedQuantity(
            name=name,
            shape=list(quantity.document_shape(definition.convention)),
            points=as_points(share),
            tolerance=definition.tolerance,
            fact=facts.get(name),
        )


def _check_what_it_depends_on(
    definition: ExerciseDefinition, text: str, derivation: Derivation
) -> None:
    """Refuse what needs the loss, the optimizer, lines or a gradient where there is none.

    Raises:
        FieldError: it does; the message says what to write.
    """
    if isinstance(definition, ProgramDefinition):
        _check_that_something_is_differentiated(definition, text, derivation)
    if not isinstance(definition, NetworkDefinition):
        return
    batch = derivation.given["x"].shape[-1]
    # Updates need both: with the loss alone there is what needs no optimizer.
    stand_ins: dict[str, LossModel | OptimizerModel] = {
        "loss": LossModel(name="half_squared_error"),
        "optimizer": OptimizerModel(learning_rate=Number("1")),
    }
    if definition.upstream:
        # The gradient is given, and all that there is may be a way back without updates.
        del stand_ins["loss"]
        if text in GROUPS:
            return
    for field, stand_in in stand_ins.items():
        if getattr(definition, field) is None:
            definition = definition.model_copy(update={field: stand_in})
            if _found(text, definition.derive(batch)) != _found(text, derivation):
                raise FieldError(field, missing(field, as_written(text)))


def _check_that_something_is_differentiated(
    definition: ProgramDefinition, text: str, derivation: Derivation
) -> None:
    lines = derivation.members({Group.LINE})
    if not lines:
        raise FieldError("program", "it has no lines to ask for: write one, such as q = x * x")
    if definition.differentiate is not None or definition.upstream or _found(text, derivation):
        return
    known = {*derivation.given, *derivation.results}
    if text != "gradients" and not (text[:1] == "d" and text[1:] in known):
        return
    last = lines[-1]
    is_scalar = not derivation.results[last].shape
    such = f'differentiate = "{last}"' if is_scalar else f'upstream = ["{last}"]'
    raise FieldError(
        "differentiate",
        f"this field is missing, and {as_written(text)} depends on it; write it, such as {such}",
    )


def _found(text: str, derivation: Derivation) -> tuple[str, ...]:
    if text in GROUPS:
        return derivation.members(GROUPS[text])
    return (text,) if derivation.find(text) is not None else ()


def _names(text: str, derivation: Derivation) -> tuple[str, ...]:
    if text in GROUPS:
        left_out = _of_no_use(derivation) if text == "all" else frozenset()
        names = (name for name in derivation.members(GROUPS[text]) if name not in left_out)
        if found := tuple(names):
            return found
        raise ValueError(f'"{text}" is nothing here: no parameter is updated; ask something else')
    if derivation.find(text) is None:
        raise ValueError(_why_not(text, derivation))
    name = text.removesuffix("@1") if derivation.iterations == 1 else text
    return (name,)


def _why_not(text: str, derivation: Derivation) -> str:
    """Say why a name cannot be asked, and what can."""
    shown, names = as_written(text), tuple(derivation.results)
    if text in derivation.given:
        return f"{shown} is given to students, and nothing to ask; there are {', '.join(names)}"
    bare, _, iteration = text.partition("@")
    if iteration.isdigit() and derivation.find(bare) is not None:
        count = derivation.iterations
        there = "is one iteration" if count == 1 else f"are iterations 1 to {count}"
        return f"{shown} is of no iteration that there is: there {there} alone"
    if text[:1] in _STATES and bare[1:] in derivation.given:
        kept = [name for letter in _STATES if (name := f"{letter}{bare[1:]}") in names]
        if not kept:
            return f"{shown} is no state of this optimizer, which keeps no such; leave it out"
        such = f"for {bare[1:]} it keeps {' and '.join(kept)}"
        return f"{shown} is no state of this optimizer: {such}; write {' or '.join(kept)}"
    if text[:1] == "d" and _is_condition(bare[1:], derivation):
        condition = f"{bare[1:]} is a condition, 0 or 1, by which nothing is differentiated"
        return f"{shown} is no gradient: {condition}; leave it out"
    if (meant := _gradient_meant(text, derivation)) is not None:
        return f'{shown} is no name of a gradient here: write "{meant}"'
    layers = max((each.name.layer for each in derivation.results.values()), default=0)
    numbers = _LAYER.findall(bare)
    if numbers and not 1 <= int(numbers[0][:9]) <= layers:
        there = "is layer 1 alone" if layers == 1 else f"are layers 1 to {layers}"
        return f"{shown} is of no layer that there is: there {there}"
    groups = [name for name in GROUPS if name != "lines" or derivation.members(GROUPS[name])]
    return unlisted(text, (*groups, *names))


def _of_no_use(derivation: Derivation) -> frozenset[str]:
    """Return gradients that lead nowhere: of conditions, and of masks, indices and numbers alone.

    Of t = 2*y - 1, y a mask, say: nothing is learned by it.
    """
    labels = {each.name for each in derivation.givens if each.kind in _OF_LABELS}
    for step in derivation.steps:
        line = step.role
        if isinstance(line, Line) and (line.node.is_condition or labels.issuperset(step.reads)):
            labels.add(step.name)
    return frozenset(str(each.gradient.bare) for each in labels)


def _is_condition(text: str, derivation: Derivation) -> bool:
    """Tell whether a line of a program makes 0 and 1 alone."""
    lines = (step for step in derivation.steps if str(step.name) == text)
    return any(isinstance(each.role, Line) and each.role.node.is_condition for each in lines)


def _gradient_meant(text: str, derivation: Derivation) -> str | None:
    """Return the gradient that a name is elsewhere; None of what is none."""
    named = {
        str(each.name.of): name
        for name, each in derivation.results.items()
        if each.name == each.name.of.gradient
    }
    found = (pattern.fullmatch(text[:LONGEST_LIKENED]) for pattern in _GRADIENTS)
    return next((named[each["of"]] for each in found if each and each["of"] in named), None)
