"""What is kept and what is bounded, held to the pages that list it."""

import ast
import importlib
import re
from collections.abc import Iterator

from gradgrade.oracle.bounded_cache import MEBIBYTE
from tests import ROOT

from .modules import MODULES, Module

DECISIONS = ROOT / "docs" / "decisions"
MEMOS = {"lru_cache", "cache", "kept_within", "kept_with_argument"}
CACHES = MEMOS | {"BoundedCache"}


def called(node: ast.AST) -> str:
    """The name of what a call or a decorator calls."""
    function = node.func if isinstance(node, ast.Call) else node
    return function.id if isinstance(function, ast.Name) else ""


def caches(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Every cache of a module: where it stands, by names, and what makes it."""

    def within(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = (*names, node.name)
        decorators = getattr(node, "decorator_list", [])
        yield from ((".".join(names), each) for each in decorators if called(each) in MEMOS)
        if isinstance(node, ast.Call) and called(node) in CACHES:
            yield ".".join(names), node
        for child in ast.iter_child_nodes(node):
            if child not in decorators:
                yield from within(child, names)

    if not module.name.endswith(".bounded_cache"):  # where they are made
        yield from within(module.tree, ())


def file_of(module: Module) -> str:
    place = module.name.removeprefix("gradgrade.").replace(".", "/")
    return f"{place}/__init__.py" if module.is_package else f"{place}.py"


def bound(module: Module, made: ast.AST) -> str:
    """The bound of a cache as the page writes it; empty where what it lives with is one."""
    arguments = (
        [*made.args, *(each.value for each in made.keywords)]
        if called(made) and isinstance(made, ast.Call)
        else []
    )
    limits = [each for each in arguments if isinstance(each, ast.Constant | ast.Name)]
    if not limits:
        return ""
    limit = limits[0]
    value = (
        limit.value
        if isinstance(limit, ast.Constant)
        else getattr(importlib.import_module(module.name), limit.id, None)
    )
    if not isinstance(value, int):
        return ""
    return f"{value // MEBIBYTE} MiB" if value >= MEBIBYTE else f"{value:,}"


def rows(page: str) -> list[list[str]]:
    """The cells of the tables of a page, heads left out."""
    lines = re.findall(r"^\| (.*) \|$", (DECISIONS / page).read_text("utf-8"), re.MULTILINE)
    return [line.split(" | ") for line in lines if line.startswith("`")]


def test_every_cache_is_listed_with_its_bound_and_why_and_none_that_is_not_there():
    listed = {}
    for place, kept, stated, why in rows("caches.md"):
        assert kept
        assert why
        listed.setdefault(place.strip("`"), []).append(stated)
    found = {}
    for module in MODULES:
        for name, made in caches(module):
            found.setdefault(f"{file_of(module)}: {name}", []).append(bound(module, made))
    assert listed.keys() == found.keys()
    for place, bounds in found.items():
        assert len(listed[place]) == len(bounds), place
        for stated, expected in zip(listed[place], bounds, strict=True):
            assert stated.startswith(expected), place


def test_a_cache_is_found_wherever_it_stands():
    text = """
@lru_cache(maxsize=3)
def one(): ...

class Two:
    @kept_within(MOST)
    def three(self):
        return cache(partial(one))

    kept = field(default_factory=lambda: BoundedCache(most=1))
"""
    found = [name for name, _ in caches(Module("gradgrade.example", text))]
    assert found == ["one", "Two.three", "Two.three", "Two"]


BOUND = re.compile(r"_?(MOST|LARGEST|LONGEST|MAXIMUM|LIMIT)(_\w+)?")


def bounds(module: Module) -> Iterator[tuple[str, object]]:
    """The bounds of a module that are numbers, those of caches left out."""
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        names = [each.id for each in ast.walk(ast.Tuple([*targets])) if isinstance(each, ast.Name)]
        for name in names:
            if BOUND.fullmatch(name) and not name.startswith("MOST_OF_"):
                value = getattr(importlib.import_module(module.name), name)
                if isinstance(value, int | float):
                    yield name, value


def test_every_bound_is_listed_with_its_value_unit_and_why_and_none_that_is_not_there():
    listed = {}
    for place, value, unit, why in rows("bounds.md"):
        assert unit
        assert why
        listed[place.strip("`")] = value
    found = {
        f"{file_of(module)}: {name}": f"{value:,}"
        for module in MODULES
        for name, value in bounds(module)
    }
    assert listed == found


def test_a_bound_is_found():
    module = next(each for each in MODULES if each.name == "gradgrade.service.bounds")
    assert ("MOST_COST", 100_000) in set(bounds(module))
