"""The page of results: ratios first, then times, then growth and memory; targets beside them."""

import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from benchmarks.engines import BARE, CERTIFIED, MATRIX, NUMPY, REFERENCE, TEXTBOOK, TORCH, WALK
from benchmarks.growth import CASE_OF_DIGITS, DIGITS_OF_SIZES, Curve
from benchmarks.many import CHECKED_FAST
from benchmarks.networks import SIZES, Case
from benchmarks.timing import Timings

MEBIBYTE = 2**20

Pair = tuple[str, str]

ORDER = (MATRIX, REFERENCE, CERTIFIED, CHECKED_FAST, WALK, BARE, TEXTBOOK, NUMPY, TORCH)

RATIOS: tuple[Pair, ...] = (
    *((WALK, BARE), (WALK, TEXTBOOK), (MATRIX, WALK), (MATRIX, CERTIFIED), (MATRIX, CHECKED_FAST)),
    *((MATRIX, BARE), (REFERENCE, WALK), (CERTIFIED, WALK), (WALK, TORCH), (BARE, TORCH)),
    (WALK, NUMPY),
)

PROGRAMS = "## Programs"
"""Begins the part of the page that `benchmarks.programs` writes."""

INTRODUCTION = """\
# Benchmarks

Measured, with this page and its plot written, by `make bench`. All engines do the same work in one
run: a forward pass, backward pass and update of sigmoid layers, half squared error,
mean over samples, SGD, with every gradient, ∂L/∂x among them. For each ratio its two engines run in
turn, with nothing between, the order changed from one repetition to the next; it is the median over
repetitions. Times are the shortest of all.

| engine | what it is |
|---|---|
| `mp.matrix` | plain user code with the operators of mpmath's matrices |
| reference walk | our derivation in mpmath |
| certified solve | from exact givens to proven, correctly rounded doubles |
| certified solve, checked fast | one of many: see [proof](proof.md#many-variants-checked-fast) |
| ball walk | our derivation in balls once, at the bits that the solve starts from |
| bare `arb_mat` | python-flint by hand, the same formulas at the same bits, without a derivation |
| bare `arb_mat`, a(1 − a) | the same, with the textbook's σ' |
| numpy float64 | by hand |
| PyTorch float64 | autograd, one thread |

Givens are taken in beforehand, but by the certified solve, which is timed as a whole: that of a
further variant of a structure, for the first also moves each entry alone. What a user would write
takes σ' as a(1 − a). Our steps use a form that holds where a sigmoid saturates, which costs a
second exponential. Precision of `mp.matrix` is the digits alone, as a user would set it.
Garbage collection is off while a run is timed, and times are of the processor, so that what else a
machine does is not among them.

What `mp.matrix` / bare `arb_mat` and bare `arb_mat` / PyTorch show is python-flint without
any derivation: a target that they miss cannot be met by taking overhead away.
[profile.md](profile.md) shows where the time of our own walks goes.
"""


@dataclass(frozen=True)
class Measured:
    """One case at so many digits: each ratio's timings, and how far apart any two results lie."""

    case: Case
    digits: int
    timings: Mapping[Pair, Timings]
    disagreement: float

    @property
    def engines(self) -> tuple[str, ...]:
        """Return the names of those that were measured."""
        return tuple(name for name in ORDER if any(name in pair for pair in self.timings))

    def ratio(self, pair: Pair) -> float:
        """Return how many times as long the first of two engines takes as the second."""
        return self.timings[pair].ratio(*pair)

    def best(self, engine: str) -> float:
        """Return the shortest time of an engine."""
        return min(each.best(engine) for each in self._of(engine))

    def is_repeated(self, engine: str) -> bool:
        """Return whether an engine is fast enough to be timed more than once beside another."""
        return any(each.repetitions(engine) > 1 for each in self._of(engine))

    def _of(self, engine: str) -> list[Timings]:
        return [each for each in self.timings.values() if engine in each]


@dataclass(frozen=True)
class Target:
    """A bound on the worst of some measurements; `at_least` turns it round."""

    text: str
    bound: float
    engines: Pair
    applies: Callable[[Case], bool]
    at_least: bool = False


def _from_small(case: Case) -> bool:
    return case.sizes != SIZES[0]


def _largest(case: Case) -> bool:
    return case.sizes == SIZES[-1]


def _smallest_alone(case: Case) -> bool:
    return case.sizes in SIZES[:2] and case.batch == 1


def _only(case: Case) -> Callable[[Case], bool]:
    return lambda other: other == case


TARGETS = (
    Target("ball walk over bare `arb_mat`, from 8-16-8-4 up", 1.5, (WALK, BARE), _from_small),
    Target("`mp.matrix` over ball walk, 784-100-10", 100, (MATRIX, WALK), _largest, at_least=True),
    *(
        Target(
            f"`mp.matrix` over certified solve, {Case(sizes, batch)}, batch {batch}",
            *(least, (MATRIX, CERTIFIED), _only(Case(sizes, batch))),
            at_least=True,
        )
        for least, sizes, batch in (
            *((0.45, SIZES[0], 1), (0.9, SIZES[1], 1)),
            *((14, SIZES[-1], 1), (12, SIZES[-1], 32)),
        )
    ),
    *(
        Target(
            f"`mp.matrix` over certified solve, checked fast, {Case(sizes, 1)}, batch 1",
            *(least, (MATRIX, CHECKED_FAST), _only(Case(sizes, 1))),
            at_least=True,
        )
        for least, sizes in ((0.95, SIZES[0]), (3, SIZES[1]))
    ),
    Target(
        "ball walk over PyTorch, 2-2-2 and 8-16-8-4, batch 1", 1, (WALK, TORCH), _smallest_alone
    ),
)

