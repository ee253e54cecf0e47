"""The routes of a course, of all groups."""

from gradgrade.service.api import (
    audit_log,
    checks,
    exercises,
    gradebook,
    overrides,
    practice,
    previews,
    problem_sets,
    regrades,
    roster,
    submissions,
    tokens,
)

ROUTES = (
    *problem_sets.ROUTES,
    *previews.ROUTES,
    *roster.ROUTES,
    *exercises.ROUTES,
    *submissions.ROUTES,
    *practice.ROUTES,
    *gradebook.ROUTES,
    *overrides.ROUTES,
    *regrades.ROUTES,
    *checks.ROUTES,
    *tokens.ROUTES,
    *audit_log.ROUTES,
)
