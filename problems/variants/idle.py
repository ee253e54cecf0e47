"""What of a program does nothing: arrays that no line reads, lines that nothing given changes."""

from collections.abc import Iterator

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.templates.template import Template


def idle(template: Template) -> tuple[str, ...]:
    """Say of each such array and line what to do; of networks there is nothing to say.

    A line that is a mere number, `epsilon = 0.01`, gives it a name, and is warned of where it is
    asked alone.

    >>> from gradgrade.problems.catalogue import load
    >>> from gradgrade.problems.templates.template import compile_template
    >>> idle(compile_template(load("graphs-by-hand"), "a-quotient"))
    ()
    """
    if template.definition.type != "program":
        return ()
    return (*_unread(template), *_unvarying(template))


def _unread(template: Template) -> Iterator[str]:
    read = {name for step in template.derivation.steps for name in step.reads}
    for given in template.arrays:
        if given.name not in read:
            yield (
                f"exercise {template.definition.name!r}: no line reads {given.name}, which is "
                "given: leave it out of arrays, or write the line that reads it"
            )


def _unvarying(template: Template) -> Iterator[str]:
    asked = {part.name for part in template.ask}
    varying = {each.name for each in template.derivation.givens}
    told = set[Name]()
    for step in template.derivation.steps:
        line, name = step.role, step.name.bare
        if not varying.isdisjoint(step.reads):
            varying.add(step.name)
        elif isinstance(line, Line) and line.node.is_line and name not in told:
            is_number = line.node.function == "same" and line.reads == (None,)
            if is_number and not asked & {str(name), str(step.name)}:
                continue
            told.add(name)
            yield (
                f"exercise {template.definition.name!r}: the line {name} depends on nothing that "
                "is given, so it is the same in every variant: make it of a given, or do not ask it"
            )
