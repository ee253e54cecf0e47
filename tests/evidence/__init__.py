"""Evidence for the grading at full size: honest answers, mutants, and every known mistake.

`make evidence` (`python -m tests.evidence`) runs it all, prints the counts, writes
`docs/evidence.md` and `docs/confusion.svg`, and fails if a promise does not hold; the suite runs
the same functions at a size that fits.
"""
