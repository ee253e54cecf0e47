"""Modules are tested by their one name: `pytest oracle/nested.py` means `gradgrade.oracle.nested`.

The folders at the top are those that `src/gradgrade` links to. Collected there, a file
would be a second module beside the one that everything imports.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
LINKS = ROOT / "src" / "gradgrade"

collect_ignore = [link.name for link in LINKS.iterdir() if link.is_symlink()]
"""What is found on the way, as by `pytest .`, is found through the links alone."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Turn paths in the folders at the top into paths through the links."""
    config.args = [_through_links(argument) for argument in config.args]


def _through_links(argument: str) -> str:
    path, *selection = argument.split("::")
    resolved = Path(path).absolute()
    if LINKS in resolved.parents or not resolved.is_relative_to(ROOT):
        return argument
    inside = resolved.relative_to(ROOT)
    if not inside.parts or not (LINKS / inside.parts[0]).is_symlink():
        return argument
    return "::".join([str(LINKS / inside), *selection])
