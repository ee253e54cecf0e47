"""Write `catalogue.md` from the catalogue and the gates: `python docs/make_catalogue.py`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradgrade.problems.catalogue import load, text
from gradgrade.problems.documents.base import Model
from gradgrade.problems.documents.problem_set import (
    AskedPart,
    ExerciseDefinition,
    NetworkDefinition,
    ProblemSet,
    ProgramDefinition,
)
from gradgrade.problems.documents.structures.layers import (
    AveragePoolingLayer,
    ConvolutionLayer,
    DenseLayer,
    LayerModel,
    LstmLayer,
    MaxPoolingLayer,
    RecurrentLayer,
)
from gradgrade.problems.gates import MARGIN, MARGIN_IN_ROUNDING
from gradgrade.problems.gates.misconceptions import CODE
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.rules import Finding
from gradgrade.problems.generate import Search, accept
from gradgrade.problems.misconceptions import MISCONCEPTIONS, mistakes
from gradgrade.problems.templates.template import Template, compile_template

SETS = (
    "first-steps",
    "losses-and-activations",
    "depth",
    "optimizers",
    "regularization-and-normalization",
    "convolution-and-sequences",
    "graphs-by-hand",
    "layers-backward",
    "embeddings-and-attention",
    "losses-and-fits",
)
"""The sets in the order of a course."""

VARIANTS = 20
SECRET = b"catalogue"
MOST_LINKS = 8
SAME = ("identical", "unasked")

HEADER = f"""\
# The catalogue

Problem sets that can be given to a course as they stand, in the order of one, beside `seeds`, the
worked examples of five introductions with their own numbers. `gradgrade catalogue` lists them,
`gradgrade catalogue show NAME` prints one, and `gradgrade generate NAME --out DIR --roster CSV`
gives every student numbers of their own.

This page is written by `python docs/make_catalogue.py`, from the sets and from what the generator
finds out about them, on the same draws each time.

- *Draws issued*: which share of the draws passes the gates, counted until {VARIANTS} variants are
  issued. Nobody is given the others: a unit is saturated, a value is too close to a kink or to 0,
  or a mistake would pass.
- *Shown by every variant*: mistakes that are sure to be marked wrong. A draw in which one comes
  within {MARGIN} bands of the right answers in every part is not issued; within
  {MARGIN_IN_ROUNDING}, where intermediate values may be rounded.
- *Same answers*: mistakes that lead to the right answers in this structure, whatever the numbers.
- *Within the tolerance*: mistakes that move the answers of all draws, or of too many to reject
  them, by no more than honest rounding may; with the share of draws that hide them.

