"""What a sandbox must show for Python and numpy to run in it, and nothing besides."""

import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from gradgrade.service.code_grading.errors import CodeGradingError

NUMPY = ("numpy",)
TORCH = (
    *("torch", "torchgen", "functorch", "typing_extensions", "filelock", "sympy", "mpmath"),
    *("networkx", "jinja2", "markupsafe", "fsspec"),
)

SYSTEM_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
LOADER_FILES = ("/etc/ld.so.cache", "/etc/alternatives")
HARNESS = Path(__file__).parents[1] / "child"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Where this Python is, in the sandbox as outside.

    Args:
        executable: the program, not a virtual environment's link to it.
        shown: files and directories that are shown, at their own paths.
        links: what is a symbolic link outside, and is the same link inside: path and target.
        hidden: directories of installed packages below these, which are shown empty.
    """

    executable: str
    shown: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


@cache
def find_interpreter() -> Interpreter:
    """Return the interpreter that runs this, as a sandbox needs it."""
    # A virtual environment's own executable leads to the environment; this one does not.
    executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    base = Path(sys.base_prefix)
    wanted = [*SYSTEM_LIBRARIES, *LOADER_FILES, f"{base}/lib", f"{base}/lib64", executable]
    links = tuple((path, os.readlink(path)) for path in wanted if os.path.islink(path))
    linked = {path for path, _ in links}
    shown = _outermost(path for path in wanted if path not in linked and os.path.exists(path))
    stdlib = sysconfig.get_path("stdlib", vars={"base": str(base), "installed_base": str(base)})
    packages = (
        *(f"{stdlib}/site-packages", f"{stdlib}/dist-packages"),
        *("/usr/lib/python3/dist-packages", f"{base}/lib/python3/dist-packages"),
    )
    hidden = tuple(path for path in dict.fromkeys(packages) if os.path.isdir(path))
    return Interpreter(executable, shown, links, hidden)


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return paths without those that lie in another of them.

    >>> _outermost(["/usr/lib", "/lib", "/usr/lib/python3", "/usr/lib"])
    ('/usr/lib', '/lib')
    """
    unique = list(dict.fromkeys(paths))
    return tuple(
        path
        for path in unique
        if not any(other != path and path.startswith(f"{other}/") for other in unique)
    )


@cache
def package_paths(names: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the files and directories of installed packages, with the libraries beside them.

    >>> [path.name for path in package_paths(("numpy",))][0]
    'numpy'
    """
    found: list[Path] = []
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        path = origin.parent if spec.submodule_search_locations else origin
        libraries = path.with_name(f"{name}.libs")
        found += [path, *([libraries] if libraries.is_dir() else [])]
    return tuple(found)


def with_needs(packages: Iterable[str]) -> tuple[str, ...]:
    """Return the names of packages, and of all that they import from other distributions.

    What is of the standard library is left out.

    Raises:
        CodeGradingError: one of them is not installed here.

    >>> {"jinja2", "markupsafe"} <= set(with_needs(["jinja2"]))
    True
    >>> with_needs(["no_such_package"])
    Traceback (most recent call last):
    gradgrade.service.code_grading.errors.CodeGradingError: packages: 'no_such_package' is not
    installed here: install it beside gradgrade, or leave it out
    >>> with_needs(["os", "json"])
    ()
    """
    # The standard library is there already; some of its modules lie in no file.
    packages = tuple(name for name in packages if name not in sys.stdlib_module_names)
    for name in packages:
        if not name.isidentifier() or importlib.util.find_spec(name) is None:
            raise CodeGradingError(
                f"packages: {name!r} is not installed here: "
                "install it beside gradgrade, or leave it out"
            )
    if not packages:
        return ()
    makers = metadata.packages_distributions()
    waiting = [maker for name in packages for maker in makers.get(name, ())]
    needed: dict[str, None] = {}
    while waiting:
        distribution = canonical(waiting.pop())
        if distribution not in needed:
            needed[distribution] = None
            waiting += _needs(distribution)
    made = {name for name, of in makers.items() if not needed.keys().isdisjoint(map(canonical, of))}
    return tuple(dict.fromkeys((*packages, *sorted(made))))


def canonical(distribution: str) -> str:
    """Return the one name of a distribution, of the ways in which it may be written.

    >>> canonical("Typing_Extensions")
    'typing-extensions'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _needs(distribution: str) -> list[str]:
    """Return the distributions that an installed one needs, but for its extras."""
    try:
        requirements = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []
    stated = (each.partition(";") for each in requirements)
    return [
        re.split(r"[^\w.-]", name.strip())[0] for name, _, when in stated if "extra" not in when
    ]


def arguments(replies: int, *, harness: str, packages: Iterable[str]) -> list[str]:
    """Return what starts the program of the sandbox, after the interpreter's own name.

    Args:
        replies: the file descriptor for replies.
        harness: the directory that holds the package `child`.
        packages: the directories that numpy is found in.
    """
    path = [harness, *packages]
    program = f"import sys; sys.path += {path!r}; from child.main import main; main({replies})"
    # No user's packages, no site's, no current directory's, no compiled files written.
    return ["-P", "-s", "-S", "-B", "-X", "utf8", "-c", program]


ENVIRONMENT = (
    ("HOME", "/tmp"),
    ("PYTHONHASHSEED", "0"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
)
"""All that the student's program finds in its environment."""
