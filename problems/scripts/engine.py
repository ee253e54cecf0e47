"""A program as the script that computes it with a student's engine."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.problems.documents.structures.engine import EngineModel
from gradgrade.problems.documents.structures.program import ProgramStructure
from gradgrade.problems.errors import FieldError
from gradgrade.problems.scripts.names import NUMPY, name_in_script


def engine_script(
    program: ProgramStructure, engine: EngineModel, code: CodeInterface, asked: Sequence[str]
) -> str:
    """Return a program's lines over a student's nodes, and what is asked read off them.

    Nodes have the names of the program with a `_` behind them, so that no name of what is asked
    ever stands for a node.

    Args:
        program: whose lines are computed.
        engine: how nodes are made and read.
        code: what quantities are called.
        asked: the names of what is asked: lines, givens, and gradients of both.

    Raises:
        FieldError: the program or what is asked has no form in nodes.
    """
    if program.differentiate is None or program.optimizer is not None:
        raise FieldError(
            ("code", "engine"),
            "an engine goes back from one number: write differentiate, and no optimizer",
        )
    tree = ast.parse(program.program)
    if not all(isinstance(each, ast.Assign) for each in tree.body):
        raise FieldError(("code", "engine"), "an engine's program has assignments alone")
    lines = [each.targets[0].id for each in tree.body]  # type: ignore[attr-defined]  # assignments
    nodes = {name: f"{name}_" for name in [*_nodes(program), *lines]}
    over_nodes = ast.fix_missing_locations(_OverNodes(nodes, engine).visit(tree))
    made = (
        f"{nodes[name]} = {engine.value.format(name_in_script(name, code))}"
        for name in _nodes(program)
    )
    back = engine.backward.format(nodes[program.differentiate])
    read = _read(asked, nodes, engine, code)
    return "\n".join([*made, *map(ast.unparse, over_nodes.body), back, *read]) + "\n"


def _nodes(program: ProgramStructure) -> list[str]:
    """Return the givens that are nodes: all but indices and masks."""
    types = program.types().items()
    return [name for name, of in types if of.integers is None and not of.mask]


def _read(
    asked: Sequence[str], nodes: Mapping[str, str], engine: EngineModel, code: CodeInterface
) -> Iterator[str]:
    held = {name: engine.data.format(node) for name, node in nodes.items()}
    held |= {f"d{name}": engine.gradient.format(node) for name, node in nodes.items()}
    for name in asked:
        if name not in held:
            raise FieldError(
                "ask", f"{name} is nothing that an engine has: it has values and gradients"
            )
        yield f"{name_in_script(name, code)} = {held[name]}"


class _OverNodes(ast.NodeTransformer):
    """Puts nodes for quantities, and the engine's own calls for functions."""

    def __init__(self, nodes: Mapping[str, str], engine: EngineModel) -> None:
        self._nodes, self._engine = nodes, engine

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the node's name."""
        return ast.Name(self._nodes.get(node.id, node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return a call as the engine has it: a method, unless it is said otherwise."""
        function = node.func
        is_of_numpy = isinstance(function, ast.Attribute) and (
            isinstance(function.value, ast.Name) and function.value.id == NUMPY
        )
        if not isinstance(function, ast.Name) and not is_of_numpy:
            return self.generic_visit(node)  # type: ignore[return-value]  # a method already
        name = function.id if isinstance(function, ast.Name) else function.attr  # type: ignore[attr-defined]  # of numpy
        first, *others = (f"({ast.unparse(self.visit(each))})" for each in node.args)
        template = self._engine.functions.get(name)
        if template is not None:
            text = template.format(first, *others)
        else:
            options = [ast.unparse(each) for each in node.keywords]
            text = f"{first}.{name}({', '.join([*others, *options])})"
        return ast.parse(text, mode="eval").body
