"""Calls and indices as they were written, part by part, for what is said of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

LONGEST_QUOTED = 80
"""Characters of an expression that is quoted in what to write instead."""

AS_NUMPY_CALLS: Mapping[str, str] = MappingProxyType({"dim": "axis", "keepdim": "keepdims"})
"""What other libraries call options of numpy's."""

_ALONE = (ast.Name, ast.Constant, ast.Call, ast.Subscript, ast.Attribute)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A call, or an array with its indices, as it was written.

    Args:
        of: what is called or indexed: `np.square`, `x.ravel`.
        parts: what stands within the brackets, in order.
        options: what of that is given by name.
    """

    of: str
    parts: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)

    def behind(self, first: str) -> Written:
        """Return the same with another part before all others."""
        return replace(self, parts=(first, *self.parts))

    @property
    def as_numpy(self) -> str:
        """What stands within the brackets, with numpy's names of options.

        >>> written("F.softmax(X, dim=1)").as_numpy
        'X, axis=1'
        """
        options = ((AS_NUMPY_CALLS.get(name, name), each) for name, each in self.options.items())
        return ", ".join((*self.parts, *map("=".join, options)))


def written(text: str) -> Written:
    """Return the parts of a text that is a call or has an index, or the whole of another.

    >>> written("np.std(X, axis=0)")
    Written(of='np.std', parts=('X',), options={'axis': '0'})
    >>> written("A[:, y]").parts
    (':', 'y')
    """
    match _parsed(text):
        case ast.Call(func=of, args=parts, keywords=keywords):
            options = {each.arg: _source(text, each.value) for each in keywords if each.arg}
            return Written(of=_source(text, of), parts=_sources(text, parts), options=options)
        case ast.Subscript(value=of, slice=ast.Tuple(elts=parts)):
            return Written(of=_source(text, of), parts=_sources(text, parts))
        case ast.Subscript(value=of, slice=part):
            return Written(of=_source(text, of), parts=_sources(text, [part]))
    return Written(of=text)


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _sources(text: str, parts: Sequence[ast.expr]) -> tuple[str, ...]:
    return tuple(_source(text, each) for each in parts)


def _source(text: str, node: ast.expr) -> str:
    return ast.get_source_segment(text, node) or ast.unparse(node)


def beside_an_operator(text: str) -> str:
    """Return an expression as it stands beside an operator.

    >>> beside_an_operator("x + 1"), beside_an_operator("(x + 1)"), beside_an_operator("x[0]")
    ('(x + 1)', '(x + 1)', 'x[0]')
    """
    node = _parsed(text)
    # What is in brackets already is longer than its node.
    is_alone = isinstance(node, _ALONE) or (node is not None and _source(text, node) != text)
    return text if is_alone else f"({text})"


def put(example: str, names: Mapping[str, str]) -> str:
    """Return an expression with others in the place of its names.

    >>> put("log(x) / log(2)", {"x": "z + 1"}), put("x**2", {"x": "z + 1"})
    ('log(z + 1) / log(2)', '(z + 1)**2')
    """

    def other(found: re.Match[str]) -> str:
        text = names[found[0]]
        before, behind = example[: found.start()], example[found.end() :]
        is_argument = before.endswith(("(", "[", ", ")) and behind.startswith((")", "]", ","))
        return text if is_argument else beside_an_operator(text)

    return re.sub(rf"\b({'|'.join(names)})\b", other, example) if names else example
