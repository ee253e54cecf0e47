"""What known mistakes would answer, so that another program can name the one that a student made.

Never in anything that a student fetches: what a mistake comes to is near what is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy

from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.exports.expected import ExpectedEntry
from gradgrade.problems.misconceptions import Mistake
from gradgrade.problems.walks.stacked import Assessment, Prediction, assess

MOST_MISTAKES = 5
"""Of a part: those that come first among the known ones; each makes a file longer."""


@dataclass(frozen=True, slots=True)
class MistakenPart:
    """What one mistake would answer to a part.

    Args:
        title: of the mistake, with its place.
        explanation: what the student reads and learns from.
        entries: as it would answer them; None where that is right too.
    """

    title: str
    explanation: str
    entries: tuple[ExpectedEntry | None, ...]


def mistaken_parts(exercise: Exercise) -> dict[str, tuple[MistakenPart, ...]]:
    """Return what known mistakes would answer to each part, in the order of the document.

    A mistake is told only where it makes an entry wrong, and where no earlier one answers the same.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> mistaken_parts(exercise)["loss"][0].title
    'Half missing in the loss'
    """
    assessment = assess([exercise])
    predictions = assessment.predictions
    return {
        part.name: tuple(islice(_told(part, assessment, predictions), MOST_MISTAKES))
        for part in exercise.ask
    }


def _told(
    part: AskedQuantity, assessment: Assessment, predictions: tuple[Prediction, ...]
) -> Iterator[MistakenPart]:
    (right,), (allowed,) = assessment.values[part.name], assessment.bands[part.name]
    earlier: list[tuple[numpy.ndarray, numpy.ndarray]] = []
    for prediction in predictions:
        (values,), (bands,) = prediction.values[part.name], prediction.bands[part.name]
        # A mistake's numbers may overflow.
        with numpy.errstate(all="ignore"):
            # Where it cannot be told from what is right, nothing is said of an entry.
            is_wrong = numpy.abs(values - right) > 2 * (bands + allowed)
            is_told = any((numpy.abs(values - old) <= bands + band).all() for old, band in earlier)
            are_numbers = numpy.isfinite(values + bands).all()
        if is_wrong.any() and are_numbers and not is_told:
            earlier.append((values, bands))
            yield _mistaken(prediction.mistake, values, bands, is_wrong)


def _mistaken(
    mistake: Mistake, values: numpy.ndarray, bands: numpy.ndarray, is_wrong: numpy.ndarray
) -> MistakenPart:
    known = mistake.misconception
    entries = (
        ExpectedEntry(repr(value), repr(band)) if wrong else None
        for value, band, wrong in zip(
            values.tolist(), bands.tolist(), is_wrong.tolist(), strict=True
        )
    )
    return MistakenPart(mistake.title, known.explanation, tuple(entries))
