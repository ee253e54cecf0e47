"""Figures that the tests reach, told at the end of a run that is larger than the small one."""

import pytest

from tests.promises.sizes import share

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request):
    """Keep a line for the end of the run."""
    figures = request.config.stash.setdefault(FIGURES, [])
    return lambda line: figures.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter, config):
    figures = config.stash.get(FIGURES, [])
    if figures and share():
        terminalreporter.section("figures")
        for line in figures:
            terminalreporter.line(line)
