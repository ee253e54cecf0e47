"""Sheets and worked solutions of programs, in every format."""

import json
import re

import pytest
from typst import compile as compile_typst

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import MatrixProduct, Named
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.formulas.typst import to_typst
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems import ProblemSet, generate
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.drawing.draw import draw_alone
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.copied_givens import numpy_lines
from gradgrade.problems.worksheet.formats.html import write_html
from gradgrade.problems.worksheet.formats.latex import write_latex
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.problems.worksheet.formats.typst import write_typst
from gradgrade.problems.worksheet.page import Blank, Code, Drawing, Heading, Page, Paragraph
from gradgrade.problems.worksheet.question_sheet import boxes, make_question_sheet
from gradgrade.problems.worksheet.worked import givens_of, work
from tests.problems.drawing.drawn import texts
from tests.problems.programs import PROGRAMS, program, set_of

HOSTILE = 'q = x  # \\end{verbatim} ``` </code> "#]" $ & é'


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_sheets_have_the_listing_and_the_graph(name: str):
    exercise = program(name)
    for page in (make_question_sheet(exercise), make_answer_sheet(exercise, digits=6)):
        assert next(each.text for each in page.blocks if isinstance(each, Code)) == exercise.program
        assert sum(isinstance(each, Drawing) for each in page.blocks) == 1


def test_the_listing_is_code_in_every_format_whatever_stands_in_it():
    page = Page("Listing", (Code(f"def f(x):\n    return x\n\n{HOSTILE}\n"),))
    html = write_html(page)
    assert "<code>def f(x):\n    return x\n\nq = x  # \\end{verbatim} ``` &lt;/code&gt;" in html
    markdown = write_markdown(page)
    assert "````python\ndef f(x):" in markdown
    assert markdown.rstrip().endswith(f"{HOSTILE}\n````")
    latex = write_latex(page)
    assert "\\ttfamily\ndef~f(x): \\\\\n~~~~return~x \\\\\n~ \\\\" in latex
    assert "\\end{verbatim}" not in latex
    typst = write_typst(page)
    assert '#raw("def f(x):\\n    return x\\n\\nq = x  # \\\\end{verbatim}' in typst


def test_a_listing_like_that_is_set_as_pdf():
    page = Page("Listing", (Code(HOSTILE),))
    assert compile_typst(write_typst(page).encode(), ignore_system_fonts=True)[:4] == b"%PDF"


def test_words_tell_what_is_given_and_what_gradients_are_of():
    said = " ".join(words.structure(program("embedding")))
    assert "E (5 × 2)" in said
    assert "ids (4 entries)" in said
    assert "ids holds whole numbers from 0 to 4." in said
    assert "dNAME is the derivative of L by NAME" in said
    said = " ".join(words.structure(program("affine")))
    assert "Sizes: " in said
    assert "N = 4" in said
    assert "dout is given" in said
    said = " ".join(words.structure(program("twice")))
    assert "the derivative of f by NAME, in formulas ∂f/∂NAME" in said


def test_parameters_and_iterations_are_told():
    exercise = generate(
        ProblemSet.from_toml(
            """
            schema = "gradgrade/problem-set/1"
            name = "fit"
            [[exercises]]
            name = "line"
            type = "program"
            arrays = { w = [], x = [], y = [] }
            program = "L = (w * x - y)**2"
            differentiate = "L"
            parameters = ["w"]
            optimizer = "sgd"
            learning_rate = 0.1
            iterations = 2
            ask = ["dw", "w_new"]
            """
        ),
        "line",
        student="1",
        secret=b"0",
    )
    assert isinstance(exercise, ProgramExercise)
    said = " ".join(words.structure(exercise))
    assert "it updates w. NAME_new is NAME after its update." in said
    assert "Iterations: 2" in said
    assert "Iteration 2" in worked_solution(exercise)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("loss_below = 0.80", "the loss is below 0.80."),
        ("gradient_norm_below = 0.2", "one vector, have a length below 0.2."),
        (
            'patience = 2, validation = { x = "xv", y = "yv" }',
            "the last 2 losses, worked out with xv in place of x and yv in place of y, "
            "are all above the least before.",
        ),
        (
            'patience = 1, validation = { x = "xv" }',
            "the last loss, worked out with xv in place of x, is above the least before.",
        ),
    ],
)
def test_students_are_told_where_training_stops_and_what_steps_counts(until, said):
    told = list(words.structure(fitted(until)))[-1]
    assert told.startswith("Training stops where ")
    assert said in told
    assert "at most 12 updates. steps is how many were made" in told


