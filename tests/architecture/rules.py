"""What a module must not do: each rule with who keeps to it, and modules that would break it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from tests import ROOT

from .modules import NAMES, Module, is_of

ORACLE, PROBLEMS, SERVICE = (f"gradgrade.{house}" for house in ("oracle", "problems", "service"))
EVERYWHERE = ("gradgrade",)


@dataclass(frozen=True)
class Rule:
    """One thing that modules keep to.

    Args:
        says: the rule.
        rooms: for whose modules it holds.
        offences: finds what in a module breaks it.
        broken: sources that each break it, in a module of the first room.
        besides: rooms in these for whose modules it does not hold.
    """

    says: str
    rooms: tuple[str, ...]
    offences: Callable[[Module], Iterable[str]]
    broken: tuple[str, ...]
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return re.sub(r"\W+", "-", self.says)

    def holds_for(self, module: Module) -> bool:
        """Whether a module has to keep to it."""
        inside, outside = (
            any(is_of(module.name, room) for room in rooms) for rooms in (self.rooms, self.besides)
        )
        return inside and not outside

    def offenders(self, modules: Iterable[Module]) -> dict[str, list[str]]:
        """Return the modules that break it, and how."""
        found = {each.name: sorted(self.offences(each)) for each in modules if self.holds_for(each)}
        return {name: offences for name, offences in found.items() if offences}


def imports_of(*places: str) -> Callable[[Module], Iterable[str]]:
    """Return a function that finds imports from any of these modules or rooms."""
    return lambda module: (
        name for name in module.imports if any(is_of(name, place) for place in places)
    )


def imports_at_once_of(*places: str) -> Callable[[Module], Iterable[str]]:
    """Return a function that finds those that are done as the module is imported itself."""
    return lambda module: (
        name for name in module.imports_at_once if any(is_of(name, place) for place in places)
    )


def through_a_face(module: Module) -> Iterator[str]:
    """Find what is taken from the package's own face, or by a house from its own."""
    house = ".".join(module.name.split(".")[:2])
    for name in module.imports:
        is_in_a_house = any(is_of(name, each) for each in (ORACLE, PROBLEMS, SERVICE))
        is_the_packages = is_of(name, "gradgrade") and not is_in_a_house
        if is_the_packages or (name.rpartition(".")[0] == house and name not in NAMES):
            yield name


def called(module: Module, *, names: frozenset[str]) -> Iterator[str]:
    """Find calls of functions by their bare names."""
    for node in module.nodes:
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Name) and function.id in names:
            yield f"{function.id}, line {function.lineno}"


def used(module: Module, *, names: frozenset[str]) -> Iterator[str]:
    """Find names and attributes in the code, and imports of such; docstrings do not count."""
    for node in module.nodes:
        if isinstance(node, ast.Name) and node.id in names:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in names:
            yield node.attr
    yield from (name for name in module.imports if name.rpartition(".")[2] in names)


_LOOKING = {name for name in dir(str) if not name.startswith("_")}
_MATCHING = {"match", "fullmatch", "search", "findall", "finditer", "split", "sub"}


def texts_looked_into(module: Module) -> Iterator[str]:
    """Find what takes a name's text apart: string methods, indices and patterns on it."""
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and _is_text(node.value):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            function = node.func
            is_method = isinstance(function, ast.Attribute) and function.attr in _LOOKING
            called = getattr(function, "attr", getattr(function, "id", ""))
            if (is_method and _is_text(function.value)) or (
                called in _MATCHING and any(map(_is_text, node.args))
            ):
                yield ast.unparse(node)


def _is_text(node: ast.expr) -> bool:
    """Tell whether an expression is `….text` or `str(…)`."""
    is_attribute = isinstance(node, ast.Attribute) and node.attr == "text"
    is_written = isinstance(node, ast.Call) and ast.unparse(node.func) == "str"
    return is_attribute or is_written


_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_TYPES = {
    *("list", "dict", "set", "bytearray", "defaultdict", "Counter", "deque", "OrderedDict"),
    *("BoundedCache", "WeakKeyDictionary"),
}