A mistake that can be made in one layer alone stands with that layer where it is not shown there.
Mistakes that do not stand with an exercise do not apply to its structure: it has no step to make
them in. The [last table](#which-exercises-show-a-mistake) has, for each mistake, the exercises that
show it.
"""

TAUGHT = re.compile(r'((?:^#.*\n)+)\[\[exercises\]\]\nname = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the generator finds out about an exercise.

    Args:
        issued: which share of the draws is issued.
        shown: the codes of the mistakes that every variant shows, in a layer or all of them.
        hidden: of the others, why not.
    """

    issued: float
    shown: tuple[str, ...]
    hidden: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An exercise of the catalogue, with what its comment says that it teaches."""

    set_name: str
    definition: ExerciseDefinition
    teaches: str
    coverage: Coverage

    @property
    def anchor(self) -> str:
        """The link to its heading on the page."""
        return f"[{self.definition.name}](#{self.definition.name})"


def page() -> str:
    """Return the page."""
    sets = [load(name) for name in SETS]
    entries = {each.name: list(_entries(each)) for each in sets}
    everything = [entry for each in entries.values() for entry in each]
    lines = [HEADER, *_overview(sets)]
    for each in sets:
        lines += _set(each, entries[each.name])
    return "\n".join([*lines, *_mistakes(everything)])


def section(problem_set: ProblemSet, name: str) -> str:
    """Return what the page says of one exercise."""
    return "\n".join(_exercise(_entry(problem_set, problem_set.exercise(name))))


def _entries(problem_set: ProblemSet) -> Iterator[Entry]:
    return (_entry(problem_set, definition) for definition in problem_set.exercises)


def _entry(problem_set: ProblemSet, definition: ExerciseDefinition) -> Entry:
    teaches = {name: _prose(comment) for comment, name in TAUGHT.findall(text(problem_set.name))}
    return Entry(
        set_name=problem_set.name,
        definition=definition,
        teaches=teaches[definition.name],
        coverage=_coverage(compile_template(problem_set, definition.name)),
    )


def _prose(comment: str) -> str:
    return " ".join(line.removeprefix("#").strip() for line in comment.splitlines())


def _coverage(template: Template) -> Coverage:
    rules = rules_of(template)
    hidden = tuple(each for each in rules.findings if each.gate == CODE)
    subjects = {each.subject for each in hidden}
    searches = [
        Search(template.key(student=str(number), secret=SECRET, course=""))
        for number in range(1, VARIANTS + 1)
    ]
    rejected = sum(len(each.search.rejected) for each in accept(template, searches, rules))
    shown = dict.fromkeys(
        mistake.misconception.code
        for mistake in mistakes(template.derivation)
        if mistake.is_gated and mistake.subject not in subjects
    )
    return Coverage(issued=VARIANTS / (VARIANTS + rejected), shown=tuple(shown), hidden=hidden)


def _overview(sets: Sequence[ProblemSet]) -> list[str]:
    lines = ["| set | title | exercises |", "|---|---|---|"]
    for each in sets:
        exercises = ", ".join(f"[{one.name}](#{one.name})" for one in each.exercises)
        lines.append(f"| [`{each.name}`](#{each.name}) | {each.title} | {exercises} |")
    return [*lines, ""]


def _set(problem_set: ProblemSet, entries: Sequence[Entry]) -> list[str]:
    comment = text(problem_set.name).partition("schema =")[0]
    lines = [f"## {problem_set.name}", "", f"**{problem_set.title}.** {_prose(comment)}", ""]
    for entry in entries:
        lines += _exercise(entry)
    return lines


def _exercise(entry: Entry) -> list[str]:
    definition, coverage = entry.definition, entry.coverage
    asked = (each.name if isinstance(each, AskedPart) else each for each in definition.ask)
    rows = {
        **_structure(definition),
        "asked": _codes(asked),
        "draws issued": _percent(coverage.issued),
        f"shown by every variant ({len(coverage.shown)})": _codes(coverage.shown),
        "same answers": _codes(_subjects(coverage.hidden, *SAME)),
        "within the tolerance": ", ".join(
            f"`{each.subject}` ({_percent(each.share)})"
            for each in coverage.hidden
            if each.kind not in SAME
        ),
    }
    table = [f"| {name} | {value} |" for name, value in rows.items() if value]
    return [
        *(f"### {definition.name}", ""),
        *(f"**{definition.title}** ({definition.points.text} points). {entry.teaches}", ""),
        *("| | |", "|---|---|", *table, ""),
    ]


def _structure(definition: NetworkDefinition | ProgramDefinition) -> dict[str, str]:
    """Return what an exercise computes, in the rows of its table."""
    if isinstance(definition, ProgramDefinition):
        return _program(definition)
    return {
        "network": _network(definition),
        "loss": _loss(definition),
        "optimizer": _optimizer(definition),
        "numbers": _numbers(definition),
    }


def _program(definition: ProgramDefinition) -> dict[str, str]:
    types = definition.types().items()
    lines = "<br>".join(f"`{line}`" for line in definition.program.strip().splitlines())
    trained = [] if definition.optimizer is None else [_optimizer(definition)]
    return {
        "program": lines.replace("|", "\\|"),
        "arrays": ", ".join(f"`{name}` {_size(each.shape) or 'a number'}" for name, each in types),
        "differentiated": f"`{definition.differentiate}`" if definition.differentiate else "",
        "upstream given": _codes(definition.upstream),
        "optimizer": "; ".join(trained),
        "numbers": _precision(definition),
    }


def _subjects(findings: Sequence[Finding], *kinds: str) -> list[str]:
    return [each.subject for each in findings if each.kind in kinds]


def _network(definition: NetworkDefinition) -> str:
    inputs = definition.inputs
    first = _counted(inputs, "input") if isinstance(inputs, int) else _size(inputs)
    return " → ".join([first, *map(_layer, definition.layers)])


def _layer(layer: LayerModel) -> str:
    """Return a layer in words: its type where it is not dense, its size, and what is not usual."""
    stated = {
        name: value
        for name, value in layer.model_dump(exclude_unset=True, exclude_none=True).items()
        if name not in ("type", "units", "filters", "kernel", "size", "activation")
    }
    words = [] if layer.type == "dense" else [layer.type.replace("_", " ")]
    if isinstance(layer, ConvolutionLayer):
        words.append(f"{layer.filters} of {_size(layer.kernel)}")
    if isinstance(layer, MaxPoolingLayer | AveragePoolingLayer):
        words.append(_size(layer.size))
    if isinstance(layer, DenseLayer | RecurrentLayer | LstmLayer):
        words.append(str(layer.units))
    if isinstance(layer, DenseLayer | ConvolutionLayer):
        words.append(layer.activation)
    if stated:
        words.append(f"({_listed(stated)})")
    return " ".join(words)


def _loss(definition: NetworkDefinition) -> str:
    loss = _model(definition.loss)
    if definition.regularization is None:
        return loss
    return f"{loss}; regularization {_listed(_set_fields(definition.regularization))}"


def _optimizer(definition: NetworkDefinition | ProgramDefinition) -> str:
    optimizer = definition.optimizer
    stated = _set_fields(optimizer)
    stated.pop("schedule", None)
    name = stated.pop("name", optimizer.name)
    words = [f"`{name}`: {_listed(stated)}"]
    if optimizer.schedule is not None:
        words.append(f"schedule {_model(optimizer.schedule)}")
    if definition.iterations > 1:
        words.append(f"{definition.iterations} iterations")
    if isinstance(definition, NetworkDefinition) and definition.freeze:
        words.append(f"{', '.join(definition.freeze)} frozen")
    return "; ".join(words)


def _numbers(definition: NetworkDefinition) -> str:
    samples = _counted(definition.batch or 1, "sample")
    used = ", one in each iteration" if definition.stochastic else ""
    return f"{samples} in {definition.convention}s{used}; {_precision(definition)}"


def _precision(definition: ExerciseDefinition) -> str:
    if definition.rounding is None:
        how = "by hand, exactly" if definition.arithmetic == "decimal" else "in code"
        return f"{how}, {definition.arithmetic}"
    ((kind, digits),) = _set_fields(definition.rounding).items()
    words = {"decimals": "decimals", "significant": "significant digits"}
    return f"by hand, rounded to {digits} {words[kind]}"


def _model(model: Model) -> str:
    stated = _set_fields(model)
    name = stated.pop("name")
    return f"`{name}`: {_listed(stated)}" if stated else f"`{name}`"


def _set_fields(model: Model) -> dict[str, object]:
    return model.model_dump(exclude_unset=True, exclude_none=True)


def _listed(stated: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_value(each)}" for name, each in stated.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return _size(value)
    return str(getattr(value, "text", value)).replace("_", " ")


def _size(extents: Sequence[int]) -> str:
    return " × ".join(map(str, extents))


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _codes(codes: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in codes)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _mistakes(entries: Sequence[Entry]) -> list[str]:
    lines = ["## Which exercises show a mistake", ""]
    lines += ["| code | mistake | shown by |", "|---|---|---|"]
    for each in (each for each in MISCONCEPTIONS if each.is_gated):
        shown = [entry.anchor for entry in entries if each.code in entry.coverage.shown]
        links = ", ".join(shown) if len(shown) <= MOST_LINKS else f"{len(shown)} exercises"
        remedy = f"none: {each.exposure}"
        lines.append(f"| `{each.code}` | {each.title} | {links or remedy} |")
    return [*lines, ""]


if __name__ == "__main__":
    Path(__file__).with_name("catalogue.md").write_text(page(), encoding="utf-8")