@pytest.mark.parametrize(
    "until", ["loss_below = 0.80", 'patience = 1, validation = { x = "xv", y = "yv" }']
)
def test_a_worked_solution_says_what_met_and_stops_are_where_it_works_them_out(until):
    exercise = fitted(until)
    text = worked_solution(exercise, digits=6)
    before, stopped = text.split("\n\nWhere training stops\n")
    assert "Iteration" not in stopped
    assert "stops@" not in before
    assert stopped.startswith("met is 1 in an iteration where the condition holds and 0 in any")
    assert "\n\nsteps:  steps = stops@2 + 2 stops@3" in stopped
    page = make_answer_sheet(exercise, digits=6)
    at = page.blocks.index(Heading("Where training stops"))
    assert page.blocks[at + 1] == Paragraph(words.MET_AND_STOPS)


def fitted(until):
    """An exercise that trains until something holds."""
    problem_set = ProblemSet.from_toml(
        f"""
        schema = "gradgrade/problem-set/1"
        name = "fit"
        [[exercises]]
        name = "line"
        type = "program"
        arrays = {{ x = [3], w = [], y = [3], xv = [3], yv = [3] }}
        program = "L = mean((w * x - y)**2)"
        differentiate = "L"
        parameters = ["w"]
        optimizer = {{ name = "sgd", learning_rate = 0.05 }}
        until = {{ {until}, at_most = 12 }}
        ask = ["steps", "w_new", "L"]
        """
    )
    return generate(problem_set, "line", student="1", secret=b"0")


def test_every_path_is_a_step_of_its_own_and_their_sum_another():
    text = worked_solution(program("twice"), digits=6)
    number = r"-?[\d.e-]+"
    for label in ("line 2, operand 1", "line 2, operand 2", "line 3"):
        assert f"dq through {label}:  (∂f/∂q through {label}) = " in text
    assert re.search(
        r"∂f/∂q = \(∂f/∂q through line 2, operand 1\) \+ "
        r"\(∂f/∂q through line 2, operand 2\) \+ \(∂f/∂q through line 3\)\n"
        rf" +\= \(?{number}\)? \+ \(?{number}\)? \+ \(?{number}\)?\n",
        text,
    )
    assert "(exp(q)) at line 3, column 13:  `exp(q)` = e^q" in text
    assert "convention" not in text
    assert "Norm of the gradient" not in text


def test_the_objective_is_told_where_no_line_names_it_alone():
    assert "objective:  L = Σ ∂L/∂out ∘ out" in worked_solution(program("affine"), digits=6)
    for name in ("twice", "embedding"):
        assert "objective" not in worked_solution(program(name), digits=6)


OWN_NAMES = """
arrays = { w = [], x = [], y = [] }
program = '''
L = (w * x - y)**2
threshold = 3 * w
data_loss = L * threshold
loss = L + data_loss
'''
differentiate = "loss"
ask = ["L", "loss", "dL", "dw"]
"""


