import pytest

from tests.service.web.visitor import Visitor


@pytest.fixture
def staff(published):
    return Visitor.of(published.instructor)


@pytest.fixture
def assistant(published):
    return Visitor.of(published.assistant)
