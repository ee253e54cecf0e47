"""A reference oracle and grading service for backpropagation.

>>> from gradgrade import generate, grade, solve
>>> from gradgrade.problems.catalogue import load
>>> exercise = generate(load("seeds"), "002-tanh-chain", student="s001", secret=b"0")
>>> right = {part.name: solve(exercise)[part.name].float64 for part in exercise.ask}
>>> grade(exercise, right).outcome
'correct'
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradgrade.problems import (
        Answers,
        DocumentError,
        Exercise,
        ExerciseError,
        ProblemSet,
        Solution,
        SolutionDocument,
        Verdict,
        generate,
        grade,
        solve,
    )

__all__ = [
    "Answers",
    "DocumentError",
    "Exercise",
    "ExerciseError",
    "ProblemSet",
    "Solution",
    "SolutionDocument",
    "Verdict",
    "generate",
    "grade",
    "solve",
]

# The command and the pytest plugin import this package: what computes is imported on first use. A
# checker reads the static imports above; it must not see a `__getattr__`, which takes any name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name, imported when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from gradgrade import problems

        return getattr(problems, name)

    def __dir__() -> list[str]:
        """Return the public names."""
        return sorted([*globals(), *__all__])
