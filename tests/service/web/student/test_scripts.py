"""An exercise with a script shows it as the assignment's interface, and tells of no solution."""

import json

from tests.problems.scripts.scripts import problem_set
from tests.service.course_api.classroom import NAME
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database

SCRIPT = "a1, cache = forward(x, W1, b1)\ndx, dW1, db1 = backward(da1, cache)\n"


def test_a_page_shows_how_code_is_used(classroom):
    scripted = problem_set(SCRIPT, more='solution = "reference/right.py"\n')
    classroom.publish(exercises=json.loads(scripted.to_json())["exercises"])
    classroom.enrol("s001")
    page = Visitor.of(classroom.students["s001"].asker).get(f"/sets/{NAME}/layer")
    assert "How your code is used" in [each.text.strip() for each in page.all("h2")]
    (listing,) = (each.text for each in page.all("pre") if "forward(" in each.text)
    assert listing == SCRIPT.rstrip()
    assert "The file that is handed in defines forward, backward" in page.text
    assert "right.py" not in page.text