def mutable_globals(module: Module) -> Iterator[str]:
    """Find a module's own mutable containers."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        else:
            continue
        is_call = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        if isinstance(value, _MUTABLE) or (is_call and value.func.id in _MUTABLE_TYPES):
            names = (each.id for each in targets if isinstance(each, ast.Name))
            yield from (name for name in names if name != "__all__")


def globals_set(module: Module) -> Iterator[str]:
    """Find `global` statements."""
    for node in module.nodes:
        if isinstance(node, ast.Global):
            yield from node.names


def other_mpmath(module: Module) -> Iterator[str]:
    """Find uses of mpmath but for a context of one's own and its low-level functions."""
    yield from used(module, names=frozenset({"mp", "iv", "fp", "workdps", "workprec"}))
    for name in module.imports:
        if is_of(name, "mpmath") and "libmp" not in name and not name.endswith(".MPContext"):
            yield name


def flints_precision(module: Module) -> Iterator[str]:
    """Find uses of flint's `ctx`, which is one for the whole process."""
    yield from (name for name in module.imports if name == "flint.ctx")
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "flint.ctx":
            yield f"flint.ctx, line {node.lineno}"


def secrets_shown(module: Module) -> Iterator[str]:
    """Find records that have a secret in what they look like: in logs, and on a cluster."""
    for node in module.nodes:
        for field in node.body if isinstance(node, ast.ClassDef) else ():
            is_secret = isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == "secret"
            hiding = ("SecretStr", "repr=False")
            if is_secret and not any(each in ast.unparse(field) for each in hiding):
                yield f"{node.name}, line {field.lineno}"


def undocumented(module: Module) -> Iterator[str]:
    """Find public functions and classes without a docstring; the module itself too."""
    if not ast.get_docstring(module.tree):
        yield "the module"
    for node in module.tree.body:
        is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and not node.name.startswith("_") and not ast.get_docstring(node):
            yield node.name


