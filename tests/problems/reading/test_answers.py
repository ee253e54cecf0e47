"""Answers files as students write them: what each comes to, or the very words it gets."""

import json
import time
from contextlib import suppress

import pytest

from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading import read_answers

EXPECTED = {"loss": 0.5, "dW1": [[0.1, 0.2], [0.3, 0.4]], "db1": [1.5, -2.5]}
STRICT = json.dumps(EXPECTED)


@pytest.fixture(scope="module")
def exercise():
    return generate(load("first-steps"), "sigmoid-batch", student="1", secret=b"0")


@pytest.mark.parametrize(
    "text",
    [
        "{'loss': 0.5, 'dW1': [[0.1, 0.2], [0.3, 0.4]], 'db1': [1.5, -2.5]}",
        '{"loss": .5, "dW1": [[.1, .2], [.3, .4],], "db1": [+1.5, −2.5],}',
        '{"loss": 0,5, "dW1": [[0.1, 0.2], [0.3, 0.4]], "db1": [1.5, -2.5]}',
        "{loss: 0.5, dW1: [[0.1, 0.2], [0.3, 0.4]], db1: [1.5, -2.5]}",
        '{"loss": "0.5", "dW1": "[[0.1 0.2], [0.3 0.4]]", "db1": ["1.5", "-2.5"]}',
        '{"answers": {"loss": "0,5", "dW1": [[0.1, 0.2], [0.3, 0.4]], "db1": [1.5, -2.5]}}',
        '{"schema": "gradgrade/answers/1", "answers": {\'loss\': 0.5, "dW1": '
        '[[0.1, 0.2], [0.3, 0.4]], "db1": [1.5, -2.5],},}',
        '// mine\n{"loss": 0.5, // half\n "dW1": [[0.1, 0.2], [0.3, 0.4]],\n"db1": [1.5, -2.5]}',
        "loss = 0.5\ndW1 = [[0.1, 0.2], [0.3, 0.4]]\ndb1 = [1.5, -2.5]\n",
        "loss: 0.5\ndW1: [[0.1, 0.2], [0.3, 0.4]]\ndb1: [1.5, -2.5]\n",
        "loss=0,5\ndW1=0,1 0,2\n0,3 0,4\ndb1=1,5; -2,5",
        "loss = np.float64(0.5)\ndW1 = array([[0.1, 0.2],\n       [0.3, 0.4]])\n"
        "db1 = array([ 1.5, -2.5])",
        "loss = tensor(0.5000, grad_fn=<DivBackward0>)\n"
        "dW1 = tensor([[0.1, 0.2],\n        [0.3, 0.4]], dtype=torch.float64)\n"
        "db1 = Parameter containing:\ntensor([ 1.5, -2.5], requires_grad=True)",
        "% MATLAB\nloss = 0.5;\ndW1 = [0.1 0.2; 0.3 0.4];\ndb1 = [1.5; -2.5];\n",
        "loss =\n\n    0.5000\n\ndW1 =\n\n    0.1000    0.2000\n    0.3000    0.4000\n\n"
        "db1 =\n\n    1.5000\n   -2.5000\n",
        "```python\n>>> loss = 0.5  # half\n>>> dW1 = ((0.1, 0.2), (0.3, 0.4))\n"
        ">>> db1 = (1.5, -2.5)\n```",
        "\ufeffloss = ０.５\r\ndW1 = 0.1\t0.2\r\n0.3\t0.4\r\ndb1 = 1.5\t-2.5\r\n",
        "answers = {'loss': 5×10^-1, 'dW1': [[1e-1, 2e-1], [3e-1, 4e-1]], 'db1': [1.5, -2.5]}",
        "loss = 0.5, dW1 = [[0.1, 0.2], [0.3, 0.4]], db1 = [1.5, -2.5]",
        "'loss' = 0.5\n\"dW1\" := [[0.1, 0.2], [0.3, 0.4]]\ndb1 = [1.5, -2.5]",
    ],
)
def test_answers_are_read_however_they_are_written_and_told_as_what(exercise, text):
    reading = read_answers(text.encode(), exercise)
    assert reading.answers.answers == EXPECTED
    assert reading.understood
    for name, told in reading.understood.items():
        assert told.endswith(json.dumps(EXPECTED[name])) or "e-1" in text or "00" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_as_it_is_and_nothing_is_told(exercise, encoding):
    document = {"schema": "gradgrade/answers/1", "exercise": exercise.id, "answers": EXPECTED}
    for text in (STRICT, json.dumps(document)):
        reading = read_answers(text.replace(" ", "\r\n").encode(encoding), exercise)
        assert reading.answers.answers == EXPECTED
        assert dict(reading.understood) == {}


def test_which_exercise_they_answer_is_read_too_and_null_is_left_out(exercise):
    reading = read_answers("exercise = '2f'\nloss = None\ndb1 = [null, null]", exercise)
    assert reading.answers.exercise == "2f"
    assert reading.answers.answers == {"loss": None, "db1": None}


