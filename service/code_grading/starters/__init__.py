"""Starter files that students are handed out, one for each shape of code; they are read as text."""

from importlib.resources import files


def starter(shape: str) -> str:
    """Return the starter file of a shape.

    Args:
        shape: `solve`, `functions`, `layers` or `torch`.

    >>> "def solve(exercise):" in starter("solve")
    True
    """
    return files(__name__).joinpath(f"{shape}.py.txt").read_text("utf-8")
