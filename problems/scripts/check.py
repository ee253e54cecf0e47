"""A script held to its exercise before it is used: it binds what is asked, and earns nothing.

What is worked out of the givens alone would be right beside an empty file: every answer must come
through a name that only the student's file can define.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.problems.errors import FieldError
from gradgrade.problems.scripts import names
from gradgrade.problems.scripts.statements import ScriptError, Statement, read_script


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A name that a script takes from the student's file.

    Args:
        name: which.
        line: of the script that needs it first.
    """

    name: str
    line: int


def check_script(exercise: Exercise) -> None:
    """Refuse a script that cannot grade the exercise that it is of.

    Raises:
        FieldError: it is no script, does not bind what is asked, renames what there is not, or
            works an answer out itself.
    """
    code = exercise.code
    if code is None:
        return
    try:
        statements = read_script(code.script)
    except ScriptError as error:
        raise FieldError(("code", "script"), str(error)) from None
    _check_renamed(code, exercise)
    asked = names.asked_of(exercise, code)
    _check_bound(statements, asked)
    for statement, free in _worked_out(statements, _known(code, exercise), set(asked)):
        raise FieldError(
            ("code", "script"),
            f"line {statement.line}: {free} is worked out of the givens alone, and would be right "
            "beside an empty file: take it from the student's file, or do not ask it",
        )


def used(code: CodeInterface, exercise: Exercise) -> tuple[Use, ...]:
    """Return the names that a script takes from the student's file, in order."""
    known, found = set(_known(code, exercise)), dict[str, Use]()
    for statement in read_script(code.script):
        for name in statement.reads:
            if name not in known and name not in names.PYTHONS:
                found.setdefault(name, Use(name=name, line=statement.line))
        known |= statement.binds
    return tuple(found.values())


def _known(code: CodeInterface, exercise: Exercise) -> frozenset[str]:
    numbers, givens = names.numbers_of(exercise, code), names.givens_of(exercise, code)
    return frozenset((names.NUMPY, *numbers, *givens))


def _check_renamed(code: CodeInterface, exercise: Exercise) -> None:
    asked = [part.name for part in exercise.ask]
    known = [*exercise.derivation().given, *asked]
    for name in code.rename:
        if name not in known:
            listed = ", ".join(known)
            raise FieldError(
                ("code", "rename", name),
                f"there is no such given, and nothing such is asked: write one of {listed}",
            )
    _check_distinct(code, exercise.derivation().given, exercise)
    _check_distinct(code, asked, exercise)


def _check_distinct(code: CodeInterface, quantities: Iterable[str], exercise: Exercise) -> None:
    """Refuse one name for two givens, or two of what is asked; one of each may share it."""
    owners = {name: name for name in (names.NUMPY, *names.sizes_of(exercise))}
    for name in quantities:
        in_script = names.name_in_script(name, code)
        owner = owners.setdefault(in_script, name)
        renamed, other = (name, owner) if name in code.rename else (owner, name)
        if owner != name and renamed in code.rename:
            raise FieldError(
                ("code", "rename", renamed),
                f'"{in_script}" is what a script calls {other}: write another name',
            )


def _check_bound(statements: Sequence[Statement], asked: Mapping[str, str]) -> None:
    bound = frozenset[str]().union(*(each.binds for each in statements))
    for in_script, name in asked.items():
        if in_script.isidentifier() and in_script in bound:
            continue
        instead = (
            f"write a line that does, such as {in_script} = …"
            if in_script.isidentifier()
            else f'which is no name of Python; write rename = {{ "{name}" = "answer" }} too'
        )
        raise FieldError(
            ("code", "script"), f"{name} is asked, and no line of the script binds it: {instead}"
        )


def _worked_out(
    statements: Sequence[Statement], known: frozenset[str], asked: set[str]
) -> Iterator[tuple[Statement, str]]:
    """Yield what is asked and needs nothing of the student's file."""
    own = {*known, *names.PYTHONS}
    for statement in statements:
        if own.issuperset(statement.reads):
            own |= statement.binds
            yield from ((statement, name) for name in sorted(statement.binds & asked))
        else:
            own -= statement.makes
