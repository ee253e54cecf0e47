"""A client that openapi-python-client makes of the server's description walks through a course."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gradgrade.problems import Exercise
from tests.service.course_api.classroom import NAME, new_classroom, problem_set
from tests.service.course_api.live import Live
from tests.solved import right_answers

PACKAGE = "generated_client"


@pytest.fixture(scope="module")
def generated(openapi: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the client's package, which can be imported."""
    folder = tmp_path_factory.mktemp("client")
    options = folder / "options.yaml"
    options.write_text("post_hooks: []\n")
    places = [f"--path={openapi}", f"--output-path={folder / PACKAGE}", f"--config={options}"]
    program = [sys.executable, "-m", "openapi_python_client", "generate"]
    made = subprocess.run(
        [*program, *places, "--meta=none", "--fail-on-warning"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def models(generated: Path) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.models")


def ask(live: Live, token: str | None, group: str, operation: str, *path: str, **arguments: Any):
    """Return what the client makes of an answer of success."""
    package = importlib.import_module(PACKAGE)
    address = f"http://127.0.0.1:{live.port}"
    client = (
        package.Client(base_url=address)
        if token is None
        else package.AuthenticatedClient(base_url=address, token=token)
    )
    view = importlib.import_module(f"{PACKAGE}.api.{group}.{operation}")
    with client:
        reply = view.sync_detailed(*path, client=client, **arguments)
    assert reply.status_code in (200, 201), reply.content
    return reply.parsed


def test_every_operation_has_a_function(generated: Path, openapi: Path):
    document = json.loads(openapi.read_text("utf-8"))
    operations = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    }
    made = {path.stem for path in generated.glob("api/*/*.py")} - {"__init__"}
    assert made == operations


def test_it_publishes_enrols_fetches_submits_and_reads_the_gradebook(live: Live, models):
    instructor = new_classroom(live).instructor.token
    told = problem_set()
    body = models.ProblemSet.from_dict(told)
    published = ask(live, instructor, "problem_sets", "publish_problem_set", body=body)
    assert published.name == NAME
    held = ask(live, instructor, "problem_sets", "read_problem_set", NAME)
    assert [each.name for each in held.exercises] == [each["name"] for each in told["exercises"]]

    entries = [models.RosterEntry(id="s001", name="Ada"), models.RosterEntry(id="s002")]
    ada, _ = ask(live, instructor, "roster", "enrol_students", NAME, body=entries)
    listed = ask(live, instructor, "roster", "list_students", NAME)
    assert [each.id for each in listed] == ["s001", "s002"]

    where = NAME, "two-layers"
    fetched = ask(live, ada.token, "exercises", "read_exercise", *where)
    path = f"/problem-sets/{NAME}/exercises/two-layers"
    exercise = Exercise.from_json(live.asker(ada.token).get(path).body)
    assert fetched.id == exercise.id
    assert fetched.given.additional_properties["W1"] == exercise.givens()["W1"]

    body = models.SubmissionRequest.from_dict({"answers": right_answers(exercise)})
    handed_in = ask(live, ada.token, "submissions", "submit_answers", *where, body=body)
    assert handed_in.verdict.outcome == "correct"
    read = ask(live, ada.token, "submissions", "read_submission", handed_in.submission)
    assert read.verdict.score == read.verdict.max_score == 4

    book = ask(live, instructor, "gradebook", "read_gradebook", NAME)
    assert {each.id: each.score for each in book.students} == {"s001": 4, "s002": None}


def test_it_grades_for_anybody_what_the_catalogue_gives(live: Live, models):
    group = "grading_without_a_course"
    variant = ask(live, None, group, "read_catalogue_variant", "seeds", "004-two-two-two")
    exercise = Exercise.from_json(
        live.asker(None).get("/catalogue/seeds/exercises/004-two-two-two").body
    )
    assert variant.id == exercise.id
    told = {"exercise": variant.to_dict(), "answers": right_answers(exercise)}
    verdict = ask(live, None, group, "grade_answers", body=models.GradeRequest.from_dict(told))
    assert verdict.outcome == "correct"
