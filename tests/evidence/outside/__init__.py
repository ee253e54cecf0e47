"""Mistakes that people make and that nobody looked up in the catalogue: what the grader names.

Each kind is an honest program of arrays with one thing done otherwise. They were written down
without looking at the code or the list of the catalogue's mistakes; only `right_names` was written
afterwards, with the catalogue's page at hand. `python -m tests.evidence.outside` prints every wrong
name.
"""
