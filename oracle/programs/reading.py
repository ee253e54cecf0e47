"""From a program's text to its assignments: a subset of Python's, by its parser.

Whatever is no program is refused with line, column, the line and a caret.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import MappingProxyType

from gradgrade.oracle.programs.bounds import MOST_NODES
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.syntax import Assignment
from gradgrade.oracle.programs.text.expressions import ExpressionReader
from gradgrade.oracle.programs.text.inlining import Inlining
from gradgrade.oracle.programs.text.parsing import checked_lines, parsed
from gradgrade.oracle.programs.text.scopes import check_scopes

_TOO_MANY = f"a program has at most {MOST_NODES} operations, those of functions that it calls too"


def read_program(text: str) -> tuple[Assignment, ...]:
    r"""Return the assignments of a program, those of functions that it calls among them.

    Args:
        text: assignments, one a line, and straight-line functions.

    Raises:
        ProgramError: the first fault, with its place, and those of other lines.

    >>> [each.name for each in read_program("q = x + y\nf = q * z")]
    ['q', 'f']
    """
    text = text.replace("\r\n", "\n")
    lines = checked_lines(text)
    statements = parsed(text, lines)
    reader = ExpressionReader(lines=lines, called=frozenset(_called(statements)))
    functions: dict[str, ast.FunctionDef] = {}
    called: set[str] = set()
    assignments: list[Assignment] = []
    faults: list[ProgramError] = []
    for statement in statements:
        if isinstance(statement, ast.FunctionDef):
            functions[statement.name] = statement
        else:
            defined = MappingProxyType(dict(functions))
            calls = Inlining(reader=reader, functions=defined, called=called)
            try:
                for line in calls.lines_of(statement, prefix="", names=MappingProxyType({})):
                    # What functions call one another for doubles with each of them.
                    if len(assignments) >= MOST_NODES:
                        raise ProgramError(_TOO_MANY, line.place)
                    assignments.append(line)
            except ProgramError as fault:
                faults.append(fault)
    if faults:
        raise ProgramError.of_all(faults)
    check_scopes(statements, reader)
    return tuple(_named_once(assignments))


def _called(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id


def _named_once(assignments: list[Assignment]) -> Iterator[Assignment]:
    met: dict[str, Place] = {}
    for each in assignments:
        if each.name in met:
            raise ProgramError(
                f"{each.name} is assigned twice (first in line {met[each.name].line}): "
                "give the second another name",
                each.place,
            )
        met[each.name] = each.place
        yield each
