"""`python -m tests.evidence.outside`: every name that is given, kind by kind."""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.evidence.confusion import exercises
from tests.evidence.outside.grading import STUDENTS, Graded, graded
from tests.evidence.outside.kinds import KINDS


def main() -> int:
    """Print what is named; with arguments, of the kinds of these codes alone."""
    jobs = [(*each, student) for each in exercises() for student in STUDENTS]
    with ProcessPoolExecutor() as pool:
        found = [each for of_one in pool.map(graded, *zip(*jobs, strict=True)) for each in of_one]
    for kind in KINDS:
        if not sys.argv[1:] or kind.code in sys.argv[1:]:
            print(f"\n{kind.code}: {kind.does}")
            _tell([each for each in found if each.kind == kind.code])
    told = [each for each in found if each.is_told]
    wrong = sum(bool(each.wrong_names) for each in told)
    print(f"\n{len(KINDS)} kinds, {len(told)} answers told: {wrong / len(told):.1%} named wrongly")
    return 0


def _tell(found: list[Graded]) -> None:
    told = [each for each in found if each.is_told]
    named = [each for each in told if each.names]
    print(
        f"  made {len(found)}, told {len(told)}, named {len(named)}, "
        f"wrongly {sum(bool(each.wrong_names) for each in told)}"
    )
    counts = Counter(each.codes for each in named)
    for codes, count in counts.most_common():
        first = next(each for each in named if each.codes == codes)
        print(f"  {count:3d} × {', '.join(codes)}: {first.exercise}")
        for part, names in first.names.items():
            print(f"        {part}: {'; '.join(f'{code} ({title})' for code, title in names)}")


if __name__ == "__main__":
    sys.exit(main())
