"""The page of practice: other numbers of an exercise, graded on the spot, and kept nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import request
from werkzeug.wrappers import Response

from gradgrade.service.course.work.holding import refuse_held
from gradgrade.service.course.work.practice import Practice, draw_practice, find_practice
from gradgrade.service.web import session
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.forms import FILE_FIELD
from gradgrade.service.web.student.shown import shown_try
from gradgrade.service.web.student.trying import LONGEST_SEED, Tried, judged
from gradgrade.service.web.visit import Visit


def show_practice(visit: Visit, name: str, exercise: str) -> Response:
    """Answer with other numbers: those of the address's seed, or new ones."""
    seed = request.args.get("seed", "")[:LONGEST_SEED] or secrets.token_hex(4)
    return _page(visit, name, exercise, seed=seed, typed={})


def try_practice(visit: Visit, name: str, exercise: str) -> Response:
    """Grade what was typed, with a diagnosis whatever the set tells of work that counts."""
    form = session.check_form()
    seed = form.get("seed", "")[:LONGEST_SEED]
    typed = {name: text for name, text in form.items() if name not in ("seed", "csrf_token")}
    return _page(
        visit, name, exercise, seed=seed, typed=typed, uploaded=session.uploaded(FILE_FIELD)
    )


def practised(practice: Practice, typed: Mapping[str, str], uploaded: bytes | None) -> Tried:
    """Draw a student's numbers to practise on, and grade what was answered, if anything was."""
    return judged(draw_practice(practice), typed, cost=practice.cost, uploaded=uploaded)


def _page(
    visit: Visit,
    name: str,
    exercise: str,
    *,
    seed: str,
    typed: Mapping[str, str],
    uploaded: bytes | None = None,
) -> Response:
    backend, actor = visit.backend, visit.actor
    practice = find_practice(backend, actor, name, exercise, seed=seed)
    visit.computing.count(actor, practice.cost)
    made = visit.computing(actor, practised, practice, typed, uploaded)
    if made.verdict is not None:
        # Nor are they those of another exercise, by chance or by a set with few.
        refuse_held(backend, made.numbers, now=visit.received_at)
    return page(
        "practice.html",
        set_name=name,
        set_title=practice.problem_set.title.strip() or name,
        name=exercise,
        seed=seed,
        **shown_try(made),
    )
