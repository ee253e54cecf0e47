"""PrairieLearn's question folder, its server.py run alone as PrairieLearn runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from gradgrade.problems.exports.mistaken import mistaken_parts
from gradgrade.problems.exports.prairielearn.question import PRIVATE_FILES, question_files
from tests.examples import examples, spread
from tests.problems.exports.prairielearn_rules import INFO, Elements
from tests.problems.worksheet.worksheets import HOSTILE, KINDS, of_kind, titled, two_layers
from tests.solved import right_answers
from tests.strategies import dense, variant

PROGRAM = """
import json, runpy, sys
server = runpy.run_path("server.py")
data = json.load(sys.stdin)
for name in sys.argv[1:]:
    server[name](data)
json.dump(data, sys.stdout)
"""


def blank_data(seed: int = 0) -> dict[str, Any]:
    return {
        "variant_seed": seed,
        "params": {},
        "correct_answers": {},
        "submitted_answers": {},
        "raw_submitted_answers": {},
        "format_errors": {},
        "partial_scores": {},
        "score": 0,
        "feedback": {},
        "options": {},
    }


def written(folder: Path, *variants: Exercise) -> Path:
    for name, text in question_files(variants).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def call(folder: Path, data: dict[str, Any], *functions: str) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, *functions],
        cwd=folder,
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    changed: dict[str, Any] = json.loads(result.stdout)
    return changed


def field(name: str) -> str:
    return f"{name.replace('@', '_at_')}_"


def submitted(exercise: Exercise) -> dict[str, Any]:
    """Right answers as PrairieLearn's elements hand them in."""
    answers, right = {}, right_answers(exercise)
    for part in exercise.ask:
        value, shape = right[part.name], part.shape
        if not shape:
            answers[field(part.name)] = value
            continue
        if len(shape) == 1:
            value = [value] if exercise.convention == "row" else [[each] for each in value]
        if len(shape) > 2:
            flat, width = flatten(value), shape[-1]
            value = [flat[start : start + width] for start in range(0, len(flat), width)]
        answers[field(part.name)] = {"_type": "ndarray", "_value": value}
    return answers


@pytest.mark.parametrize("name", ["loss", "delta2", "dW1", "db1"])
def test_one_wrong_entry_loses_its_part_alone(name: str, tmp_path: Path):
    exercise = two_layers()
    folder = written(tmp_path, exercise)
    data = call(folder, blank_data(), "generate")
    data["submitted_answers"] = submitted(exercise)
    wrong = data["submitted_answers"][field(name)]
    if isinstance(wrong, dict):
        wrong["_value"][-1][-1] += 1e-3
    else:
        data["submitted_answers"][field(name)] += 1e-3
    graded = call(folder, data, "parse", "grade")
    lost = [part for part, each in graded["partial_scores"].items() if each["score"] == 0]
    assert lost == [field(name)]
    assert 0 < graded["score"] < 1


@pytest.mark.parametrize(
    "answer",
    [
        {"_type": "ndarray", "_value": [[0.0] * 2] * 5},
        {"_type": "ndarray", "_value": [[0.0] * 5, [0.0] * 4 + [float("nan")]]},
        {"_type": "ndarray", "_value": [[0.0] * 5, [0.0] * 4 + [float("inf")]]},
        {"_type": "ndarray", "_value": [[True] * 5] * 2},
        [[0.0] * 4] * 2,
        [0.0] * 10,
        "text",
        0.5,
    ],
)
def test_another_shape_or_what_is_not_finite_is_a_format_error(answer: Any, tmp_path: Path):
    exercise = two_layers()
    folder = written(tmp_path, exercise)
    data = call(folder, blank_data(), "generate")
    data["submitted_answers"] = submitted(exercise) | {field("delta2"): answer}
    graded = call(folder, data, "parse", "grade")
    assert list(graded["format_errors"]) == [field("delta2")]
    assert graded["partial_scores"][field("delta2")]["score"] == 0


def typed(exercise: Exercise, answers: dict[str, Any]) -> dict[str, str]:
    """What is typed into every box; nothing for a part that is left out."""
    texts = {}
    for part in exercise.ask:
        value, name = answers.get(part.name), field(part.name)
        boxes = [f"{name}{box}" for box in range(1, len(flatten(blank(part.shape))) + 1)]
        boxes = boxes if part.shape else [name]
        flat = [""] * len(boxes) if value is None else map(repr, flatten(value))
        texts |= dict(zip(boxes, flat, strict=True))
    return texts


def blank(shape: list[int]) -> Any:
    return [blank(shape[1:]) for _ in range(shape[0])] if shape else 0


def handed_in(folder: Path, texts: dict[str, str]) -> dict[str, Any]:
    """Data after a submission: parsed by the elements and server.py; graded where it can be."""
    data = call(folder, blank_data(), "generate")
    data |= {"raw_submitted_answers": dict(texts), "submitted_answers": dict(texts)}
    Elements((folder / "question.html").read_text("utf-8")).parse(data)
    data = call(folder, data, "parse")
    return data if data["format_errors"] else call(folder, data, "grade")


@pytest.mark.parametrize("kind", spread(KINDS))
def test_what_is_typed_into_the_boxes_is_graded(kind: str, tmp_path: Path):
    exercise = of_kind(kind)
    graded = handed_in(written(tmp_path, exercise), typed(exercise, right_answers(exercise)))
    assert (graded["format_errors"], graded["score"]) == ({}, 1)
    assert {each["score"] for each in graded["partial_scores"].values()} == {1}


