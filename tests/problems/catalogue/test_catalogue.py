"""The catalogue: usable in a course as it stands, and using everything that the oracle derives."""

import runpy
from collections import Counter
from functools import cache
from typing import Any, get_args

import pytest

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, REDUCTIONS
from gradgrade.oracle.nested import flatten, transpose
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems import Exercise, generate, solve
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.problem_set import (
    ExerciseDefinition,
    NetworkDefinition,
    ProgramDefinition,
)
from gradgrade.problems.documents.structures.layers import DenseLayer, LayerModel
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.generate import Issued, Search, issue
from gradgrade.problems.grade import Grader
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.report import MUCH_FORWARD, coinciding_factors
from tests import ROOT
from tests.catalogue import CATALOGUE
from tests.examples import share, spread

DOCS = ROOT / "docs"
TEACHING_SETS = [load(name) for name in names() if name != "seeds"]
TAUGHT = [(each.name, definition.name) for each in TEACHING_SETS for definition in each.exercises]
DEFINITIONS = [definition for name in names() for definition in load(name).exercises]
NETWORKS = [each for each in DEFINITIONS if isinstance(each, NetworkDefinition)]
PROGRAMS = [each for each in DEFINITIONS if isinstance(each, ProgramDefinition)]
TRIED = [each for each in CATALOGUE if each[0] != "seeds"]
ADA = "ada"
STUDENTS = [ADA, "alan", "grace"]
LAYER_TYPES = [each.model_fields["type"].annotation for each in get_args(get_args(LayerModel)[0])]


@pytest.mark.parametrize(("set_name", "name"), TRIED)
def test_the_forward_pass_alone_does_not_pass_an_exercise(set_name, name):
    assert compile_template(load(set_name), name).forward_share <= MUCH_FORWARD


@pytest.mark.parametrize(("set_name", "name"), TRIED)
def test_factors_that_students_mix_up_are_not_one_number(set_name, name):
    assert not coinciding_factors(compile_template(load(set_name), name))


@cache
def issued(set_name: str, name: str) -> dict[str, Issued]:
    """What each of the students is given, with its solution."""
    template = compile_template(load(set_name), name)
    keys = (template.key(student=student, secret=b"0", course="") for student in STUDENTS)
    found = issue(template, list(map(Search, keys)), rules_of(template))
    return dict(zip(STUDENTS, found, strict=True))


def variant(set_name: str, name: str, student: str) -> Exercise:
    if student in STUDENTS:
        return issued(set_name, name)[student].exercise
    return generate(load(set_name), name, student=student, secret=b"0")


@cache
def grader(set_name: str, name: str, student: str) -> Grader:
    given = issued(set_name, name)[student]
    return Grader(given.exercise, given.solution)


def right_answers(set_name: str, name: str, student: str) -> dict[str, Any]:
    grading = grader(set_name, name, student)
    return {part.name: grading.solution[part.name].float64 for part in grading.exercise.ask}


def each(value: Any, change: Any) -> Any:
    return [each(entry, change) for entry in value] if isinstance(value, list) else change(value)


def outcomes(set_name: str, name: str, answers: dict[str, Any]) -> dict[str, str]:
    """How each part fares; what is wrong stays wrong when it is explained, which takes longer."""
    verdict = grader(set_name, name, ADA).grade(answers, explains=False)
    return {part.name: part.outcome for part in verdict.parts}


def test_ten_sets_teach_networks_and_programs_besides_the_worked_examples():
    assert len(TEACHING_SETS) == 10
    assert len(TAUGHT) == 34 + len(PROGRAMS)
    assert len(PROGRAMS) >= 60
    assert ("depth", "8-16-8-4") in TAUGHT
    assert ("convolution-and-sequences", "adam-on-a-convolution") in TAUGHT


def test_the_page_about_the_catalogue_is_what_the_generator_finds_out():
    made = runpy.run_path(str(DOCS / "make_catalogue.py"))
    assert sorted(made["SETS"]) == [each.name for each in TEACHING_SETS]
    written = (DOCS / "catalogue.md").read_text("utf-8")
    if share() < 1:
        for set_name, name in spread(TAUGHT):
            assert made["section"](load(set_name), name) in written
    else:
        assert written == made["page"]()


def test_every_title_and_every_name_is_there_once():
    for values in ([each.title for each in DEFINITIONS], [each.name for each in DEFINITIONS]):
        (value, count), *_ = Counter(values).most_common(1)
        assert value
        assert count == 1, value


@pytest.mark.parametrize("definition", [d for s in TEACHING_SETS for d in s.exercises], ids=str)
def test_numbers_are_drawn_and_tolerances_derived(definition: ExerciseDefinition):
    assert set(definition.given) <= {"m"}  # a mask that is the same for everybody
    assert definition.tolerance == "auto"
    if definition.rounding is not None:
        assert definition.arithmetic == "decimal"


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("activation", ACTIVATIONS),
        ("loss", LOSSES),
        ("reduction", REDUCTIONS),
        ("optimizer", OPTIMIZERS),
        ("schedule", SCHEDULES),
        ("penalty", PENALTIES),
        ("layer", [name for each in LAYER_TYPES for name in get_args(each)]),
        ("bias", get_args(DenseLayer.model_fields["bias"].annotation)),
        ("convention", ("column", "row")),
        ("arithmetic", ("decimal", "binary64")),
        ("stochastic", (False, True)),
    ],
)
def test_everything_of_its_kind_is_taught_somewhere(kind: str, known: Any):
    used = {value for definition in NETWORKS for value in uses(definition)[kind]}
    assert used == set(known)


