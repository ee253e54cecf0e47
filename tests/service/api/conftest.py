import json

import pytest

from gradgrade.problems import catalogue, generate
from tests import solved
from tests.service.api.live import live_server


@pytest.fixture(scope="package")
def live(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="package")
def exercise():
    return generate(catalogue.load("seeds"), "004-two-two-two", student="1", secret=b"0")


@pytest.fixture(scope="package")
def right(exercise):
    return solved.right_answers(exercise)


@pytest.fixture(scope="package")
def request_text(exercise, right):
    """The text of a request that gets full marks."""
    return f'{{"exercise": {exercise.to_json()}, "answers": {json.dumps(right)}}}'
