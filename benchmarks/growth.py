"""Cost against size and against digits, with the exponent of the power law that fits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from time import process_time

from benchmarks.engines import ball_walk, reference_walk
from benchmarks.networks import Case, growing
from benchmarks.timing import measure

DOUBLINGS = 10
DIGITS = (30, 50, 100, 200, 400, 800)
DIGITS_OF_SIZES = 50
CASE_OF_DIGITS = Case((32, 64, 32, 10), batch=1)
BUDGET = 4.0


@dataclass(frozen=True)
class Curve:
    """What an engine takes as one thing grows.

    >>> Curve("quadratic", (1, 2, 4, 8), (3.0, 5.0, 16.0, 64.0)).exponent
    2.0
    """

    engine: str
    amounts: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """The exponent of the power law through the upper half of the points, least squares."""
        start = len(self.amounts) // 2
        return slope(self.amounts[start:], self.seconds[start:])


def slope(amounts: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of the least-squares line through the points' logarithms."""
    across, up = [log(each) for each in amounts], [log(each) for each in seconds]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    numerator = sum((a - middle) * (b - height) for a, b in zip(across, up, strict=True))
    return numerator / sum((a - middle) ** 2 for a in across)


def by_size(doublings: int = DOUBLINGS) -> list[Curve]:
    """Measure networks of 8-8-8 and up, each with twice the parameters of the one before."""
    cases = growing(doublings + 1)
    points = [(case, DIGITS_OF_SIZES) for case in cases]
    return _curves([case.parameters for case in cases], points)


def by_digits(digits: Sequence[int] = DIGITS) -> list[Curve]:
    """Measure one network at more and more digits."""
    return _curves(digits, [(CASE_OF_DIGITS, each) for each in digits])


def _curves(amounts: Sequence[int], points: Sequence[tuple[Case, int]]) -> list[Curve]:
    timings = []
    for case, digits in points:
        built = (reference_walk(case, digits), ball_walk(case, digits))
        runs = {each.name: each.run for each in built}
        timings.append(measure(runs, budget=BUDGET, clock=process_time)[0])
    return [
        Curve(name, tuple(amounts), tuple(each.best(name) for each in timings))
        for name in timings[0].seconds
    ]
