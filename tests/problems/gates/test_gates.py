"""Each gate rejects what it is there to reject, and lets an ordinary variant pass."""

from typing import Any

import numpy
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, grade
from gradgrade.problems.gates import GATES, MARGIN, MARGIN_IN_ROUNDING, Candidates
from gradgrade.problems.gates.accuracy import accuracies
from gradgrade.problems.gates.misconceptions import bands_missed
from gradgrade.problems.gates.probing import find_rules
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.walks.stacked import assess
from tests.solved import right_answers
from tests.strategies import dense, problem_set

ORDINARY = {
    "inputs": 2,
    "layers": [dense(3, "sigmoid"), dense(1, "sigmoid")],
    "ask": ["gradients", "updates"],
    "tolerance": "auto",
    "optimizer": {"name": "sgd", "learning_rate": 0.5},
    "given": {
        "x": [[0.3], [-0.7]],
        "y": [[0.9]],
        "W1": [[0.15, -0.4], [0.6, 0.35], [-0.85, 0.1]],
        "b1": [0.2, -0.55, 0.45],
        "W2": [[0.75, -0.25, 0.5]],
        "b2": [-0.3],
    },
}


def template_of(**fields: Any) -> Template:
    return compile_template(problem_set(**fields), "exercise")


def exercise_of(**fields: Any) -> Exercise:
    """The first draw, neither certified nor gated."""
    template = template_of(**fields)
    return template.exercise(bytes(32), template.draw(Stream(bytes(32))))


def candidates_of(**fields: Any) -> Candidates:
    return Candidates(assess([exercise_of(**fields)]))


def faults_of(**fields: Any) -> dict[str, set[str]]:
    """The subjects at fault, by the codes of the gates that say so."""
    candidates = candidates_of(**fields)
    found = {
        gate.code: {subject for subject, each in gate.faults(candidates).items() if each.any()}
        for gate in GATES
    }
    return {code: subjects for code, subjects in found.items() if subjects}


