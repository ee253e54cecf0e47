"""The audit log in sentences: what was done, with links to whom and what it was done to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from gradgrade.service.course.audit import Entry
from gradgrade.service.store.identities import TokenRow
from gradgrade.service.store.roles import Role
from gradgrade.service.web.rendering import time_element
from gradgrade.service.web.texts import gettext, ngettext

MOST_NAMED = 5
"""Of many students, how many are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What sentences are about, as far as it is there.

    Args:
        sets: the names of the sets, to which links lead.
        makers: what the tokens allow that were used.
    """

    sets: Collection[str]
    makers: Mapping[TokenRow, Role]

    def set_link(self, name: str) -> Markup:
        """Return the name of a set, as a link where it is still there."""
        if name not in self.sets:
            return escape(name)
        return Markup('<a href="/sets/{0}">{0}</a>').format(name)

    def student_link(self, student: str, *, of: str = "") -> Markup:
        """Return the id of a student, as a link to their page in a set, else to their entries."""
        if of in self.sets:
            address = f"/sets/{of}/-/students/{quote(student, safe='')}"
        else:
            address = f"/audit-log?{urlencode({'student': student})}"
        return Markup('<a href="{}">{}</a>').format(address, student)


def who(entry: Entry, course: Course) -> str:
    """Return who made a change."""
    if entry.token is None:
        return gettext("the command line")
    return maker(entry.token, course.makers.get(entry.token))


def maker(token: TokenRow, role: Role | None) -> str:
    """Return a token by what it allows, and its number."""
    texts = {
        "instructor": gettext("instructor, token %(token)s", token=token),
        "assistant": gettext("assistant, token %(token)s", token=token),
    }
    return texts.get(role or "", gettext("token %(token)s", token=token))


def actions() -> Mapping[str, str]:
    """Return what each action is called, in the order in which they are offered."""
    return {
        "problem_set.published": gettext("a set was published"),
        "problem_set.replaced": gettext("a set was changed"),
        "problem_set.removed": gettext("a set was removed"),
        "students.enrolled": gettext("students were put on a roster"),
        "student.extended": gettext("an extension was stated"),
        "score.overridden": gettext("points were stated"),
        "score.override_withdrawn": gettext("stated points were withdrawn"),
        "student.token_replaced": gettext("a student got a new token"),
        "token.created": gettext("a token was made"),
        "token.revoked": gettext("a token was revoked"),
        "variants.pregenerated": gettext("numbers were drawn for a roster"),
        "regrade.begun": gettext("a regrade was begun"),
        "regrade.applied": gettext("a regrade was applied"),
        "regrade.abandoned": gettext("a regrade was left"),
        "regrade.reversed": gettext("a regrade was reversed"),
    }


def sentence(entry: Entry, course: Course) -> Markup:
    """Return what an entry tells."""
    said = _SAID.get(entry.action)
    if said is None:
        return escape(f"{entry.action}: {entry.object}")
    return said(entry, course)


def _filled(text: str, **values: object) -> Markup:
    """Return one of our texts with values in its places, which are text unless they are markup."""
    return Markup(text) % values


def _about_set(entry: Entry, course: Course) -> Markup:
    texts = {
        "problem_set.published": gettext("published the set %(set)s"),
        "problem_set.replaced": gettext("changed the set %(set)s, to version %(version)s"),
        "problem_set.removed": gettext("removed the set %(set)s"),
        "regrade.begun": gettext("began a regrade of %(set)s, to version %(version)s"),
        "regrade.applied": gettext(
            "applied a regrade of %(set)s: %(changed)s of %(submissions)s verdicts changed"
        ),
        "regrade.abandoned": gettext("left a regrade of %(set)s before it was applied"),
        "regrade.reversed": gettext(
            "reversed a regrade of %(set)s: %(changed)s verdicts changed back"
        ),
        "variants.pregenerated": gettext(
            "drew %(made)s variants for the students on the roster of %(set)s"
        ),
    }
    blank = dict.fromkeys(("version", "changed", "submissions", "made"), "?")
    values = {**blank, **entry.detail, "set": course.set_link(entry.object)}
    return _filled(texts[entry.action], **values)


def _enrolled(entry: Entry, course: Course) -> Markup:
    students: Sequence[str] = entry.detail.get("students", ())
    named = [course.student_link(each, of=entry.object) for each in students[:MOST_NAMED]]
    more = ["…"] if len(students) > MOST_NAMED else []
    said = ngettext(
        "put %(num)s student on the roster of %(set)s: %(students)s",
        "put %(num)s students on the roster of %(set)s: %(students)s",
        len(students),
        set=course.set_link(entry.object),
        students=Markup(", ").join([*named, *more]),
    )
    # What stands in its places is markup already.
    return Markup(said)


def _extended(entry: Entry, course: Course) -> Markup:
    name, _, student = entry.object.partition("/")
    detail = entry.detail
    stated = []
    if detail.get("due"):
        stated.append(_filled(gettext("due %(moment)s"), moment=_moment(detail["due"])))
    if detail.get("late_until"):
        moment = _moment(detail["late_until"])
        stated.append(_filled(gettext("late work until %(moment)s"), moment=moment))
    if detail.get("attempts"):
        stated.append(_filled(gettext("attempts: %(count)s"), count=detail["attempts"]))
    values = {"student": course.student_link(student, of=name), "set": course.set_link(name)}
    if not stated:
        return _filled(gettext("let what %(set)s says hold for %(student)s again"), **values)
    told = Markup("; ").join(stated)
    return _filled(gettext("extended %(set)s for %(student)s: %(told)s"), told=told, **values)


def _moment(text: str) -> Markup:
    try:
        return time_element(datetime.fromisoformat(text))
    except ValueError:
        return escape(text)


def _overridden(entry: Entry, course: Course) -> Markup:
    name, _, student = entry.object.partition("/")
    detail = entry.detail
    values: dict[str, Any] = {
        "student": course.student_link(student, of=name),
        "set": course.set_link(name),
        "exercise": detail.get("exercise", "?"),
        "points": detail.get("points", "?"),
        "before": detail.get("before"),
        "comment": detail.get("comment", ""),
    }
    if entry.action == "score.override_withdrawn":
        return _filled(
            gettext(
                "withdrew the %(before)s points that were stated for %(student)s in %(exercise)s "
                "of %(set)s"
            ),
            **values,
        )
    if values["before"] is None:
        text = gettext(
            "stated %(points)s points for %(student)s in %(exercise)s of %(set)s: “%(comment)s”"
        )
    else:
        text = gettext(
            "stated %(points)s points, in place of the %(before)s stated before, for %(student)s "
            "in %(exercise)s of %(set)s: “%(comment)s”"
        )
    return _filled(text, **values)


def _token_replaced(entry: Entry, course: Course) -> Markup:
    return _filled(
        gettext("gave %(student)s a new token, number %(token)s, and revoked the old ones"),
        student=course.student_link(entry.object),
        token=entry.detail.get("token", "?"),
    )


def _about_token(entry: Entry, course: Course) -> Markup:
    if entry.action == "token.revoked":
        return _filled(gettext("revoked token %(token)s"), token=entry.object)
    texts = {
        "instructor": gettext("made token %(token)s, an instructor’s"),
        "assistant": gettext("made token %(token)s, an assistant’s"),
        "student": gettext("made token %(token)s, a student’s"),
        "ci": gettext("made token %(token)s, for a program that checks code"),
    }
    text = texts.get(entry.detail.get("role", ""), gettext("made token %(token)s"))
    return _filled(text, token=entry.object)


_SAID: Mapping[str, Callable[[Entry, Course], Markup]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("problem_set.published", "problem_set.replaced", "problem_set.removed"),
                *("regrade.begun", "regrade.applied", "regrade.abandoned", "regrade.reversed"),
                "variants.pregenerated",
            ),
            _about_set,
        ),
        "students.enrolled": _enrolled,
        "student.extended": _extended,
        "student.token_replaced": _token_replaced,
        "score.overridden": _overridden,
        "score.override_withdrawn": _overridden,
        "token.created": _about_token,
        "token.revoked": _about_token,
    }
)
