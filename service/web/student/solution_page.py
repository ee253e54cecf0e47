"""The page of a worked solution: a student's own variant, step by step, when the set shows it."""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.worksheet import words
from gradgrade.service.course.sets.problem_sets import template_of
from gradgrade.service.course.work.solutions import open_variant
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.drawings import drawn
from gradgrade.service.web.student.trying import DIGITS, worked_out
from gradgrade.service.web.student.work_page_data import read_work_page, student_asked_for
from gradgrade.service.web.visit import Visit


def show_solution(visit: Visit, name: str, exercise: str) -> Response:
    """Answer with the worked solution of a student's variant, unless it is withheld."""
    student = student_asked_for(visit)
    now = visit.received_at
    open_variant(visit.backend, visit.actor, name, exercise, student, now=now)
    data = read_work_page(
        visit.backend, visit.actor, name, exercise, student=student, now=now, draws=False
    )
    visit.computing.count(visit.actor, cost_of(template_of(data.held, exercise)))
    solution = visit.computing(visit.actor, worked_out, data.exercise)
    return page(
        "solution.html",
        data=data,
        title=words.title(data.exercise),
        digits=DIGITS,
        # That of a program has the values in it, and is in the solution.
        drawing="" if isinstance(data.exercise, ProgramExercise) else drawn(data.document),
        # Made by our own writer of formulas; whatever text is in it is escaped there.
        solution=Markup(solution),
    )