MEMORY_CASE, MEMORY_DIGITS = Case(SIZES[-1], 32), 50
MEMORY_TARGET = 2**30


def machine() -> str:
    """Say what the figures depend on."""
    libraries = ("mpmath", "python-flint", "numpy", "torch")
    versions = ", ".join(f"{each} {found}" for each in libraries if (found := _version(each)))
    return (
        f"Measured on {os.cpu_count()} cores with Python {platform.python_version()}, {versions}; "
        "every engine on one thread."
    )


def _version(library: str) -> str | None:
    try:
        return version(library)
    except ModuleNotFoundError:
        return None


def tables(measured: Sequence[Measured]) -> Iterable[str]:
    """Yield the tables of ratios, then those of times."""
    by_digits = {
        each.digits: [one for one in measured if one.digits == each.digits] for each in measured
    }
    names, ratios = measured[0].engines, measured[0].timings
    for digits, cases in by_digits.items():
        yield f"## Ratios at {digits} digits\n"
        yield _row("network", "batch", *(f"{one} / {other}" for one, other in ratios))
        yield _row("---", *["---:"] * (len(ratios) + 1))
        for each in cases:
            cells = (_number(each.ratio(pair)) for pair in ratios)
            yield _row(str(each.case), str(each.case.batch), *cells)
        yield ""
    for digits, cases in by_digits.items():
        yield f"## Milliseconds at {digits} digits\n"
        yield _row("network", "batch", *names)
        yield _row("---", *["---:"] * (len(names) + 1))
        for each in cases:
            yield _row(str(each.case), str(each.case.batch), *(_time(each, name) for name in names))
        yield ""
    yield "\\* too slow to be repeated: one run.\n"
    worst = max(each.disagreement for each in measured)
    yield (
        f"In every case the engines' results agree: at most {worst:.0e} apart, relative to the "
        "largest entry of their quantity.\n"
    )


def targets(measured: Sequence[Measured], memory: int) -> Iterable[str]:
    """Yield the table of targets, each beside the worst that was measured at so many digits."""
    digits = sorted({each.digits for each in measured})
    yield "## Targets\n"
    yield "Measured is the worst of the cases that a target is about.\n"
    yield _row("what", "target", *(f"at {each} digits" for each in digits), "met")
    yield _row("---", "---:", *["---:"] * len(digits), "---")
    for target in TARGETS:
        worst = [_worst(target, [one for one in measured if one.digits == each]) for each in digits]
        cells = ("not measured" if each is None else _number(each) for each in worst)
        yield _row(f"{target.text}", _bound(target), *cells, _verdict(target, worst))
    bound, found = MEMORY_TARGET // MEBIBYTE, memory // MEBIBYTE
    text = f"peak memory of the certified solve, {MEMORY_CASE}, batch {MEMORY_CASE.batch}"
    cells = (f"{found} MiB" if each == MEMORY_DIGITS else "–" for each in digits)
    yield _row(text, f"< {bound} MiB", *cells, "yes" if memory < MEMORY_TARGET else "no")
    yield ""


def growth(sizes: Sequence[Curve], digits: Sequence[Curve]) -> Iterable[str]:
    """Yield the tables of cost against size and against digits."""
    yield "## Growth\n"
    yield "![Cost against parameters and against digits](benchmarks.svg)\n"
    yield "Exponents are of the power law through the upper half of the points, least squares.\n"
    for curves, what, title in (
        (sizes, "parameters", f"Milliseconds by size, {DIGITS_OF_SIZES} digits, batch 1:"),
        (digits, "digits", f"Milliseconds by digits, {CASE_OF_DIGITS}, batch 1:"),
    ):
        yield f"{title}\n"
        yield _row(what, *(curve.engine for curve in curves))
        yield _row("---:", *["---:"] * len(curves))
        for index, amount in enumerate(curves[0].amounts):
            yield _row(f"{amount:,}", *(_number(1000 * curve.seconds[index]) for curve in curves))
        yield _row("exponent", *(f"{curve.exponent:.2f}" for curve in curves))
        yield ""


def _worst(target: Target, measured: Sequence[Measured]) -> float | None:
    ratios = [
        each.ratio(target.engines)
        for each in measured
        if target.applies(each.case) and target.engines in each.timings
    ]
    return (min if target.at_least else max)(ratios, default=None)


def _bound(target: Target) -> str:
    return f"{'≥' if target.at_least else '≤'} {target.bound:g}"


def _verdict(target: Target, worst: Sequence[float | None]) -> str:
    found = [each for each in worst if each is not None]
    if not found:
        return "–"
    met = [each >= target.bound if target.at_least else each <= target.bound for each in found]
    return "yes" if all(met) else "no"


def _time(measured: Measured, engine: str) -> str:
    alone = "" if measured.is_repeated(engine) else "*"
    return f"{_number(1000 * measured.best(engine))}{alone}"


def _number(value: float) -> str:
    """Write three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
