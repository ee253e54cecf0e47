"""Which rooms look into which, read from the imports; and what each room keeps to."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

ROOMS = ("oracle", "problems", "service")

# What each room must not import; a name stands for all below it.
FORBIDDEN = {
    "oracle": {
        *("problems", "service", "tests", "benchmarks"),
        *("os", "pathlib", "io", "shutil", "tempfile", "glob", "fileinput", "sqlite3", "pickle"),
        *("socket", "ssl", "http", "urllib", "asyncio", "subprocess", "multiprocessing"),
        *("random", "secrets", "uuid", "time", "datetime", "locale", "sys", "logging"),
        *("flask", "apiflask", "werkzeug", "pydantic", "click", "rich", "json", "tomllib"),
    },
    "problems": {
        *("service", "tests", "benchmarks"),
        *("socket", "ssl", "http", "urllib", "asyncio", "subprocess", "multiprocessing"),
        *("random", "secrets", "time", "sqlite3", "pickle", "tempfile"),
        *("flask", "apiflask", "werkzeug", "click", "rich", "sqlalchemy"),
    },
    "service": {"tests", "benchmarks"},
}

FLINTS_OWN_FILE = "oracle/arithmetic/ball.py"


def files(room: str) -> list[Path]:
    """The modules of a room."""
    return sorted((ROOT / room).rglob("*.py"))


FILES = [path for room in ROOMS for path in files(room)]


def label(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The full names of what a module imports, wherever in it; `from a import b` gives a.b too."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level]
            parts = [*above, node.module] if node.level else [node.module]
            module = ".".join(part for part in parts if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_of(name: str, module: str) -> bool:
    """Whether a name is a module or something in it."""
    return name == module or name.startswith(f"{module}.")


def test_the_rooms_are_there():
    assert all(files(room) for room in ROOMS)


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_room_imports_nothing_that_it_must_not(path):
    room = path.relative_to(ROOT).parts[0]
    found = {name for name in imports(path) if any(is_of(name, each) for each in FORBIDDEN[room])}
    assert found == set()


def test_imports_are_found_in_every_form(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.architecture.test_rooms.ROOT", tmp_path)
    folder = tmp_path / "oracle" / "layers"
    folder.mkdir(parents=True)
    module = folder / "dense.py"
    module.write_text(
        "import os.path\nfrom io import StringIO\nfrom . import layer\nfrom ..x import y\n"
        "def f():\n    import socket as s\n"
    )
    assert set(imports(module)) == {
        *("os.path", "io", "io.StringIO", "oracle.networks.layers", "oracle.networks.layers.layer"),
        *("oracle.x", "oracle.x.y", "socket"),
    }


def opened_files(path: Path) -> list[int]:
    """The lines on which a module calls `open` or what reads and writes files."""
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in ("open", "input", "print", "eval", "exec", "__import__")
    ]


@pytest.mark.parametrize("path", files("oracle"), ids=label)
def test_the_oracle_opens_prints_and_evaluates_nothing(path):
    assert opened_files(path) == []


# The core of a course knows no door: what it does, routes, pages and commands do alike


DOORS = ("service.api", "service.web", "service.cli", "flask", "werkzeug", "click", "rich")
BEHIND_THE_DOORS = [
    path
    for path in files("service")
    if path.relative_to(ROOT).parts[1] in ("course", "store", "gradebook_formats")
]


@pytest.mark.parametrize("path", BEHIND_THE_DOORS, ids=label)
def test_the_core_of_a_course_knows_neither_routes_nor_pages_nor_commands(path):
    assert {name for name in imports(path) if any(is_of(name, each) for each in DOORS)} == set()


@pytest.mark.parametrize("path", files("service"), ids=label)
def test_statements_stand_in_the_core_and_the_store_alone(path):
    if path not in BEHIND_THE_DOORS:
        assert {name for name in imports(path) if is_of(name, "sqlalchemy")} <= ALLOWED_BY_DOORS


ALLOWED_BY_DOORS = {"sqlalchemy.exc", "sqlalchemy.exc.IntegrityError"}
"""Doors may tell that a constraint was hit."""


# Values know no derivatives


def modules_of(names: Iterator[str]) -> set[Path]:
    """The files of the project's modules among imported names."""
    candidates = (ROOT.joinpath(*name.split(".")) for name in names if name.startswith("oracle"))
    return {path.with_suffix(".py") for path in candidates if path.with_suffix(".py").is_file()}