@pytest.mark.parametrize("left_out", ["loss", "delta2", "dW1"])
def test_a_part_that_is_left_blank_costs_its_own_points_alone(left_out: str, tmp_path: Path):
    exercise = two_layers()
    graded = handed_in(
        written(tmp_path, exercise), typed(exercise, right_answers(exercise) | {left_out: None})
    )
    assert graded["format_errors"] == {}
    lost = [part for part, each in graded["partial_scores"].items() if each["score"] == 0]
    assert lost == [field(left_out)]
    assert "blank" in graded["feedback"][field(left_out)]


def test_a_blank_box_is_no_0(tmp_path: Path):
    """Where 0 is expected: what PrairieLearn takes a blank box for is right there."""
    exercise = variant(layers=[dense(1)], given={"x": [[0], [0.5]]}, ask=["dW1", "loss"])
    right = right_answers(exercise)
    assert right["dW1"][0][0] == 0
    texts = typed(exercise, right) | {"dW1_1": " "}
    graded = handed_in(written(tmp_path, exercise), texts)
    assert graded["partial_scores"]["dW1_"]["score"] == 0
    assert graded["feedback"]["dW1_"] == "1 of 2 boxes are blank."


def test_nothing_filled_in_is_not_graded(tmp_path: Path):
    exercise = two_layers()
    graded = handed_in(written(tmp_path, exercise), typed(exercise, {}))
    assert graded["format_errors"] == {"nothing": "nothing is filled in"}


def test_a_known_mistake_is_named_in_the_submission_panel(tmp_path: Path):
    exercise = two_layers()
    folder = written(tmp_path, exercise)
    known, right = mistaken_parts(exercise)["dW1"], flatten(right_answers(exercise)["dW1"])
    flat = iter(
        [
            float(each.value) if each else own
            for each, own in zip(known[0].entries, right, strict=True)
        ]
    )
    mistaken = [[next(flat) for _ in range(3)] for _ in range(4)]
    graded = handed_in(folder, typed(exercise, right_answers(exercise) | {"dW1": mistaken}))
    assert graded["feedback"].keys() == {"dW1_"}
    assert known[0].title in graded["feedback"]["dW1_"]
    assert known[0].explanation in graded["feedback"]["dW1_"]
    panels = Elements((folder / "question.html").read_text("utf-8")).panels
    assert "{{#feedback.dW1_}}" in panels["pl-submission-panel"]


@pytest.mark.parametrize("panel", ["question", "submission", "answer"])
def test_the_worked_solution_is_in_the_answer_panel_alone(panel: str, tmp_path: Path):
    folder = written(tmp_path, two_layers())
    data = call(folder, blank_data(), "generate") | {"panel": panel}
    html = run(folder, f"print(server['render']({data!r}, '<p>html</p>'))")
    assert html.startswith("<p>html</p>")
    assert ('<div class="label">W2_new</div>' in html) == (panel == "answer")


def run(folder: Path, line: str) -> str:
    program = f"import runpy\nserver = runpy.run_path('server.py')\n{line}"
    return subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def test_the_seed_picks_the_variant(tmp_path: Path):
    variants = [two_layers(student=str(number)) for number in range(3)]
    folder = written(tmp_path, *variants)
    shown = [call(folder, blank_data(seed), "generate")["params"]["id"] for seed in range(4)]
    assert shown == [variants[index].id for index in (0, 1, 2, 0)]


def test_the_folder_can_be_named_by_the_options(tmp_path: Path):
    folder = written(tmp_path, two_layers())
    data = blank_data() | {"options": {"question_path": str(folder)}}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "server.py").write_text((folder / "server.py").read_text("utf-8"))
    assert call(elsewhere, data, "generate")["params"]["sheet"]


def test_nothing_of_the_answers_reaches_the_page(tmp_path: Path):
    exercise = two_layers()
    folder = written(tmp_path, exercise)
    data = call(folder, blank_data(), "generate")
    assert data["correct_answers"] == {}
    page = json.dumps(data) + (folder / "question.html").read_text("utf-8")
    for name in ("delta2", "dW1", "loss"):
        for entry in flatten(solve(exercise, digits=12)[name].value):
            assert entry.lstrip("-")[:9] not in page
    assert frozenset({"variants.json"}) == PRIVATE_FILES


def test_the_inputs_have_the_shapes_that_are_asked():
    inputs = Elements(question_files([two_layers("row")])["question.html"]).inputs
    sizes = {each["answers-name"]: (each.get("rows"), each.get("columns")) for _, each in inputs}
    assert sizes["dW1_"] == ("3", "4")
    assert sizes["db1_"] == ("1", "4")
    assert sizes["loss_"] == (None, None)
    assert len(sizes) == 5


def test_the_information_has_prairielearns_fields():
    first, again, other = (
        json.loads(question_files([each])["info.json"])
        for each in (two_layers(), two_layers(student="2"), of_kind("smooth-activations"))
    )
    assert first == again
    assert UUID(first["uuid"]).version == 5
    assert first["uuid"] != other["uuid"]
    INFO.validate(first)
    assert not INFO.is_valid(first | {"unknown": 1})
    assert first["partialCredit"]


@given(HOSTILE)
@settings(max_examples=examples(25))
def test_a_title_breaks_no_file(title: str):
    made = question_files([titled(title)])
    assert json.loads(made["info.json"])["title"]
    assert made == question_files([titled(title)])
    assert "{{" not in json.loads(made["variants.json"])[0]["sheet"]