def uses(definition: NetworkDefinition) -> dict[str, list[Any]]:
    """What an exercise uses, by kind."""
    layers, loss, schedule = definition.layers, definition.loss, definition.optimizer.schedule
    penalties = definition.regularization or ()
    return {
        "activation": [getattr(layer, "activation", "identity") for layer in layers],
        "loss": [loss.name],
        "reduction": [loss.reduction] if loss.reduction else [],
        "optimizer": [definition.optimizer.name],
        "schedule": [schedule.name if schedule else "constant"],
        "penalty": [name for name, value in penalties if value is not None],
        "layer": [layer.type for layer in layers],
        "bias": [layer.bias for layer in layers if isinstance(layer, DenseLayer)],
        "convention": [definition.convention],
        "arithmetic": [definition.arithmetic],
        "stochastic": [definition.stochastic],
    }


@pytest.mark.parametrize(("set_name", "name"), TRIED)
def test_every_student_gets_numbers_of_their_own(set_name: str, name: str):
    variants = [variant(set_name, name, student) for student in STUDENTS]
    assert len({each.id for each in variants}) == len(STUDENTS)
    assert len({each.to_json().split('"given"')[1] for each in variants}) == len(STUDENTS)


@pytest.mark.parametrize(
    ("set_name", "name", "student"),
    [
        *((*each, ADA) for each in TRIED),
        *spread([(*each, student) for each in TRIED for student in STUDENTS[1:]]),
    ],
)
def test_right_doubles_get_full_marks(set_name: str, name: str, student: str):
    verdict = grader(set_name, name, student).grade(right_answers(set_name, name, student))
    assert verdict.outcome == "correct"
    assert verdict.score == verdict.max_score


@pytest.mark.parametrize(("set_name", "name"), TRIED)
@pytest.mark.parametrize("number", [0.0, 1.0])
def test_no_part_is_passed_by_zeros_or_ones(set_name: str, name: str, number: float):
    right = right_answers(set_name, name, ADA)
    same = {part: each(value, lambda _: number) for part, value in right.items()}
    assert "correct" not in outcomes(set_name, name, same).values()


@pytest.mark.parametrize(("set_name", "name"), TRIED)
def test_no_part_is_passed_with_its_sign_flipped(set_name: str, name: str):
    right = right_answers(set_name, name, ADA)
    negative = {part: each(value, lambda entry: -entry) for part, value in right.items()}
    assert "correct" not in outcomes(set_name, name, negative).values()


@pytest.mark.parametrize(("set_name", "name"), TRIED)
def test_no_matrix_is_passed_transposed(set_name: str, name: str):
    right = right_answers(set_name, name, ADA)
    asked = variant(set_name, name, ADA).ask
    matrices = [part.name for part in asked if len(part.shape) == 2 and part.shape != [1, 1]]
    flipped = right | {part: transpose(right[part]) for part in matrices}
    outcome = outcomes(set_name, name, flipped)
    assert not {part for part in matrices if outcome[part] == "correct"}


def test_some_relu_units_are_off_and_some_are_on():
    states = set()
    for student in map(str, range(10)):
        exercise = variant("first-steps", "relu", student)
        active = [a > 0 for a in flatten(solve(exercise)["a1"].float64)]
        assert any(active)
        states |= set(active)
    assert states == {True, False}


def test_both_branches_of_huber_are_taken():
    exercises = [variant("losses-and-activations", "huber", str(student)) for student in range(5)]
    deltas = [abs(delta) for each in exercises for delta in flatten(solve(each)["delta2"].float64)]
    at_the_threshold = deltas.count(max(deltas))
    assert 0 < at_the_threshold < len(deltas)


def test_each_layer_back_takes_three_quarters_of_the_gradient():
    for student in STUDENTS:
        solution = solve(variant("depth", "vanishing-gradients", student))
        first, last = (solution[name].float64[0][0] for name in ("delta1", "delta5"))
        assert abs(first) < abs(last) / 50


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize(
    ("set_name", "name"), [("first-steps", "two-steps"), ("optimizers", "momentum")]
)
def test_the_loss_goes_down(set_name: str, name: str, student: str):
    solution = solve(variant(set_name, name, student))
    losses = [value.float64 for part, value in solution.items() if part.startswith("loss@")]
    assert losses == sorted(losses, reverse=True)


def test_a_frozen_bias_has_a_gradient_and_no_update():
    exercise = variant("regularization-and-normalization", "weight-decay", STUDENTS[0])
    asked = {part.name for part in exercise.ask}
    assert "db1" in asked
    assert "b1_new" not in asked


def test_dropout_drops_some_units_and_keeps_some():
    masks = set()
    for student in STUDENTS:
        exercise = variant("regularization-and-normalization", "dropout", student)
        masks |= {float(number.text) for number in flatten(exercise.given["mask_2"])}
    assert masks == {0, 1}
