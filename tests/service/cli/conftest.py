"""An exercise and its solution on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from tests import solved


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")


@pytest.fixture
def exercise_file(exercise: Exercise, tmp_path: Path) -> Path:
    path = tmp_path / "given.exercise.json"
    path.write_text(exercise.to_json(), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def right_answers(exercise: Exercise) -> dict[str, Any]:
    return solved.right_answers(exercise)


@pytest.fixture
def answers_file(right_answers: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(right_answers), encoding="utf-8")
    return path
