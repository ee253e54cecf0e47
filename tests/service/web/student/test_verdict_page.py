"""The page of a verdict: what was right is folded, and of all else it is said what became of it."""

import json

from tests.service.course_api.classroom import NAME, problem_set, right
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

pytestmark = one_database


def wrong_sign(published) -> dict[str, object]:
    """A wrong delta, from which the gradient follows rightly."""
    answers = right(published.students["s001"].exercise())
    for name in ("delta1", "dW1"):
        answers[name] = [[-entry for entry in row] for row in answers[name]]
    return answers


def section(page, name):
    """The part of this name."""
    (found,) = (
        each
        for each in page.all("section")
        if "part" in each.attributes.get("class", "") and each.text.split()[0] == name
    )
    return found


def handed_in(student, answers):
    return student.get(student.fill_in(EXERCISE, **boxes(answers), confirmed="yes").location)


def test_what_is_right_is_folded_to_a_line_and_nothing_else(published, student):
    page = handed_in(student, wrong_sign(published))
    classes = {name: section(page, name).attributes["class"] for name in ("loss", "delta1", "dW1")}
    assert classes == {"loss": "part folded", "delta1": "part", "dW1": "part"}
    assert [each.text.split()[0] for each in page.all("summary")] == ["loss"]


def test_a_wrong_part_has_its_mistake_its_entries_and_the_rule_that_was_meant(published, student):
    part = section(handed_in(student, wrong_sign(published)), "delta1").text
    assert "✗ not correct" in part
    assert "What may have happened" in part
    assert part.count("± sign") == 2
    assert "The rule" in part


def test_beside_the_rule_stands_what_the_answer_looks_like(published, student):
    part = section(handed_in(student, wrong_sign(published)), "delta1").text
    assert part.index("The rule") < part.index("Yours looks like")
    assert part.count("The rule") == part.count("Yours looks like")


def test_the_students_own_numbers_are_put_in_where_they_come_to_what_was_typed(published, student):
    exercise = published.students["s001"].exercise()
    answers = right(exercise)
    rate = json.loads(exercise)["optimizer"]["learning_rate"]
    answers["dW1"] = [[rate * entry for entry in row] for row in answers["dW1"]]
    part = section(handed_in(student, answers), "dW1").text
    told = part[part.index("In yours, ") :]
    assert told.index(f"{abs(answers['delta1'][0][0]):.15g}") < told.index(
        "which is what you typed"
    )


def test_a_mistake_is_explained_where_it_is_named_first(published, student):
    answers = wrong_sign(published)
    answers["dW1"] = [[-2 * entry for entry in row] for row in answers["dW1"]]
    page = handed_in(student, answers)
    explanations = [each.text for each in page.all("p") if each.text.count(": ") == 1]
    assert len(explanations) == len(set(explanations))


def test_what_follows_is_marked_entry_by_entry_and_says_why_it_earns(published, student):
    part = section(handed_in(student, wrong_sign(published)), "dW1").text
    assert part.count("↳ follows from yours") == 1
    assert part.count("↳ follows") == 1 + 4
    assert "80 % of its points are yours" in part
    assert "comes right by itself once delta1 is" in part
    assert "wrong" not in part.replace("Wrong, but rightly", "")


def test_no_rule_is_shown_where_the_mistake_is_not_told(published, student):
    published.instructor.put(f"/problem-sets/{NAME}", problem_set(feedback="parts"))
    page = handed_in(student, wrong_sign(published))
    assert "The rule" not in page.text


def test_an_empty_part_tells_its_rule_only_where_formulas_may_be_seen(published, student):
    answers = {"loss": 0.5}
    page = handed_in(student, answers)
    assert "No number was typed here." in section(page, "dW1").text
    assert "The rule" not in section(page, "dW1").text
    published.instructor.put(f"/problem-sets/{NAME}", problem_set(hints="formulas"))
    page = handed_in(student, answers)
    assert "The rule" in section(page, "dW1").text


def test_all_attempts_are_listed_and_linked_and_the_form_is_a_step_away(published, student):
    first = student.fill_in(EXERCISE, **boxes({"loss": 0.5}), confirmed="yes").location
    page = handed_in(student, wrong_sign(published))
    links = [each.attributes["href"] for each in page.all("a")]
    assert first in links
    assert "this one" in page.text
    (again,) = (each for each in page.all("a") if "Try again" in each.text)
    assert again.attributes["href"] == EXERCISE
    assert "Try again" not in handed_in(student, right(published.students["s001"].exercise())).text


def test_the_first_error_leads_to_its_part(published, student):
    page = handed_in(student, wrong_sign(published))
    (link,) = (each for each in page.all("a") if each.text == "delta1")
    heads = {each.attributes.get("id"): each.text for each in page.all("h2")}
    assert heads[link.attributes["href"].removeprefix("#")].startswith("delta1")


def test_staff_are_told_whose_it_is_by_name(published):
    path = f"/problem-sets/{NAME}/students"
    made = published.instructor.post(path, [{"id": "s003", "name": "Ada Lovelace"}]).json
    ada = Visitor.of(published.live.asker(made[0]["token"]))
    sent = ada.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    page = Visitor.of(published.assistant).get(sent.location)
    assert "Student Ada Lovelace" in page.text
    assert "Try again" not in page.text