def linear(given: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One layer without biases, its rows as given."""
    units, inputs = len(given["W1"]), len(given["W1"][0])
    return {
        "inputs": inputs,
        "layers": [dense(units, fields.pop("activation", "identity"), "none")],
        "given": given,
        "ask": ["dW1"],
        "tolerance": "auto",
    } | fields


ONE = {"x": [[1]], "y": [[0]], "W1": [[0.5]]}
FOUR_UNITS = {
    "x": [[1]],
    "y": [[1], [1], [1], [1]],
    "W1": [[0.5], [-0.25], [-0.3], [-0.7]],
}

MUST_REJECT = {
    "kink": [
        (linear(ONE | {"W1": [[0]]}, activation="relu"), "delta1"),
        (
            linear(ONE | {"x": [[0.1], [0.2], [-0.3]], "W1": [[1, 1, 1]]}, activation="relu"),
            "delta1",
        ),
        (
            linear(
                ONE | {"x": [[0.1]], "W1": [[0.3]]},
                activation="relu",
                rounding={"decimals": 1},
                arithmetic="decimal",
            ),
            "dW1",
        ),
        (linear(ONE | {"y": [[0.5]]}, loss={"name": "absolute_error"}), "da1"),
    ],
    "saturated": [
        (linear(ONE | {"W1": [[40]]}, activation="sigmoid"), "dW1"),
        (linear(ONE | {"W1": [[30]]}, activation="tanh"), "dW1"),
        (linear(ONE | {"x": [[1e200]], "W1": [[1e200]]}), "z1"),
    ],
    "dead_units": [(linear(FOUR_UNITS, activation="relu"), "a1")],
    "dead_gradient": [
        (linear(FOUR_UNITS, activation="relu"), "dW1"),
        # A pixel that is 0 in all samples.
        (linear({"x": [[0, 0], [1, 2]], "y": [[0, 0]], "W1": [[0.5, 0.25]]}, batch=2), "dW1"),
        (linear(ONE | {"y": [[0.5]]}, ask=["W1_new"]), "dW1"),
    ],
    "passed_by_zeros": [
        (linear(ONE | {"y": [[0.5]]}), "dW1"),
        (linear(ONE, tolerance={"decimals": 0}), "dW1"),
        (linear(ONE | {"x": [[0]]}, ask=["a1"]), "a1"),
    ],
    "passed_by_ones": [
        (linear(ONE | {"W1": [[1]]}, ask=["a1"]), "a1"),
        (linear(ONE | {"W1": [[0.99]]}, ask=["a1"], tolerance={"decimals": 1}), "a1"),
    ],
    "echo_of_given": [
        (linear(ONE | {"y": [[0.5]]}, ask=["W1_new"]), "W1_new by W1"),
        (
            linear(
                ONE,
                ask=["W1_new"],
                optimizer={"name": "sgd", "learning_rate": 1e-5},
                tolerance={"decimals": 4},
            ),
            "W1_new by W1",
        ),
        (linear(ONE | {"W1": [[1]]}, ask=["a1"]), "a1 by x"),
    ],
    "hidden_transpose": [
        (linear({"x": [[1], [1]], "y": [[0], [0]], "W1": [[0.3, 0.2], [0.1, 0.4]]}), "dW1"),
    ],
    "vanishing": [
        (linear(ONE | {"W1": [[0.05]]}, tolerance={"decimals": 2}), "dW1"),
        (linear(ONE | {"x": [[1e-3]], "W1": [[1]]}, tolerance={"decimals": 5}), "dW1"),
    ],
    "within_band": [
        (
            linear({"x": [[1], [1e-6]], "y": [[0]], "W1": [[0.5, 0.5]]}, tolerance={"decimals": 4}),
            "dW1",
        ),
        # 0.1 + 0.2 − 0.3 in doubles, which is 0 in decimals.
        (
            linear(
                {"x": [[0.1], [0.2], [-0.3]], "y": [[0]], "W1": [[1, 1, 1]]},
                ask=["z1"],
                arithmetic="decimal",
            ),
            "z1",
        ),
    ],
    "beyond_rounding": [
        # 0.3 − 0.1·3.0000001: of sixteen digits nine are left.
        (
            linear(
                {"x": [[1], [3.0000001]], "y": [[5]], "W1": [[0.3, -0.1]]},
                ask=["z1"],
                tolerance={"relative": 1e-9, "absolute": 0},
            ),
            "z1",
        ),
        (linear(ONE, tolerance={"relative": 1e-17, "absolute": 0}), "dW1"),
    ],
    "misconception": [
        (ORDINARY | {"given": ORDINARY["given"] | {"b1": [0, 0, 0], "b2": [0]}}, "bias_left_out"),
        (linear(ONE, tolerance={"relative": 3, "absolute": 0}), "residual_sign"),
    ],
}


@pytest.mark.parametrize(
    ("code", "fields", "subject"),
    [(code, *case) for code, cases in MUST_REJECT.items() for case in cases],
)
def test_a_gate_rejects_what_it_is_there_for(code, fields, subject):
    assert subject in faults_of(**fields).get(code, set())


def test_every_gate_has_something_that_it_must_reject():
    assert {gate.code for gate in GATES} == set(MUST_REJECT)


def test_an_ordinary_variant_passes_all_gates_but_what_its_structure_hides():
    assert set(faults_of(**ORDINARY)) == {"misconception"}
    found = find_rules(template_of(**{key: ORDINARY[key] for key in ORDINARY if key != "given"}))
    assert found.reasons(candidates_of(**ORDINARY).assessment) == [None]


def test_a_unit_that_is_off_is_no_fault_while_half_of_them_are_on():
    given = {"x": [[0.7]], "y": [[1], [1]], "W1": [[0.5], [-0.25]]}
    found = faults_of(**linear(given, activation="relu"))
    assert "dead_units" not in found
    assert "within_band" not in found


def test_a_gradient_is_not_dead_while_every_unit_and_every_input_has_some_of_it():
    given = {"x": [[1, 0], [0, 2]], "y": [[0, 1], [1, 0]], "W1": [[0.5, -1], [-0.25, 1]]}
    assert "dead_gradient" not in faults_of(**linear(given, activation="relu", batch=2))


def test_a_square_part_that_is_not_symmetric_may_be_asked():
    given = {"x": [[1], [2]], "y": [[0], [0]], "W1": [[0.3, 0.2], [0.1, 0.4]]}
    assert "hidden_transpose" not in faults_of(**linear(given))


def test_margins_are_narrower_where_rounding_is_allowed():
    fields = {"arithmetic": "decimal", "tolerance": {"decimals": 4}}
    assert candidates_of(**linear(ONE, **fields)).margin == MARGIN
    rounding = fields | {"rounding": {"decimals": 4}}
    assert candidates_of(**linear(ONE, **rounding)).margin == MARGIN_IN_ROUNDING


def test_a_stack_has_the_faults_of_its_variants_alone():
    template = template_of(layers=[dense(4, "relu"), dense(2)], tolerance="auto", ask=["gradients"])
    drawn = [template.exercise(bytes(32), template.draw(Stream(b"key", i))) for i in range(40)]
    rules = find_rules(template)
    together = rules.reasons(assess(drawn))
    assert together == [rules.reasons(assess([each]))[0] for each in drawn]
    assert None in together
    assert any(together)


def test_the_first_reason_is_told():
    fields = linear(ONE | {"y": [[0.5]]}, ask=["dW1", "W1_new"])
    assert {"passed_by_zeros", "echo_of_given", "within_band"} >= set(faults_of(**fields)) - {
        "misconception",
        "vanishing",
        "hidden_transpose",
        "dead_gradient",
    }
    assert Rules().reasons(candidates_of(**fields).assessment) == ["passed_by_zeros"]


# What no draw can help


def drawn(**fields: Any) -> Rules:
    return find_rules(
        template_of(**({"ask": ["gradients", "updates"], "tolerance": "auto"} | fields))
    )


def found_in(found: Rules, **wanted: Any) -> list[Any]:
    return [
        each
        for each in found.findings
        if all(getattr(each, name) == value for name, value in wanted.items())
    ]


def test_a_mistake_that_changes_nothing_asked_is_listed_as_that_and_not_by_its_exposure():
    def of(**options: Any) -> list[Any]:
        asked = drawn(layers=[dense(1, "sigmoid")], batch=3, **options)
        return found_in(asked, subject="bias_gradient_averaged")

    (finding,) = of(ask=["dW1"])
    assert (finding.kind, finding.share) == ("unasked", 1)
    assert "sample" not in finding.advice
    assert not of(ask=["db1"])


def test_the_mean_of_one_sample_is_listed_with_what_would_expose_it():
    (finding,) = found_in(drawn(layers=[dense(1, "sigmoid")]), subject="mean_missing_in_gradient")
    assert (finding.kind, finding.share) == ("identical", 1)
    assert "sample" in finding.advice
    assert not found_in(
        drawn(layers=[dense(1, "sigmoid")], batch=3), subject="mean_missing_in_gradient"
    )


def test_a_shared_bias_under_softmax_has_gradient_0_and_that_is_listed():
    found = drawn(layers=[dense(3, "softmax", "shared")], loss={"name": "cross_entropy"})
    (zeros,) = found_in(found, gate="passed_by_zeros")
    assert (zeros.subject, zeros.kind) == ("db1", "structural")
    (echo,) = found_in(found, gate="echo_of_given")
    assert echo.subject == "b1_new by b1"


def test_a_flatten_layer_s_output_is_x_itself_and_that_is_listed():
    layers = [{"type": "flatten"}, dense(1, "sigmoid")]
    found = drawn(layers=layers, ask=["a1", "gradients"])
    assert [each.subject for each in found_in(found, kind="structural")] == ["a1 by x"]


def test_what_is_only_rounded_to_0_is_not_taken_for_0():
    # Every draw saturates: σ(z) − 1 is lost in a(1 − a), yet is not 0.
    found = drawn(
        layers=[dense(1, "sigmoid")], draw={"weights": {"low": 50, "high": 60, "step": 1}}
    )
    assert not found_in(found, kind="structural")
    assert not found.zeros


def test_a_tolerance_hides_a_mistake_that_moves_little():
    fields = {
        "layers": [dense(1, "sigmoid")],
        "optimizer": {"name": "adam", "learning_rate": 0.1},
        "rounding": {"significant": 4},
        "arithmetic": "decimal",
    }
    kinds = {each.kind for each in drawn(**fields).findings if "epsilon" in each.subject}
    assert kinds
    assert kinds <= {"hidden", "rare"}


def test_an_exercise_whose_numbers_are_all_given_tells_its_faults():
    found = find_rules(template_of(**linear(ONE | {"y": [[0.5]]})))
    (zeros,) = found_in(found, gate="passed_by_zeros")
    assert (zeros.subject, zeros.kind, zeros.share) == ("dW1", "given", 1)


# For real: what passed the gates is graded


@pytest.mark.parametrize("student", [str(each) for each in range(4)])
def test_nothing_that_needs_no_work_passes_a_part_of_an_issued_variant(student):
    exercise = gated(student)
    answers = [
        {part.name: filled(part.shape, number) for part in exercise.ask} for number in (0, 1)
    ]
    answers.append({f"{name}_new": exercise.given[name] for name in ("W1", "b1", "W2", "b2")})
    for each in answers:
        assert {part.outcome for part in grade(exercise, as_floats(each)).parts} <= {
            *("incorrect", "missing")
        }


@pytest.mark.parametrize("student", [str(each) for each in range(4)])
def test_no_gated_misconception_gets_full_marks(student):
    exercise = gated(student)
    candidates = Candidates(assess([exercise]))
    listed = {each.subject for each in find_rules(template_of(**UNFIXED)).findings}
    for mistake in mistakes(candidates.derivation):
        if mistake.subject in listed:
            assert bands_missed(candidates, mistake) < MARGIN
            continue
        predicted = candidates.assessment.predict(mistake).values
        answers = {
            part.name: numpy.reshape(predicted[part.name][0], part.shape).tolist()
            for part in exercise.ask
        }
        assert grade(exercise, answers).outcome != "correct", mistake.subject
    assert grade(exercise, right_answers(exercise)).outcome == "correct"


UNFIXED = {key: ORDINARY[key] for key in ORDINARY if key != "given"}


def gated(student: str) -> Exercise:
    from gradgrade.problems import generate

    return generate(problem_set(**UNFIXED), "exercise", student=student, secret=b"gates")


def filled(shape: list[int], number: int) -> Any:
    return numpy.full(shape, number).tolist()


def as_floats(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        name: numpy.reshape(
            [float(getattr(each, "text", each)) for each in flatten(array)], numpy.shape(array)
        ).tolist()
        for name, array in answers.items()
    }


@pytest.mark.filterwarnings("error")
def test_how_accurate_a_draw_is_that_leaves_the_range_of_doubles_is_told_without_a_warning():
    large = {"W1": [[1e200]], "W2": [[1e200]], "x": [[1.0]], "y": [[0.0]], "b1": [0], "b2": [0]}
    candidates = candidates_of(
        inputs=1, layers=[dense(1), dense(1)], ask=["all"], tolerance="auto", given=large
    )
    assert numpy.isinf(candidates.values["z2"]).any()
    (found,) = accuracies(candidates)
    assert found.widest_bands["z2"] is None
    assert found.widest_bands["z1"] is not None
