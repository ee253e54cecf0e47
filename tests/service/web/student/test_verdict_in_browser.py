"""A verdict in Chromium: at every width what it points at is in sight, and can be read."""

import numpy
import pytest

from gradgrade.problems import Exercise
from tests.looks import WIDTHS
from tests.service.course_api.classroom import right
from tests.service.web.chromium import sign_in
from tests.service.web.visitor import one_database

pytestmark = one_database

GATED = {
    "name": "gated",
    "type": "program",
    "points": 10,
    "arrays": {
        "x": [2],
        "h": [3],
        "Wz": [3, 5],
        "Wr": [3, 5],
        "Wh": [3, 5],
        "bz": [3],
    },
    "program": (
        "xh = np.concatenate((x, h))\n"
        "z = sigmoid(Wz @ xh + bz)\n"
        "r = sigmoid(Wr @ xh)\n"
        "n = np.tanh(Wh @ np.concatenate((x, r * h)))\n"
        "h_next = (1 - z) * h + z * n\n"
    ),
    "upstream": "h_next",
    "ask": ["z", "h_next", "dn", "dh", "dx"],
}

UNTIL = {
    "name": "until",
    "type": "program",
    "points": 10,
    "arrays": {"x": [4], "y": [4], "w": [], "b": []},
    "program": "L = np.mean((w * x + b - y)**2)",
    "differentiate": "L",
    "parameters": ["w", "b"],
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "until": {"loss_below": 0.9, "at_most": 10},
    "ask": ["steps", "L"],
}

SEEN = """
(() => {
  const inside = (part, frame) => part.left >= frame.left - 1 && part.right <= frame.right + 1;
  const window_ = { left: 0, right: document.documentElement.clientWidth };
  const isSeen = each => inside(each.getBoundingClientRect(), window_) &&
    inside(each.getBoundingClientRect(), each.closest('.wide').getBoundingClientRect());
  const drawing = [...document.querySelectorAll('svg.drawing')].find(
    each => each.getClientRects().length);
  return {
    scale: drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width,
    first: [...drawing.querySelectorAll('text.first')].map(isSeen),
    differing: [...document.querySelectorAll('.differs')].map(isSeen),
    form: drawing.classList[1],
  };
})()
"""


@pytest.fixture
def wrong(classroom, browser, server):
    """Hand in wrong answers to an exercise, and look at what is said of them."""
    classroom.publish(exercises=[GATED, UNTIL])
    (student,) = classroom.enrol("s001")
    sign_in(browser, student.asker)

    def look(name, width, change):
        document = student.exercise(name)
        sent = student.submit(change(document, right(document)), name).json["submission"]
        browser.look(width=width, scheme="light")
        browser.open(f"http://127.0.0.1:{server.port}/submissions/{sent}")
        return browser.value(SEEN)

    return look


def without_a_path(document, answers):
    """Leave out what h_next passes back to h without a gate's help."""
    upstream = numpy.array(
        [float(each.text) for each in Exercise.from_json(document).given["dh_next"]]
    )
    passed = upstream * (1 - numpy.array(answers["z"], dtype=float))
    return answers | {"dh": (numpy.array(answers["dh"], dtype=float) - passed).tolist()}


def one_step_more(_, answers):
    return answers | {"steps": float(answers["steps"]) + 1}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_error_on_a_large_drawing_is_in_sight_and_can_be_read(wrong, width):
    seen = wrong("gated", width, without_a_path)
    assert seen["first"]
    assert all(seen["first"])
    assert seen["scale"] > 0.7


@pytest.mark.parametrize("width", WIDTHS)
def test_the_path_that_is_missing_is_marked_in_the_rule_and_in_sight(wrong, browser, width):
    seen = wrong("gated", width, without_a_path)
    assert seen["differing"] == [True]
    assert "through\u00a0line\u00a05" in browser.value(
        "document.querySelector('.differs').textContent"
    )
    assert "One path missing from the gradient of h, through line 5" in browser.text


@pytest.mark.parametrize("width", WIDTHS)
def test_the_step_too_many_is_marked_and_in_sight(wrong, browser, width):
    seen = wrong("until", width, one_step_more)
    assert seen["differing"] == [True]
    assert browser.value("document.querySelector('.differs').textContent") == "+1"
    assert "It began at steps, which is not in the drawing" in browser.text


def test_a_drawing_is_scaled_down_as_long_as_it_can_be_read_and_else_turned(wrong):
    assert wrong("gated", 1280, without_a_path)["form"] == "turned-form"
    assert wrong("until", 700, one_step_more)["form"] == "wide-form"


def test_nothing_of_a_formula_is_hidden_in_print(wrong, browser):
    wrong("until", 700, one_step_more)
    browser.call("Emulation.setEmulatedMedia", media="print")
    hidden = "[...document.querySelectorAll('.wide')].map(each => getComputedStyle(each).overflowX)"
    assert set(browser.value(hidden)) == {"visible"}
    browser.call("Emulation.setEmulatedMedia", media="screen")
