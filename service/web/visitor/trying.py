"""An exercise to try: drawn for a visit, and graded as every try is.

Pure: a seed and what was typed in, what a page shows out. It may run in another process.
"""

from __future__ import annotations

from collections.abc import Mapping

from gradgrade.problems import catalogue, generate
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.web.student.trying import Tried, judged

SET, EXERCISE = "first-steps", "one-neuron"
"""The first exercise of the catalogue: small enough for a head and a calculator."""


def tried(seed: str, typed: Mapping[str, str]) -> Tried:
    """Draw the exercise, and grade what was typed, if anything was.

    Args:
        seed: what its numbers are drawn from.
        typed: by the names of fields; see `gradgrade.service.web.student.forms`.

    >>> tried("1", {}).verdict is None
    True
    >>> made = tried("1", {"entry-2-0": "0.5"})
    >>> made.verdict["outcome"], len(made.solution) > 5
    ('incorrect', True)
    """
    definitions = catalogue.load(SET)
    exercise = generate(definitions, EXERCISE, student="1", secret=seed.encode())
    cost = cost_of(compile_template(definitions, EXERCISE))
    return judged(exercise, typed, cost=cost)