def optional_packages() -> tuple[str, ...]:
    """Return what only an extra brings, or a student's own environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    names = {re.match(r"\w+", requirement)[0] for extra in extras for requirement in extra}
    return (*sorted(names), "dask", "torch")


TESTS = ("tests", "benchmarks")
NETWORK = ("socket", "ssl", "http", "urllib", "asyncio", "subprocess", "multiprocessing")
CHANCE = ("random", "secrets", "time", "sqlite3", "pickle", "tempfile")
FILES = ("os", "pathlib", "io", "shutil", "glob", "fileinput")
DOORS = tuple(f"{SERVICE}.{door}" for door in ("api", "web", "cli", "client", "app", "wsgi"))

RULES = (
    Rule(
        "the oracle knows no exercise, no file, no network, no clock and no chance",
        (ORACLE,),
        imports_of(
            *(PROBLEMS, SERVICE, *TESTS, *FILES, *NETWORK, *CHANCE),
            *("uuid", "datetime", "locale", "sys", "logging"),
            *("flask", "apiflask", "werkzeug", "pydantic", "click", "rich", "json", "tomllib"),
        ),
        (
            "import os.path",
            "from io import StringIO",
            "def f():\n    import socket as s",
            "from gradgrade.problems import Exercise",
            "from gradgrade import problems",
            "from ..problems.errors import DocumentError",
        ),
    ),
    Rule(
        "exercises know no service, no network, no clock and no chance",
        (PROBLEMS,),
        imports_of(
            *(SERVICE, *TESTS, *NETWORK, *CHANCE),
            *("flask", "apiflask", "werkzeug", "click", "rich", "sqlalchemy"),
        ),
        ("from gradgrade.service.settings import load", "import time", "from flask import g"),
    ),
    Rule(
        "nothing knows the tests",
        EVERYWHERE,
        imports_of(*TESTS),
        ("from tests.strategies import dense", "def f():\n    import benchmarks.report"),
    ),
    Rule(
        "nothing is taken through the face of the package or of one's own house",
        EVERYWHERE,
        through_a_face,
        ("from gradgrade import solve", "from gradgrade.client import Client"),
    ),
    Rule(
        "what an extra brings is imported where it is used, not at a module's top",
        EVERYWHERE,
        imports_at_once_of(*optional_packages()),
        (
            *(f"import {package}" for package in optional_packages()),
            "try:\n    from redis import Redis\nexcept ImportError:\n    Redis = None",
            "class A:\n    from torch import nn",
            "if TYPE_CHECKING:\n    A = 1\nelse:\n    import typst",
        ),
    ),
    Rule(
        "a derivation knows no network",
        (f"{ORACLE}.derivation",),
        imports_of(f"{ORACLE}.networks"),
        ("from gradgrade.oracle.networks.network import Loss", "from ..networks import network"),
    ),
    Rule(
        "texts of names are looked into in one file alone",
        (ORACLE, *(f"{PROBLEMS}.{room}" for room in ("misconceptions", "gates", "explanation"))),
        texts_looked_into,
        (
            "def f(name):\n    return name.text.startswith('W')",
            "def f(step):\n    return str(step.name).removeprefix('d')",
            "def f(step):\n    return step.name.text[0]",
            "def f(name):\n    return fullmatch('d.*', str(name))",
        ),
        besides=(f"{ORACLE}.derivation.names", f"{PROBLEMS}.gates.rules"),  # a template has a text
    ),
    Rule(
        "the core of a course knows neither routes nor pages nor commands",
        tuple(f"{SERVICE}.{room}" for room in ("course", "store", "gradebook_formats")),
        imports_of(*DOORS, "flask", "werkzeug", "click", "rich"),
        ("from gradgrade.service.api.route import Route", "from flask import request"),
    ),
    Rule(
        "what routes and pages share knows neither",
        (f"{SERVICE}.http",),
        imports_of(*DOORS, "click", "rich"),
        ("from gradgrade.service.api.route import Limit", "from gradgrade.service import app"),
    ),
    Rule(
        "statements stand in the core and the store alone",  # doors may tell a constraint was hit
        (SERVICE,),
        lambda module: (
            {name for name in module.imports if is_of(name, "sqlalchemy")}
            - {"sqlalchemy.exc.IntegrityError"}
        ),
        ("from sqlalchemy import select", "import sqlalchemy.exc"),
        besides=tuple(f"{SERVICE}.{room}" for room in ("course", "store", "gradebook_formats")),
    ),
    Rule(
        "what runs beside a student's program knows nothing of ours",
        (f"{SERVICE}.code_grading.child", f"{SERVICE}.audit.standin"),
        lambda module: (
            name
            for name in module.imports
            if is_of(name, "gradgrade") and not is_of(name, f"{SERVICE}.code_grading.child")
        ),
        ("from gradgrade.oracle import Network", "from ..sandbox import limits"),
    ),
    Rule(
        "the oracle opens, prints and evaluates nothing",
        (ORACLE,),
        partial(
            called,
            names=frozenset({"open", "input", "print", "eval", "exec", "__import__"}),
        ),
        ("def f(path):\n    return open(path)", "print(1)", "os = __import__('os')"),
    ),
    Rule(
        "no module keeps a mutable container",
        EVERYWHERE,
        mutable_globals,
        (
            "SEEN = set()",
            "NAMES: list[str] = []",
            "A = B = {i: i for i in 'ab'}",
            "KEPT = BoundedCache(most=10)",
        ),
    ),
    Rule(
        "no function sets a global",
        EVERYWHERE,
        globals_set,
        ("def f():\n    global N\n    N = 1",),
    ),
    Rule(
        "no digits are rounded by nstr",
        (ORACLE, PROBLEMS),
        partial(used, names=frozenset({"nstr", "nprint"})),
        ("from mpmath import nstr", "def f(context, x):\n    return context.nstr(x, 50)"),
    ),
    Rule(
        "mpmath's global context is not used",
        (ORACLE, PROBLEMS),
        other_mpmath,
        ("from mpmath import mp", "import mpmath", "def f(m):\n    m.mp.dps = 50"),
    ),
    Rule(
        "flint's precision is touched in one file alone",
        EVERYWHERE,
        flints_precision,
        ("from flint import ctx", "import flint\nflint.ctx.prec = 200"),
        besides=(f"{ORACLE}.arithmetic.ball",),
    ),
    Rule(
        "numbers of the oracle's arithmetics stay in the oracle",
        (PROBLEMS, SERVICE),
        imports_of("mpmath", "flint"),
        ("from flint import arb", "import mpmath.libmp"),
    ),
    Rule(
        "no record shows its secret",
        EVERYWHERE,
        secrets_shown,
        ("class A:\n    secret: bytes", "class A:\n    secret: bytes = field(kw_only=True)"),
    ),
    Rule(
        "what is public has a docstring",
        EVERYWHERE,
        undocumented,
        ("A = 1", '"""A module."""\ndef f():\n    return 1', '"""A module."""\nclass A: ...'),
    ),
)
