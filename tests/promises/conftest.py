"""Figures that the tests reach, told at the end of a run that is larger than the small one."""

import pytest

from tests.promises.sizes import share

FIGURE = "figure"


@pytest.fixture
def tell(request):
    """Keep a line for the end of the run, whichever process the test ran in."""
    return lambda line: request.node.user_properties.append((FIGURE, line))


def pytest_terminal_summary(terminalreporter):
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    told = [
        f"{report.nodeid.rpartition('::')[2]}: {line}"
        for report in reports
        if report.when == "call"
        for name, line in report.user_properties
        if name == FIGURE
    ]
    if told and share():
        terminalreporter.section("figures")
        for line in told:
            terminalreporter.line(line)
