"""What is built, and an environment in which the wheel alone is installed: one in a session."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from types import MappingProxyType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import ROOT

KEPT = ("PATH", "HOME", "OPENBLAS_NUM_THREADS")
"""What its processes have of the environment; the last is how many threads numpy starts."""


@dataclass(frozen=True)
class Built:
    """What a release consists of.

    Args:
        wheel: built from the checkout.
        from_sdist: the wheel that the source distribution gives.
    """

    wheel: Path
    from_sdist: Path


@dataclass(frozen=True)
class Environment:
    """A Python in which a wheel is installed, with what it declares to need and nothing besides."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def command(self) -> Path:
        """The command that the wheel installs."""
        return self.folder / "bin" / "gradgrade"

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        base = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", scheme="venv", vars=base))

    def run(
        self,
        *command: object,
        cwd: Path,
        stdin: str | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that knows of no other Python and no checkout."""
        return subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env={**self.variables, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    @property
    def variables(self) -> dict[str, str]:
        """What its processes have of the environment."""
        return {name: os.environ[name] for name in KEPT if name in os.environ}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel and the source distribution of the checkout."""
    folder = _once_in_a_session(tmp_path_factory, "built", _build)
    (wheel,), (from_sdist,) = folder.glob("*.whl"), folder.glob("from-sdist/*.whl")
    return Built(wheel, from_sdist)


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment that has the wheel and what it declares."""
    return Environment(
        _once_in_a_session(
            tmp_path_factory, "installed", lambda folder: _install(built.wheel, folder)
        )
    )


def _once_in_a_session(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """Return a folder that the first of a session's workers has made."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def _build(folder: Path) -> None:
    _hatchling(ROOT, "--target", "sdist", "--target", "wheel", "--directory", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    _hatchling(source, "--target", "wheel", "--directory", folder / "from-sdist")


def _hatchling(source: Path, *options: object) -> None:
    command = [sys.executable, "-m", "hatchling", "build", *map(str, options)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def _install(wheel: Path, folder: Path) -> None:
    """Install a wheel as pip would with an index, but for where its dependencies come from.

    They are those of the environment that runs the tests, linked: what is not declared is not
    there, and nothing is downloaded.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    environment = Environment(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(environment.python)]
    quietly = ["--quiet", "--disable-pip-version-check"]
    offline = ["install", *quietly, "--no-index", "--no-deps"]
    subprocess.run([*pip, *offline, str(wheel)], check=True)
    (ours,) = distributions(name="gradgrade", path=[str(environment.packages)])
    for needed in _needed_by(ours):
        tops = {file.parts[0] for file in needed.files or ()}
        for name in tops - {"..", "__pycache__"}:
            (environment.packages / name).symlink_to(needed.locate_file(name))
    subprocess.run([*pip, "check"], check=True, capture_output=True)


def _needed_by(ours: Distribution) -> Iterator[Distribution]:
    """Yield what a distribution needs where no extra is asked for, and all that this needs."""
    pending = [(ours, "")]
    seen = set()
    while pending:
        needs, extra = pending.pop()
        for text in needs.requires or ():
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            found = distribution(requirement.name)
            if canonicalize_name(found.name) not in seen:
                seen.add(canonicalize_name(found.name))
                yield found
                pending += [(found, each) for each in ("", *requirement.extras)]
