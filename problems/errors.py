"""What is refused: documents that are not what they claim, and exercises that cannot be issued."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

MOST_FAULTS = 10
"""How many are told at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a document, for people and for programs.

    Args:
        said: what is wrong, with the value as it was written, and what to write instead.
        path: the keys and indices that lead to the value.
        place: which part of the document it is in: `exercise 'two-layer'`.
        field: the way from there as people say it: `optimizer.learning_rate`, `layer 2: units`.
        written: the value as it was written; empty where there is none.
        line: of the text that was read, from 1; None where there is none.
        shown: lines that show it, such as one of a program with a caret under it.

    >>> print(Fault(said="is missing", place="exercise 'a'", field="layer 1: units", line=7))
    line 7: exercise 'a': layer 1: units: is missing
    """

    said: str
    path: tuple[str | int, ...] = ()
    place: str = ""
    field: str = ""
    written: str = ""
    line: int | None = None
    shown: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line, the place first."""
        line = "" if self.line is None else f"line {self.line}"
        return ": ".join(part for part in (line, self.place, self.field, self.said) if part)

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer (RFC 6901)."""
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in self.path)
        return "".join(f"/{part}" for part in parts)


class DocumentError(ValueError):
    """A document that is refused whole: a line that names the field, or a line for every fault.

    Args:
        message: what is said where there are no faults; what all of them are of where there are,
            empty where only whoever reads further outside knows.
        faults: in the order in which they should be mended.

    >>> print(DocumentError("problem-set", [Fault(field="due", said="is no date")]))
    problem-set: due: is no date
    """

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message, faults)
        self.message, self.faults = message, tuple(faults)

    def __str__(self) -> str:
        """Say all of it."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it as lines: a fault a line, with the lines that show it."""
        if len(self.faults) < 2:
            return (self.one_line, *(line for each in self.faults for line in each.shown))
        told = (line for each in self.faults for line in (str(each), *each.shown))
        return (self.heading, *(f"  {line}" for line in told))

    @property
    def one_line(self) -> str:
        """All of it on one line."""
        if len(self.faults) < 2:
            return _joined(self.message, *self.faults)
        return f"{self.heading} " + "; ".join(map(str, self.faults))

    @property
    def heading(self) -> str:
        """What stands before several faults."""
        first = "the first " if len(self.faults) == MOST_FAULTS else ""
        return _joined(self.message, f"{first}{len(self.faults)} faults:")

    def within(self, place: str) -> Self:
        """Return the same refusal, told from further outside: of a file, of a request.

        >>> str(DocumentError("the text is empty").within("week-3.toml"))
        'week-3.toml: the text is empty'
        """
        return type(self)(_joined(place, self.message), self.faults)

    def below(self, key: str) -> Self:
        """Return the same refusal, its paths those of the document that holds this one so.

        >>> wrong = DocumentError("answers", [Fault(path=("exercise",), said="is no text")])
        >>> wrong.below("answers").faults[0].pointer
        '/answers/exercise'
        """
        return type(self)(
            self.message, [replace(each, path=(key, *each.path)) for each in self.faults]
        )


def _joined(*said: object) -> str:
    return ": ".join(filter(None, map(str, said)))


class FieldError(ValueError):
    """What is wrong with one field of a part of a document, told by the part as a whole.

    Args:
        path: from the part to the field.
        said: what is wrong and what to write instead.
        others: what else is wrong with it, said likewise.
    """

    def __init__(
        self, path: str | tuple[str | int, ...], said: str, others: tuple[str, ...] = ()
    ) -> None:
        super().__init__(path, said, others)
        self.path = (path,) if isinstance(path, str) else path
        self.said, self.others = said, others

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{'.'.join(map(str, self.path))}: {self.said}"


class ExerciseError(ValueError):
    """An exercise that cannot be generated or solved; the message says why."""