def test_an_iteration_has_the_shape_of_what_it_repeats(exercise):
    (read,) = read_answers("db1@1 = 0,5 1,5", exercise).answers.answers.values()
    assert read == [0.5, 1.5]


def test_a_shape_that_is_not_asked_is_left_to_the_verdict(exercise):
    assert read_answers("db1 = [1. 2. 3.]", exercise).answers.answers == {"db1": [1, 2, 3]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"loss": NaN}',
            "answers: loss: 'NaN' is not a number: write a finite one, or leave this part out",
        ),
        (
            '{"db1": [1, Infinity]}',
            "answers: db1: entry 2: 'Infinity' is not a finite number: write one, or leave this "
            "part out",
        ),
        ("loss = 1,234", "answers: loss: '1,234' can be 1234 or 1.234: write one of them"),
        (
            '{"loss": 1,234, "db1": [1, 2]}',
            "answers: loss: '1,234' can be 1234 or 1.234: write one of them",
        ),
        (
            '{"loss": "1/3"}',
            "answers: loss: '1/3' is a fraction: write its decimal value, such as 0.25",
        ),
        (
            "loss = 25%",
            "answers: loss: '25%' has a percent sign: write a share of 1, such as 0.25 for a "
            "quarter",
        ),
        (
            '{"loss": "about 0.5"}',
            "answers: loss: 'about 0.5' says more than a number: write it alone, as 0.5",
        ),
        (
            "dW1 = [[0.1 ... 0.4]]",
            "answers: dW1: '...' stands for numbers that were not printed: print all of them (in "
            "numpy by set_printoptions(threshold=sys.maxsize), in torch by "
            "set_printoptions(profile='full'))",
        ),
        (
            "db1 = [1.5, n/a]",
            "answers: db1: entry 2: 'n/a' is not a number: leave this part empty where you have "
            "no answer",
        ),
        ("db1 = [1.5, , 2]", "answers: db1: entry 2 is empty: write its number"),
        ("db1 = [1.5, 2", "answers: db1: a bracket is opened and not closed: write ]"),
        (
            "dW1 = [[1, 2], [3]]",
            "answers: dW1: an array is ragged: its rows differ in length: write as many numbers "
            "in each row",
        ),
        ("loss =", "answers: loss: it is empty: write a number"),
        (
            '{"dW1": [[1, null], [3, 4]]}',
            "answers: dW1: entry 2 is null: fill in all of this part, or nothing of it",
        ),
        (
            "db1 = [None 2]",
            "answers: db1: entry 1 is null: fill in all of this part, or nothing of it",
        ),
        (
            "loss = 1/3\ndb1 = [1 x]\ndW1 = [1 2; 3 4]",
            "answers: 2 faults:\n"
            "  loss: '1/3' is a fraction: write its decimal value, such as 0.25\n"
            "  db1: entry 2: 'x' is not a number: leave this part empty where you have no answer",
        ),
        ("loss = 1\nloss = 2", "answers: 'loss' stands twice: keep one of them"),
        (
            "my answers: I think loss = 0.5",
            "answers: 'my' stands before the first name: write each part as NAME = value",
        ),
        (
            "dW1 = x @ W1",
            "answers: dW1: 'x' is not a number: leave this part empty where you have no answer",
        ),
        (
            "dW1 = np.dot(delta1, x)",
            "answers: dW1: 'np.dot(…)' is an expression: write its value",
        ),
        (
            "dW1 = [1 2; 3 4]'",
            "answers: dW1: the sign ' transposes in MATLAB, or ends no text: write the array as it "
            "is",
        ),
        ("loss 0.5", "answers: no part is named: write each as NAME = value, as in loss = 0.24"),
        ("", "answers: not JSON at line 1, column 1: the text is empty"),
        ("[" * 5000, "answers: the document is nested deeper than 8 levels"),
        ("[1]", "answers: the document must be an object"),
        (
            '{"schema": "gradgrade/verdict/1", "parts": "x"}',
            'answers: schema: "gradgrade/verdict/1" is not what is read here: schema must be '
            '"gradgrade/answers/1"',
        ),
        (
            "loss = \xeb".encode("latin-1"),
            "the text is not UTF-8: byte 0xeb in line 1; save it as UTF-8",
        ),
    ],
)
def test_what_cannot_be_read_names_the_part_shows_the_value_and_says_what_to_write(
    exercise, text, said
):
    with pytest.raises(DocumentError) as refusal:
        read_answers(text, exercise)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    "piece",
    [
        "loss = 1\n",
        "a ",
        '"a" ',
        "a:",
        "'",
        '"',
        "{",
        "}",
        "[",
        "#",
        "a.b.",
        "loss = {}}}",
        " ",
        "%\n",
    ],
)
def test_reading_takes_no_more_than_linear_time(exercise, piece):
    text = piece * (60_000 // len(piece))
    began = time.process_time()
    for each in (text, f"loss = {text}"):
        with suppress(DocumentError):
            read_answers(each, exercise)
    assert time.process_time() - began < 2
