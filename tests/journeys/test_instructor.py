"""An instructor: from an empty course to grades that are carried away."""

from pathlib import Path

from playwright.sync_api import expect

from tests.service.course_api.classroom import Student, right

NAME, EXERCISE = "week-1", "one-neuron"
SET = f"""\
schema = "gradgrade/problem-set/1"
name = "{NAME}"
title = "The first week"

[[exercises]]
name = "{EXERCISE}"
title = "One neuron"
points = 10
inputs = 2
layers = [{{ type = "dense", units = 1, activation = "sigmoid" }}]
loss = {{ name = "half_squared_error" }}
ask = ["z1", "loss", "dW1"]
tolerance = {{ relative = 1e-6 }}
"""
ROSTER = "id,name\ns001,Ada Lovelace\ns002,Emmy Noether\n"


def publish(traveller):
    """Write a set into the form of a new one, look at what it would give, and publish it."""
    page = traveller.page
    page.goto("/")
    traveller.press("A new set")
    text = page.get_by_label("The set, as TOML or JSON")
    text.fill(SET.replace("points", "piont"))
    traveller.press("Check and preview")
    traveller.sees("piont")
    text.fill(SET)
    traveller.press("Check and preview")
    traveller.sees("Preview")
    traveller.look("editor")
    page.locator("main .go").click()
    page.goto(f"/sets/{NAME}")
    traveller.sees("Nobody is on the roster yet.")


def put_on_roster(traveller, live):
    """Paste a roster; return the students with the tokens that are shown once."""
    page = traveller.page
    page.goto(f"/sets/{NAME}/-/roster")
    page.get_by_label("Pasted, with a head").fill(ROSTER)
    traveller.press("Put on the roster")
    traveller.sees("Ada Lovelace")
    shown = page.locator("main").inner_text()
    tokens = [each for each in shown.replace("#", " ").split() if each.startswith("gg_")]
    assert len(tokens) == 2
    return [
        Student(name, live.asker(token))
        for name, token in zip(("s001", "s002"), tokens, strict=True)
    ]


def nearly_right(student):
    """Answers that are off by a thousandth."""
    answers = right(student.exercise(EXERCISE))
    return answers | {"z1": [[each * 1.001 for each in row] for row in answers["z1"]]}


def test_an_instructor_publishes_watches_helps_regrades_and_exports(opens, room, live):
    traveller = opens()
    page = traveller.page
    traveller.sign_in(room.instructor.token)
    publish(traveller)
    students = put_on_roster(traveller, live)
    traveller.look("roster")
    for student in students:
        assert student.submit(nearly_right(student), EXERCISE).status == 201
    page.goto(f"/sets/{NAME}")
    traveller.sees("partly, half or more")
    traveller.look("progress")
    page.get_by_role("link", name="Ada Lovelace").click()
    traveller.look("student")
    page.get_by_label("Points", exact=True).fill("9.5")
    page.get_by_label("Why").fill("The numbers were shown wrongly.")
    traveller.press("State the points")
    traveller.sees("9.5")
    page.goto(f"/sets/{NAME}/-/statistics")
    traveller.look("statistics")
    page.goto(f"/sets/{NAME}/-/document")
    text = page.get_by_label("The set, as TOML or JSON")
    text.fill(SET.replace("1e-6", "1e-2"))
    page.locator("main .go").click()
    page.goto(f"/sets/{NAME}/-/overview")
    traveller.look("overview")
    page.get_by_role("link", name="Regrade", exact=True).click()
    traveller.press("See what would change")
    traveller.sees("Carry it out")
    traveller.sees("2 higher")
    traveller.look("regrade")
    before = room.instructor.get(f"/problem-sets/{NAME}/gradebook").body
    traveller.press("Carry it out")
    traveller.sees("Carried out")
    assert room.instructor.get(f"/problem-sets/{NAME}/gradebook").body != before
    page.goto(f"/sets/{NAME}/-/gradebook")
    traveller.look("gradebook")
    with page.expect_download() as download:
        page.locator("main a[href$='/gradebook/csv']").click()
    exported = Path(download.value.path()).read_text("utf-8")
    assert "Ada Lovelace" in exported
    assert "9.5" in exported
    page.goto("/")
    traveller.look("sets")
    page.goto("/audit-log")
    traveller.look("audit-log")
    assert traveller.errors == []


def test_an_instructor_gets_through_without_scripts(opens, room, live):
    traveller = opens(scripts=False)
    page = traveller.page
    traveller.sign_in(room.instructor.token)
    publish(traveller)
    students = put_on_roster(traveller, live)
    students[0].submit(None, EXERCISE)
    page.goto(f"/sets/{NAME}")
    traveller.sees("full marks")
    page.get_by_role("link", name="Emmy Noether").click()
    page.get_by_label("Points", exact=True).fill("3")
    page.get_by_label("Why").fill("On paper.")
    traveller.press("State the points")
    page.goto(f"/sets/{NAME}/-/regrades")
    traveller.press("See what would change")
    traveller.sees("What would change")
    page.goto(f"/sets/{NAME}/-/gradebook")
    expect(page.get_by_role("row", name="Emmy Noether")).to_contain_text("3")
