"""A student: from the link that was sent to full marks; by mouse, by keys, and without scripts."""

import pytest
from playwright.sync_api import expect

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from tests.service.course_api.classroom import EXERCISES, NAME, right
from tests.service.web.visitor import boxes

POLICY = {"attempts": 3, "solutions": "after_full_marks", "practice": True, "hints": "formulas"}
ADDRESS = f"/sets/{NAME}/{EXERCISES[0]}"


@pytest.fixture
def student(room):
    room.publish(**POLICY)
    room.enrol("s001", "s002")
    return room.students["s001"]


def typed(student, *, wrong=False):
    """What is typed into the boxes; wrongly: as if tanh had no derivative."""
    document = student.exercise()
    answers = right(document)
    if wrong:
        exercise = Exercise.from_json(document)
        activations = flatten(solve(exercise)["a1"].float64)
        inputs, targets = (
            [entry.double for entry in flatten(exercise.given[name])] for name in ("x", "y")
        )
        errors = [a - y for a, y in zip(activations, targets, strict=True)]
        answers["delta1"] = [[error] for error in errors]
        answers["dW1"] = [[error * x for x in inputs] for error in errors]
    return boxes(answers)


def attempts(student):
    listed = student.asker.get(f"/problem-sets/{NAME}/submissions").json
    return [each["attempt"] for each in listed]


def test_a_student_errs_is_told_why_corrects_it_and_reads_the_solution(opens, student):
    traveller = opens()
    page = traveller.page
    page.goto("/sign-in")
    traveller.look("sign-in")
    traveller.follow_link_of(student.asker.token)
    traveller.sees("Your work in")
    traveller.look("home")
    page.get_by_role("link", name="The exercise one-layer").first.click()
    traveller.look("exercise")
    traveller.fill({"entry-0-0": "1/3"})
    traveller.press("Hand in")
    traveller.sees("1/3")
    assert attempts(student) == []
    traveller.fill(typed(student, wrong=True))
    traveller.press("Hand in")
    traveller.sees("partly correct")
    traveller.sees("Activation's derivative missing")
    traveller.sees("↳ follows")
    traveller.look("verdict")
    page.goto(ADDRESS)
    traveller.fill(typed(student))
    traveller.press("Hand in")
    traveller.sees("10 of 10 points")
    expect(page.get_by_role("heading", name="All attempts at this exercise")).to_be_visible()
    assert sorted(attempts(student)) == [1, 2]
    page.goto(f"{ADDRESS}/solution")
    expect(page.locator("main math").first).to_be_visible()
    traveller.look("solution")
    page.goto(f"{ADDRESS}/practice")
    traveller.look("practice")
    page.goto(f"/sets/{NAME}")
    traveller.look("set")
    page.get_by_role("button", name="Sign out").click()
    traveller.sees("Learn backpropagation")
    assert traveller.errors == []


def test_a_student_gets_there_by_the_keyboard_alone(opens, student):
    traveller = opens()
    page = traveller.page
    keyboard = page.keyboard
    page.goto("/sign-in")
    keyboard.insert_text(student.asker.token)
    keyboard.press("Enter")
    traveller.sees("Your work in")
    traveller.tab_to(f"a[href='{ADDRESS}']")
    keyboard.press("Enter")
    page.wait_for_url(f"**{ADDRESS}")
    for wrong, told in ((True, "partly correct"), (False, "10 of 10 points")):
        for name, text in typed(student, wrong=wrong).items():
            traveller.tab_to(f"#{name}")
            keyboard.insert_text(text)
        traveller.tab_to("main .go")
        keyboard.press("Enter")
        traveller.sees(told)
        if wrong:
            traveller.tab_to(f"main a[href^='{ADDRESS}']:not([href$='/practice'])")
            keyboard.press("Enter")
            page.wait_for_url(f"**{ADDRESS}*")
    traveller.tab_to("main table a[href^='/submissions/']")
    keyboard.press("Enter")
    traveller.sees("partly correct")
    assert sorted(attempts(student)) == [1, 2]


def test_a_student_gets_there_without_scripts(opens, student):
    traveller = opens(scripts=False)
    page = traveller.page
    traveller.sign_in(student.asker.token)
    page.get_by_role("link", name="The exercise one-layer").first.click()
    for wrong, told in ((True, "Activation's derivative missing"), (False, "10 of 10 points")):
        traveller.fill(typed(student, wrong=wrong))
        traveller.press("Hand in")
        traveller.sees(told)
        if wrong:
            page.goto(ADDRESS)
    expect(page.get_by_role("heading", name="All attempts at this exercise")).to_be_visible()
    assert sorted(attempts(student)) == [1, 2]