def test_lines_are_shown_by_their_authors_names_whatever_networks_call_them():
    exercise = generate(set_of(OWN_NAMES), "program", student="1", secret=b"0")
    derivation = exercise.derivation()
    shown = [to_plain(derivation.written(step.name)) for step in derivation.steps]
    assert {"L", "threshold", "data_loss", "loss", "∂loss/∂L", "∂loss/∂data_loss"} <= {*shown}
    assert len(shown) - len(set(shown)) == 1  # what is differentiated is the line itself
    text = worked_solution(exercise, digits=6)
    assert "loss:  loss = L + data_loss\n" in text
    assert "dloss:  ∂loss/∂loss = 1\n" in text
    sheet = make_question_sheet(exercise)
    assert [to_plain(each.symbol) for each in sheet.blocks if isinstance(each, Blank)] == [
        *("L", "loss", "∂loss/∂L", "∂loss/∂w")
    ]
    assert {"L", "loss", "∂loss/∂L", "∂loss/∂w"} <= set(texts(draw_alone(exercise)))


def test_beside_a_line_called_l_what_no_line_names_has_another_letter():
    stated = 'arrays = { x = [2] }\nprogram = "L = x * x"\nupstream = ["L"]\nask = ["dx"]'
    exercise = generate(set_of(stated), "program", student="1", secret=b"0")
    assert isinstance(exercise, ProgramExercise)
    assert "dNAME is the derivative of objective by NAME" in " ".join(words.structure(exercise))
    assert "∂objective/∂x = " in worked_solution(exercise)


SCALARS = """
arrays = { a = [], b = [], v = [2] }
program = '''
p = a * b
A1d = 0.1 * v
q = p * sum(A1d * A1d * a)
L = -q**2
'''
differentiate = "L"
ask = ["da"]
"""


def test_between_numbers_stands_no_sign_of_entries():
    exercise = generate(set_of(SCALARS), "program", student="1", secret=b"0")
    text = worked_solution(exercise, digits=6)
    for shown in (
        "p = a · b\n",
        "A1d = 0.1 v\n",
        "`A1d * A1d` = A1d ∘ A1d\n",
        "`A1d * A1d * a` = `A1d * A1d` · a\n",
        "∂L/∂q = ∂L/∂`q**2` · 2 q\n",
        "∂L/∂v = 0.1 ∂L/∂A1d\n",
    ):
        assert shown in text
    assert "(∂A1d)" not in text


DECIMALS = """
arrays = { v = [2] }
program = '''
N = 4
keep_prob = 0.8
u = sqrt(v * v + 1e-5)
L = 0.50 * sum(u) / N - -0.1 * mean(v) + keep_prob * 1/3
'''
differentiate = "L"
ask = ["dv"]
"""


@pytest.mark.parametrize("arithmetic", ["binary64", "decimal"])
def test_numbers_of_the_text_are_written_as_they_stand_there(arithmetic: str):
    stated = f'{DECIMALS}arithmetic = "{arithmetic}"'
    exercise = ungated(set_of(stated), "program", student="1", secret=b"0")
    text = worked_solution(exercise, digits=6)
    assert "keep_prob:  keep_prob = 0.8\n" in text
    assert "`v * v + 1e-5` = `v * v` + 10^-5\n" in text
    for shown in (" = 0.50 ", " = -0.1 ", " = ½ Σ v\n"):
        assert shown in text
    page = make_answer_sheet(exercise, digits=6)
    for written in (write_html(page), write_markdown(page), write_latex(page), write_typst(page)):
        assert not re.search(r"(?<![.\da-f])\d{9,}(?![\da-f])", written)


def test_an_optimizers_numbers_keep_the_fields_letters_in_programs():
    text = worked_solution(fitted("loss_below = 0.80"))
    assert "learning_rate:  η = 0.05" in text
    assert "w_new@1 = w@1 - η ∂L/∂w@1" in text


