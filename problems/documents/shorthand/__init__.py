"""Shorthand: what instructors write for short, and the long form that documents are kept in.

A pure function from a document as it was written to the same document written out, before anything
checks it: models and JSON Schemas know the long form alone, and what is no shorthand is left as it
is for them to refuse. Numbers keep their text.
"""

from gradgrade.problems.documents.shorthand.forms import long_form
from gradgrade.problems.documents.shorthand.names import quantity_name

__all__ = ["long_form", "quantity_name"]
