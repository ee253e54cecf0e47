"""Submissions are data: pytest must not import them, not even where one of them is named to it."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    yield
    return []
