"""The template of an exercise: all that its variants share, and where their numbers come from."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import sha256
from math import prod, sqrt
from typing import Any

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.facts import Fact
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import SENSITIVITIES, Kind, Quantity
from gradgrade.oracle.deviates import Normal
from gradgrade.oracle.nested import build, flatten, shape_of, transpose
from gradgrade.oracle.networks.layers.dropout import RATE
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import BYTES_OF_NUMBER, checked
from gradgrade.problems.documents.exercise import (
    Exercise,
    NetworkExercise,
    ProgramExercise,
    check_given,
    shape_given,
)
from gradgrade.problems.documents.facts import check_steps, extended
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import (
    DEFINITIONS,
    AskedPart,
    ExerciseDefinition,
    Grid,
    NetworkDefinition,
    ProblemSet,
    ProgramDefinition,
)
from gradgrade.problems.documents.strict_json import Written, canonical
from gradgrade.problems.documents.structures.code import CodeDefinition, CodeInterface
from gradgrade.problems.errors import MOST_FAULTS, DocumentError, Fault, FieldError
from gradgrade.problems.scripts.check import check_script
from gradgrade.problems.scripts.engine import engine_script
from gradgrade.problems.templates.asked import asked
from gradgrade.problems.templates.streams import Stream, keyed_digest

MOST_OF_TEMPLATES = 32 * MEBIBYTE
"""Hundreds of those of ordinary exercises."""

MOST_POINTS = 1024
"""Of the grid of each array, which numbers are kept once they were drawn."""

GENERATOR = "3"
"""The version of the draws: raised whenever the same arguments would give another variant."""

GENERATOR_OF_PROGRAMS = "4"
"""Likewise of programs, whose draws other mistakes reject."""

UNGATED = frozenset({"name", "title", "points", "ask", "carried_forward", "batch", "code"})
"""What of a definition no gate looks at as it is written: names and points, what is asked by group,
a batch that arrays may state in its place, and how code is used."""

PRESENTED = frozenset({"hints"})
"""What of a definition no variant is made from: how it is presented may change at any time."""

Given = Mapping[str, Any]
"""Nested `Number`s by the names of the arrays that an exercise gives."""

Draw = Callable[[Stream], list[Number]]
"""What draws the entries of one array, in the order of documents."""

FEW_VARIANTS = 10**6
"""Of fewer, whoever asks for many variants meets those of students again."""


def compile_template(problem_set: ProblemSet, exercise: str) -> "Template":
    """Return the template of an exercise of a set; it is compiled once for each definition.

    Raises:
        DocumentError: there is no such exercise, or its definition does not hold together.
    """
    definition = problem_set.exercise(exercise).model_dump(
        exclude_defaults=True, exclude=set(PRESENTED)
    )
    try:
        return _compile(problem_set.name, canonical(definition))
    except FieldError as error:
        raise problem_set.placed(exercise, error) from None


def compile_templates(problem_set: ProblemSet) -> tuple["Template", ...]:
    """Return the templates of all exercises of a set.

    Raises:
        DocumentError: definitions do not hold together; the first fault of each exercise is told.
    """
    templates, faults = list[Template](), list[Fault]()
    for exercise in problem_set.exercises:
        try:
            templates.append(compile_template(problem_set, exercise.name))
        except DocumentError as error:
            faults += error.faults
    if faults:
        raise DocumentError(problem_set.kind, faults[:MOST_FAULTS])
    return tuple(templates)


@kept_within(MOST_OF_TEMPLATES)
def _compile(problem_set: str, definition: str) -> "Template":
    return Template(problem_set, definition)


class Template:
    """All that the variants of an exercise share: everything but their numbers.

    Args:
        problem_set: the name of the set.
        text: the definition as canonical JSON; two exercises with the same one are the same.

    Raises:
        FieldError: the definition does not hold together.
    """

    def __init__(self, problem_set: str, text: str) -> None:
        self.problem_set = problem_set
        self.text = text
        self.definition = DEFINITIONS.validate_python(strict_json.loads(text))
        self.batch = _batch(self.definition)
        self.derivation = self._derived()
        self.ask = tuple(asked(self.definition, self.derivation))
        check_given(self.definition, self.definition.given, self.derivation)
        scalars = self.definition.scalars()
        self.arrays = tuple(
            each for name, each in self.derivation.given.items() if name not in scalars
        )
        if self.definition.code is not None:
            check_script(self._specimen)

    def _derived(self) -> Derivation:
        derivation = self.definition.derive(self.batch)
        # What is asked twice is stated once.
        facts = dict[Fact, None]()
        for at, each in enumerate(self.definition.ask):
            fact = each.fact if isinstance(each, AskedPart) else None
            if fact is None:
                continue
            facts[fact] = None
            try:
                check_steps(facts)
                extended(derivation, (fact,))
            except ValueError as error:
                raise FieldError(("ask", at), str(error)) from None
        return extended(derivation, tuple(facts))

    @property
    def is_drawn(self) -> bool:
        """Whether another draw gives other numbers."""
        return any(str(quantity.name) not in self.definition.given for quantity in self.arrays)

    @cached_property
    def variety(self) -> int | None:
        """How many variants there are before the gates; None where they are a million or more."""
        count = 1
        for each in self.arrays:
            if str(each.name) not in self.definition.given:
                choices, times = self._choices(each)
                # Two to the twentieth are a million already.
                count *= choices ** min(20, times)
            if count >= FEW_VARIANTS:
                return None
        return count

    @cached_property
    def forward_share(self) -> float:
        """The share of the points that no derivative is needed for; 0 where there is none."""
        if not any(step.quantity.group in SENSITIVITIES for step in self.derivation.steps):
            return 0.0
        points = {part.name: hundredths(part.points) for part in self.ask}
        forward = sum(points[name] for name in points if self._is_forward(name))
        return forward / (sum(points.values()) or 1)

    def _is_forward(self, name: str) -> bool:
        quantity = self.derivation.find(name)
        assert quantity is not None
        steps = self.derivation.needed_for(quantity.name, from_names=())
        return not any(step.quantity.group in SENSITIVITIES for step in steps)

    @property
    def size(self) -> int:
        """How many entries a variant's quantities have, given and derived."""
        steps = (step.quantity for step in self.derivation.steps)
        return sum(prod(each.matrix_shape) for each in (*self.arrays, *steps))

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        ranges = (self.definition.range_of(each) for each in self.arrays)
        points = sum(min(MOST_POINTS, each.count) for each in ranges if isinstance(each, Grid))
        # The numbers that it gives are kept as they are written and as they are issued.
        given = 2 * self.definition.bytes_kept + len(self.text)
        return self.derivation.bytes_kept + BYTES_OF_NUMBER * points + given

    @cached_property
    def structure(self) -> bytes:
        """What stands for all that the gates look at: numbers, what is asked, tolerance and draws.

        Exercises that differ in their names and points alone have the same.
        """
        definition = self.definition.model_dump(exclude_defaults=True, exclude=set(UNGATED))
        asked = {"ask": [part.name for part in self.ask], "batch": self.batch}
        return sha256(canonical(definition | asked).encode()).digest()

    @property
    def generator(self) -> str:
        """The version of its draws."""
        return GENERATOR_OF_PROGRAMS if self.definition.type == "program" else GENERATOR

    def key(self, *, student: str, secret: bytes, course: str) -> bytes:
        """Return what a student's draws are made from; its first 16 hex digits are the id."""
        parts = (course, self.problem_set, self.definition.name, student, self.generator, self.text)
        return keyed_digest(secret, *(part.encode() for part in parts))

    def draw(self, stream: Stream) -> Given:
        """Return the arrays of the variant that a stream draws, those given ones included."""
        fixed = self._fixed
        return {
            name: fixed[name] if name in fixed else build(drawn(stream), shape)
            for name, (drawn, shape) in self._draws.items()
        }

    def exercise(self, key: bytes, given: Given) -> Exercise:
        """Return the variant with these arrays."""
        # What the specimen was checked for holds for every variant of the same template.
        return self._specimen.model_copy(update={"id": variant_id(key), "given": given})

    def written(self, exercise: Exercise) -> str:
        """Write one of the template's variants: the very text of its `to_json`, sooner."""
        arrays = (Written.array(array, str) for array in exercise.given.values())
        return self._text_of_all % (exercise.id, *arrays)

    @cached_property
    def _text_of_all(self) -> str:
        """The text of all variants, with %s where they differ."""
        given = dict.fromkeys(self._draws, strict_json.HOLE)
        data = self._specimen.to_data() | {"id": Written(f'"{strict_json.HOLE}"'), "given": given}
        return strict_json.with_holes(data)

    @cached_property
    def _specimen(self) -> Exercise:
        """A variant that is checked as a whole; all others are copies of it with other numbers."""
        definition = self.definition
        shared = definition.model_dump(
            exclude={"ask", "tolerance", "draw", "given", "batch", "title", "code"} | PRESENTED
        )
        data = shared | {
            "schema": "gradgrade/exercise/1",
            "id": variant_id(bytes(32)),
            "problem_set": self.problem_set,
            "title": definition.title or definition.name,
            **({} if definition.type == "program" else {"batch": self.batch}),
            **self._code,
            "given": self.draw(Stream(bytes(32))),
            "ask": [part.model_dump() for part in self.ask],
            "generator": self.generator,
        }
        model = ProgramExercise if definition.type == "program" else NetworkExercise
        specimen = checked(model, data, f"exercise {definition.name!r}")
        return specimen.model_copy(update={"given": {}})

    @property
    def _code(self) -> Mapping[str, Any]:
        """What an exercise shows of how code is used.

        Raises:
            FieldError: the script stands in a file that was not read.
        """
        if self.definition.code is None:
            return {}
        if self.definition.code.engine is not None:
            return {"code": self._engine_code(self.definition.code).model_dump()}
        interface = self.definition.code.interface
        if interface is None:
            raise FieldError(
                ("code", "file"),
                f'"{self.definition.code.file}" is read where the set is a file beside it; '
                "write the script itself here",
            )
        return {"code": interface.model_dump()}

    def _engine_code(self, code: CodeDefinition) -> CodeInterface:
        """Return how an engine is used, its script made of the program."""
        if code.engine is None or not isinstance(self.definition, ProgramDefinition):
            raise FieldError(
                ("code", "engine"), 'an engine computes a program: write type = "program"'
            )
        asked = [part.name for part in self.ask]
        unscripted = code.with_script("pass")
        return code.with_script(engine_script(self.definition, code.engine, unscripted, asked))

    @cached_property
    def _fixed(self) -> Given:
        """The arrays that the definition gives, as an exercise of its arithmetic writes them."""
        fixed = {}
        for name, array in self.definition.given.items():
            numbers = flatten(array)
            if self.definition.picks(name, self.batch) is None:
                numbers = [each.written_in(self.definition.arithmetic) for each in numbers]
            fixed[name] = build(numbers, shape_of(array))
        return fixed

    @cached_property
    def _draws(self) -> Mapping[str, tuple[Draw, tuple[int, ...]]]:
        """What draws each array, and its shape."""
        return {
            str(each.name): (self._drawing(each), shape_given(self.definition, each))
            for each in self.arrays
        }

    @property
    def _has_distributions(self) -> bool:
        return self.definition.targets == "distribution"

    def _drawing(self, quantity: Quantity) -> Draw:
        name, kind = str(quantity.name), quantity.kind
        if kind is Kind.TARGETS and self._has_distributions:
            return self._one_hot(quantity)
        picks = self.definition.picks(name, self.batch)
        if picks is not None:
            numbers = [Number(str(each)) for each in range(picks.lowest, picks.highest + 1)]
            return _uniform(name, picks.count, len(numbers), numbers.__getitem__)
        count = prod(quantity.shape)
        if kind is Kind.MASK and isinstance(self.definition, NetworkDefinition):
            rate = Fraction(self.definition.scalars()[str(Name(RATE, quantity.name.layer))])
            return lambda stream: [
                self._number(int(stream.probability(name, index) >= rate)) for index in range(count)
            ]
        source = self.definition.range_of(quantity)
        if isinstance(source, Grid):
            points = lru_cache(maxsize=MOST_POINTS)(lambda index: self._number(source.point(index)))
            return _uniform(name, count, source.count, points)
        fan_out, fan_in = quantity.matrix_shape
        variance = source.variance(fan_in=fan_in, fan_out=fan_out)
        normal = Normal(variance=variance, places=source.places)
        return lambda stream: [
            self._number(normal.deviate(stream.probability(name, index))) for index in range(count)
        ]

    def _choices(self, quantity: Quantity) -> tuple[int, int]:
        """Return among how many a drawn array's draws choose, about, and how often it is drawn."""
        rows, columns = quantity.matrix_shape
        if quantity.kind is Kind.TARGETS and self._has_distributions:
            return rows, columns
        count = prod(quantity.shape)
        picks = self.definition.picks(str(quantity.name), self.batch)
        if picks is not None:
            return 1 + picks.highest - picks.lowest, picks.count
        if quantity.kind is Kind.MASK:
            return 2, count
        source = self.definition.range_of(quantity)
        if isinstance(source, Grid):
            return source.count, count
        # Nearly all normal deviates lie within four deviations of 0.
        deviation = sqrt(source.variance(fan_in=columns, fan_out=rows))
        return 1 + int(8 * deviation * 10**source.places), count

    def _number(self, value: Decimal | int) -> Number:
        """Return a drawn value as an exercise of this arithmetic writes it."""
        number = Number(str(value)).written_in(self.definition.arithmetic)
        number.decimal()  # refuses what vanishes in binary64
        return number

    def _one_hot(self, quantity: Quantity) -> Draw:
        name = str(quantity.name)
        units, samples = quantity.matrix_shape
        bits = [Number("0"), Number("1")]

        def draw(stream: Stream) -> list[Number]:
            classes = [stream.below(units, name, sample) for sample in range(samples)]
            rows = [[bits[unit == each] for unit in range(units)] for each in classes]
            turned = rows if self.definition.convention == "row" else transpose(rows)
            return flatten(turned)

        return draw


def variant_id(key: bytes) -> str:
    """Return the id of the variant that a key draws."""
    return key.hex()[:16]


def _uniform(name: str, count: int, bound: int, number: Callable[[int], Number]) -> Draw:
    return lambda stream: list(map(number, stream.each_below(bound, name, count)))


def _batch(definition: ExerciseDefinition) -> int:
    """Return the number of samples: what is stated, what x and y have, or 1."""
    if not isinstance(definition, NetworkDefinition):
        return 1
    axis = -1 if definition.convention == "column" else 0
    sizes = {}
    if definition.batch is not None:
        sizes["batch"] = definition.batch
    for name in ("x", "y"):
        if name in definition.given:
            shape = shape_of(definition.given[name])
            sizes[f"given.{name}"] = shape[axis] if shape else 1
    if len(set(sizes.values())) > 1:
        stated = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        field = ("batch",) if definition.batch is not None else ("given", "y")
        raise FieldError(field, f"the numbers of samples differ: {stated}")
    return next(iter(sizes.values()), 1)