def reachable(path: Path) -> set[Path]:
    """All modules of the oracle that a module needs, directly or not."""
    found: set[Path] = set()
    pending = [path]
    while pending:
        new = modules_of(imports(pending.pop())) - found
        found |= new
        pending += new
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "oracle").rglob("*_values.py")), ids=label)
def test_values_can_be_used_without_any_derivative(path):
    assert {label(each) for each in reachable(path) if "derivative" in each.name} == set()


def test_there_are_values_and_derivatives_to_keep_apart():
    names = {path.name for path in files("oracle")}
    assert {"activation_values.py", "activation_derivatives.py"} <= names
    assert {"loss_values.py", "loss_derivatives.py"} <= names


def test_what_needs_derivatives_is_found_to_need_them():
    table = ROOT / "oracle" / "functions" / "activations.py"
    assert any("derivative" in path.name for path in reachable(table))


# No state between calls

MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_TYPES = {"list", "dict", "set", "bytearray", "defaultdict", "Counter", "deque"}


def mutable_globals(path: Path) -> list[str]:
    """The names of a module's own mutable containers."""
    found = []
    for node in tree(path).body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        else:
            continue
        is_call = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        if isinstance(value, MUTABLE) or (is_call and value.func.id in MUTABLE_TYPES):
            found += [each.id for each in targets if isinstance(each, ast.Name)]
    return [name for name in found if name != "__all__"]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_module_keeps_a_mutable_container(path):
    assert mutable_globals(path) == []


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_function_sets_a_global(path):
    assert not any(isinstance(node, ast.Global) for node in ast.walk(tree(path)))


# Precision is never a global, and digits are never rounded by nstr


def used_names(path: Path) -> set[str]:
    """Every name and attribute in a module's code; docstrings do not count."""
    nodes = list(ast.walk(tree(path)))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("path", [*files("oracle"), *files("problems")], ids=label)
def test_no_digits_are_rounded_by_nstr(path):
    assert not used_names(path) & {"nstr", "nprint"}
    assert not any(name.endswith((".nstr", ".nprint")) for name in imports(path))


@pytest.mark.parametrize("path", [*files("oracle"), *files("problems")], ids=label)
def test_mpmaths_global_context_is_not_used(path):
    assert not {"mp", "iv", "fp", "workdps", "workprec"} & used_names(path)
    allowed = {"mpmath.ctx_mp", "mpmath.ctx_mp.MPContext", "mpmath.MPContext", "mpmath"}
    found = {name for name in imports(path) if is_of(name, "mpmath") and "libmp" not in name}
    assert found <= allowed


@pytest.mark.parametrize("path", FILES, ids=label)
def test_flints_precision_is_touched_in_one_file_alone(path):
    if label(path) != FLINTS_OWN_FILE:
        assert "flint.ctx" not in set(imports(path))
        assert not any(
            isinstance(node, ast.Attribute)
            and node.attr == "ctx"
            and isinstance(node.value, ast.Name)
            and node.value.id == "flint"
            for node in ast.walk(tree(path))
        )


@pytest.mark.parametrize("path", [*files("problems"), *files("service")], ids=label)
def test_numbers_of_the_oracles_arithmetics_stay_in_the_oracle(path):
    assert not any(is_of(name, "mpmath") or is_of(name, "flint") for name in imports(path))


# Words


def undocumented(path: Path) -> list[str]:
    """The public functions and classes of a module that lack a docstring; the module itself too."""
    module = tree(path)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [
        node for node in module.body if isinstance(node, kinds) and not node.name.startswith("_")
    ]
    found = [node.name for node in public if not ast.get_docstring(node)]
    return found if ast.get_docstring(module) else ["the module", *found]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_what_is_public_has_a_docstring(path):
    assert undocumented(path) == []
