"""`python -m tests.evidence.outside`: every name that is given, kind by kind.

The whole takes a while; `--every 8 --start 0 … 7` does it in portions, always the same ones.
"""

import sys
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from tests.evidence.confusion import exercises
from tests.evidence.outside.grading import STUDENTS, Graded, graded
from tests.evidence.outside.kinds import KINDS


def main() -> int:
    """Print what is named, and how much of it wrongly."""
    parser = ArgumentParser(prog="python -m tests.evidence.outside", description=__doc__)
    parser.add_argument("codes", nargs="*", help="kinds; all, if none is given")
    parser.add_argument("--every", type=int, default=1, help="take every n-th exercise alone")
    parser.add_argument("--start", type=int, default=0, help="from which on, counted from 0")
    parser.add_argument("--limit", type=int, help="how many exercises at most")
    parser.add_argument("--wrong", action="store_true", help="print wrong names alone")
    options = parser.parse_args()
    codes = frozenset(options.codes) or frozenset(kind.code for kind in KINDS)
    drawn = [(*each, student) for each in exercises() for student in STUDENTS]
    jobs = list(islice(drawn[options.start :: options.every], options.limit))
    found: list[Graded] = []
    with ProcessPoolExecutor() as pool:
        for done, of_one in enumerate(pool.map(graded, *zip(*jobs, strict=True)), start=1):
            found += [each for each in of_one if each.kind in codes]
            print(f"{done} of {len(jobs)}: {of_one[0].exercise}", file=sys.stderr, flush=True)
    for kind in KINDS:
        of_kind = [each for each in found if each.kind == kind.code and each.is_told]
        if kind.code in codes and (not options.wrong or any(each.wrong_names for each in of_kind)):
            print(f"\n{kind.code}: {kind.does}")
            _tell(of_kind, wrong_alone=options.wrong)
    told = [each for each in found if each.is_told]
    named = [each for each in told if each.names]
    wrong = [each for each in named if each.wrong_names]
    print(
        f"\n{len(codes)} kinds, {len(told)} answers told, {len(named)} named: "
        f"{len(wrong) / len(told):.2%} wrongly, of which the answers could tell "
        f"{sum(bool(each.belied_names) for each in wrong) / len(told):.2%}"
    )
    return 0


def _tell(told: list[Graded], *, wrong_alone: bool) -> None:
    named = [each for each in told if each.names]
    wrong = [each for each in named if each.wrong_names]
    print(f"  told {len(told)}, named {len(named)}, wrongly {len(wrong)}")
    shown = wrong if wrong_alone else named
    counts = Counter(each.codes for each in shown)
    for codes, count in counts.most_common():
        print(f"  {count:3d} × {', '.join(codes)}")
        for each in [each for each in shown if each.codes == codes][: 3 if wrong_alone else 1]:
            print(f"      {each.exercise}: of {', '.join(each.outcomes)}")
            for part, names in (each.wrong_names if wrong_alone else each.names).items():
                print(f"        {part}: {'; '.join(f'{code} ({title})' for code, title in names)}")


if __name__ == "__main__":
    sys.exit(main())
