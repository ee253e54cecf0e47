"""Evidence over the programs of the catalogue: honest answers, mutants, known mistakes, slips.

`python -m tests.evidence.programs` gathers it and writes its section of `docs/evidence.md`.
"""