@pytest.mark.parametrize(
    ("name", "plain", "latex"),
    [
        (Name("x"), "x", "x"),
        (Name("W1"), "W1", "W_{1}"),
        (Name("attention.scores"), "attention.scores", r"\mathrm{attention.scores}"),
        (Name("xhat").gradient, "∂L/∂xhat", r"\frac{\partial L}{\partial \mathrm{xhat}}"),
        (Name("h_1 @ W").at("line 2"), "`h_1 @ W`", r"\texttt{h\_1 @ W}"),
    ],
)
def test_names_of_programs_read_well(name: Name, plain: str, latex: str):
    assert to_plain(Named(name)) == plain
    assert to_latex(Named(name)) == latex


def test_the_source_of_an_operation_is_set_as_code():
    name = Named(Name('a < b & "c"').at("line 1"))
    assert '<mtext class="code">a&#xA0;&lt;&#xA0;b' in to_mathml(name)
    assert to_typst(name) == '#raw("a < b & \\"c\\"")'


def test_vectors_are_written_across_as_numpy_prints_them():
    exercise = program("normalization")
    part = next(each for each in exercise.ask if each.name == "mu")
    assert boxes(exercise, part) == (1, 3)


PRODUCTS = """
v = A @ x
r = v @ B
o = outer(r, x)
L = sum(o) + x @ x
"""


def test_in_matrix_products_vectors_are_written_as_the_columns_or_rows_that_they_stand_for():
    exercise = generate(
        ProblemSet.from_toml(
            f"""
            schema = "gradgrade/problem-set/1"
            name = "products"
            [[exercises]]
            name = "all"
            type = "program"
            arrays = {{ A = [2, 2], B = [2, 2], x = [2] }}
            program = '''{PRODUCTS}'''
            differentiate = "L"
            ask = ["gradients"]
            """
        ),
        "all",
        student="1",
        secret=b"0",
    )
    steps = [step for part in work(exercise, digits=4).parts for step in part.steps]
    (row,) = (step for step in steps if to_plain(step.formula) == "v B")
    assert re.match(r"\[[^;\]]+\] \[", to_plain(row.numbers))
    products = [step for step in steps if isinstance(step.numbers, MatrixProduct)]
    assert [to_plain(step.formula) for step in products] == [
        *("A x", "r xᵀ", "∂L/∂o x", "∂L/∂v xᵀ", "Aᵀ ∂L/∂v", "∂L/∂oᵀ r")
    ]
    reference = Reference(digits=20)
    for step in products:
        with reference.active():
            value = evaluate(step.numbers, {}, reference, convention="column")
        found = [float(each) for row in reference.rows(value) for each in row]
        (grid,) = step.made.grids
        right = [float(each) for row in grid.rows for each in row]
        assert found == pytest.approx(right, rel=1e-2), to_plain(step.formula)


def test_masks_and_targets_of_0_and_1_are_written_without_a_point():
    exercise = generate(
        ProblemSet.from_toml(
            """
            schema = "gradgrade/problem-set/1"
            name = "zeros-and-ones"
            [[exercises]]
            name = "masked"
            type = "program"
            arrays = { w = [2], x = [2], m = { shape = [2], mask = true }, y = [2], one = [] }
            given = { w = [1.0, 0.0], y = [1.0, 0.0], x = [1.0, 0.5], one = 1.0 }
            program = "L = sum((m * w - y)**2) + sum(x) * one"
            differentiate = "L"
            parameters = ["w"]
            optimizer = "sgd"
            learning_rate = 0.5
            ask = ["L", "dw"]
            """
        ),
        "masked",
        student="1",
        secret=b"0",
    )
    assert isinstance(exercise, ProgramExercise)
    given = {each.name: each.array for each in givens_of(exercise)}
    assert set(given["m"]) <= {"0", "1"}
    assert given["y"] == ["1", "0"]
    assert (given["w"], given["x"], given["one"]) == (["1.0", "0.0"], ["1.0", "0.5"], "1.0")
    assert '"1.0"' in json.dumps([each.text for each in exercise.given["y"]])
    assert "m is a mask: its entries are 0 or 1." in words.structure(exercise)
    assert "y = np.array([1, 0], dtype=float)" in numpy_lines(exercise)
