"""What Python makes of a program's names where this language would read it otherwise."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from gradgrade.oracle.programs.text.expressions import ExpressionReader


def check_scopes(statements: Sequence[ast.stmt], reader: ExpressionReader) -> None:
    """Hold a program that was read to what Python makes of its names.

    Args:
        statements: all of it.
        reader: of its text.

    Raises:
        ProgramError: Python does not compile it; or a name is a function's and something else's;
            or one of a function's own is read before it is assigned.
    """
    functions = [each for each in statements if isinstance(each, ast.FunctionDef)]
    _refuse_functions_as_values(statements, {each.name for each in functions}, reader)
    for function in functions:
        _refuse_called_parameters(function, reader)
        _refuse_read_before(function, reader)
    _compile(statements, reader)


def _refuse_functions_as_values(
    statements: Sequence[ast.stmt], functions: set[str], reader: ExpressionReader
) -> None:
    called = {id(node.func) for node in _walked(statements) if isinstance(node, ast.Call)}
    for node in _walked(statements):
        if isinstance(node, ast.Name) and node.id in functions and id(node) not in called:
            raise reader.fault(
                f"{node.id} is a function that the program defines: give one of the two another "
                "name",
                node,
            )


def _refuse_called_parameters(function: ast.FunctionDef, reader: ExpressionReader) -> None:
    own = {each.arg for each in function.args.args}
    for node in _walked(function.body):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own:
            raise reader.fault(
                f"{node.func.id} is an array in {function.name}, which takes it: give it another "
                "name there",
                node,
            )


def _refuse_read_before(function: ast.FunctionDef, reader: ExpressionReader) -> None:
    """Refuse what Python calls a local variable that is not associated with a value."""
    known = {each.arg for each in function.args.args}
    later = {name for statement in function.body for name in _assigned(statement)} - known
    for statement in function.body:
        for node in _walked([statement]):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in later:
                raise reader.fault(
                    f"{node.id} is read in {function.name} before it is assigned there: give the "
                    "later one another name",
                    node,
                )
        later -= set(_assigned(statement))


def _assigned(statement: ast.stmt) -> Iterator[str]:
    for node in _walked([statement]):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _compile(statements: Sequence[ast.stmt], reader: ExpressionReader) -> None:
    """Refuse what Python parses and does not compile, as an option that is given twice."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.Module(body=list(statements), type_ignores=[]), "<program>", "exec")
    except SyntaxError as error:
        at = next((each for each in _walked(statements) if _begins_at(each, error)), statements[0])
        raise reader.fault(f"Python does not take this: {error.msg}", at) from None


def _begins_at(node: ast.AST, error: SyntaxError) -> bool:
    line, column = getattr(node, "lineno", None), getattr(node, "col_offset", None)
    return line == error.lineno and column == (error.offset or 1) - 1


def _walked(statements: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    for statement in statements:
        yield from ast.walk(statement)
