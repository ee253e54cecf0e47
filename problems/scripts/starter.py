"""What a student begins with: a file that defines what a script uses, and does nothing yet."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.scripts.check import used

OPERATORS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Add: "add",
        ast.Sub: "sub",
        ast.Mult: "mul",
        ast.Div: "truediv",
        ast.Pow: "pow",
        ast.MatMult: "matmul",
        ast.USub: "neg",
    }
)
"""Python's own names of the operators that a class may be asked for."""


@dataclass(slots=True)
class _Object:
    """What a script does with objects of one class.

    Args:
        sets: the attributes that it sets, with what they begin as.
        reads: those that it reads, likewise.
        methods: their parameters.
    """

    sets: dict[str, str] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)


def starter_of(exercise: Exercise) -> str:
    """Return a file that defines all that the script of an exercise uses, to be filled in.

    Raises:
        ValueError: the exercise has no script.
    """
    if exercise.code is None:
        raise ValueError(f"{exercise.name} has no script")
    tree = ast.parse(exercise.code.script)
    own = [each.name for each in used(exercise.code, exercise)]
    objects = _objects(tree, own)
    blocks = [_defined(name, tree, objects.get(name)) for name in own]
    script = "".join(f"#     {line}\n" for line in exercise.code.script.strip().splitlines())
    head = f'"""{exercise.title or exercise.name}."""\n\n# How this file is used:\n#\n{script}'
    return "\n\n".join([f"{head}\nimport numpy as np\n", *blocks])


def _defined(name: str, tree: ast.Module, of: _Object | None) -> str:
    calls = [each for each in _calls(tree) if isinstance(each.func, ast.Name)]
    call = next((each for each in calls if _called(each) == name), None)
    if call is None:
        return f"{name} = None  # TODO\n"
    if of is None:
        returned = _returned(tree, call)
        return f"def {name}({_parameters(call)}):\n{_body(returned, name)}"
    return "\n".join(_class(name, call, of, _operators(tree)))


def _class(name: str, call: ast.Call, of: _Object, operators: Iterator[str]) -> Iterator[str]:
    yield f"class {name}:"
    yield f"    def __init__({', '.join(filter(None, ('self', _parameters(call))))}):"
    attributes = of.sets | of.reads
    yield from (f"        self.{each} = {begins}" for each, begins in attributes.items())
    if not attributes:
        yield "        pass"
    for method, parameters in of.methods.items():
        yield ""
        yield f"    def {method}({', '.join(filter(None, ('self', parameters)))}):"
        yield f'        raise NotImplementedError("TODO: {name}.{method}")'
    if "backward" in of.methods and of.reads:
        for operator in operators:
            yield ""
            parameters = "self" if operator == "neg" else "self, other"
            yield f"    def __{operator}__({parameters}):"
            yield f'        raise NotImplementedError("TODO: {name}.__{operator}__")'
    yield ""


def _objects(tree: ast.Module, own: list[str]) -> dict[str, _Object]:
    """Return what is done with what is made by calling each name of the file."""
    made = _classes(tree, own)
    found: dict[str, _Object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (kind := _kind(node.value, made)):
            of = found.setdefault(kind, _Object())
            (of.sets if isinstance(node.ctx, ast.Store) else of.reads)[node.attr] = "None"
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            held = node.value
            if isinstance(held, ast.Attribute) and (kind := _kind(held.value, made)):
                found[kind].reads[held.attr] = "{}"
    for call in _calls(tree):
        if isinstance(call.func, ast.Attribute) and (kind := _kind(call.func.value, made)):
            found[kind].reads.pop(call.func.attr, None)
            found[kind].methods.setdefault(call.func.attr, _parameters(call))
    return found


def _classes(tree: ast.Module, own: list[str]) -> Mapping[str, str]:
    """Return the class of each variable that holds an object of one of the file's."""
    made: dict[str, str] = {}
    assigned = [each for each in ast.walk(tree) if isinstance(each, ast.Assign)]
    for node in assigned:
        for target in node.targets:
            made |= _made(target, node.value, own)
    for node in assigned:
        if kind := _kind(node.value, made):
            made |= {each.id: kind for each in node.targets if isinstance(each, ast.Name)}
    return made


def _kind(node: ast.expr, made: Mapping[str, str]) -> str | None:
    """Return the class of what an expression makes, as far as it is one of the file's.

    What comes of operators on objects, or of calling such a result's method, is taken for one of
    the same class; what an object's own method returns is anything.
    """
    match node:
        case ast.Name():
            return made.get(node.id)
        case ast.BinOp():
            return _kind(node.left, made) or _kind(node.right, made)
        case ast.UnaryOp():
            return _kind(node.operand, made)
        case ast.Call(func=ast.Attribute(value=ast.BinOp() | ast.UnaryOp() | ast.Call() as inner)):
            return _kind(inner, made)
    return None


def _made(target: ast.expr, value: ast.expr, own: list[str]) -> dict[str, str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return {name: kind for one in pairs for name, kind in _made(*one, own).items()}
    if isinstance(target, ast.Name) and isinstance(value, ast.Call) and _called(value) in own:
        return {target.id: _called(value)}
    return {}


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _parameters(call: ast.Call) -> str:
    """Return the parameters of a function: what it is called with, where that has a name."""
    named = [
        each.id if isinstance(each, ast.Name) else f"argument{at}"
        for at, each in enumerate(call.args, start=1)
    ]
    return ", ".join(dict.fromkeys([*named, *(each.arg for each in call.keywords if each.arg)]))


def _returned(tree: ast.Module, call: ast.Call) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.value is call:
            return ast.unparse(node.targets[0]).strip("()")
    return ""


def _body(returned: str, name: str) -> str:
    says = f'    """Return {returned}."""\n' if returned else ""
    return f'{says}    raise NotImplementedError("TODO: {name}")\n'


def _operators(tree: ast.Module) -> Iterator[str]:
    nodes = [each.op for each in ast.walk(tree) if isinstance(each, ast.BinOp | ast.UnaryOp)]
    return iter(dict.fromkeys(OPERATORS[type(each)] for each in nodes if type(each) in OPERATORS))
