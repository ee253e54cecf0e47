"""Answers that come as a file of arrays: numpy's .npz, read without unpickling, within bounds.

Headers are read and compared with what is there before any array is made: a file may claim more
than any machine has, and unpack to a thousand times its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from math import prod
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy
from numpy.lib import format as npy

from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import DEEPEST
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.faults import as_written
from gradgrade.problems.documents.strict_json import Written
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading.zip_archives import BEGINNINGS, BOUNDED_METHODS, BROKEN

MOST_ARRAYS = 1_000
"""In one file."""

HEADERS_BYTES, NUMBER_BYTES = 64 * 1024, 8
"""Of a file once it is unpacked: so many bytes, and so many more for every number that is asked."""

_ARRAY, _MATLAB = b"\x93NUMPY", (b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file")
"""What files begin with that are none of these."""

_SAVE = "numpy.savez('answers.npz', loss=loss, dW1=dW1)"
_SUFFIX = ".npy"


def text_of(raw: bytes, exercise: Exercise) -> str:
    """Return answers that came as a file as text: what it says, or its arrays as JSON has them.

    Args:
        raw: the file.
        exercise: which they answer; it says how many numbers there can be.

    Raises:
        DocumentError: it is no text and no .npz file, or one of other things than numbers.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> file = BytesIO()
    >>> numpy.savez(file, loss=0.25, dW1=numpy.array([[1, 2]]))
    >>> print(text_of(file.getvalue(), exercise), end="")
    {
      "answers": {
        "loss": 0.25,
        "dW1": [[1, 2]]
      }
    }
    """
    if raw.startswith(_MATLAB):
        raise DocumentError(
            "MATLAB's .mat files are not read: write each part as text, as "
            "fprintf(file, 'dW1 = %s\\n', mat2str(dW1, 17)) does"
        )
    if raw.startswith(_ARRAY):
        raise DocumentError(f"an array without its name: save all together, by {_SAVE}")
    if not raw.startswith(BEGINNINGS):
        return decoded(raw)
    entries = sum(prod(part.shape) for part in exercise.ask)
    arrays = dict[str, Written]()
    for file, unpacked in _members(raw, most=HEADERS_BYTES + NUMBER_BYTES * entries):
        name = file.removesuffix(_SUFFIX)
        if name == file:
            raise DocumentError(f"{as_written(file)} is no array: write the file by {_SAVE}")
        if name in arrays:
            raise DocumentError(f"{as_written(name)} stands twice: keep one of them")
        arrays[name] = Written.array(_numbers(as_written(name), unpacked), repr)
    return strict_json.dumps({"answers": arrays})


def _members(raw: bytes, *, most: int) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in an archive, by the names of files, so many bytes of it at most."""
    left = most
    try:
        with ZipFile(BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MOST_ARRAYS:
                raise DocumentError(f"{len(members)} arrays: the most are {MOST_ARRAYS}")
            for member in members:
                unpacked = _unpacked(archive, member, most=left)
                left -= len(unpacked)
                yield member.filename, unpacked
    except DocumentError:
        raise
    except (*BROKEN, RuntimeError):  # the last where it is encrypted
        raise DocumentError(f"a .npz file that cannot be unpacked: write it by {_SAVE}") from None


def _unpacked(archive: ZipFile, member: ZipInfo, *, most: int) -> bytes:
    if member.compress_type not in BOUNDED_METHODS:
        raise BadZipFile
    with archive.open(member) as file:
        unpacked = file.read(most + 1)
    if len(unpacked) > most:
        raise DocumentError(
            "a .npz file that unpacks to more than is asked for: save those parts alone"
        )
    return unpacked


def _numbers(shown: str, unpacked: bytes) -> Any:
    """Return an array of a .npz file as a number or nested lists of them.

    Args:
        shown: what it is called, as a message has it.
        unpacked: its file.

    Raises:
        DocumentError: it is none of numbers, or is not whole; the message names it.
    """
    file = BytesIO(unpacked)
    try:
        shape, is_fortran, dtype = _header(file)
    except _NO_HEADER:
        raise DocumentError(f"{shown} is no array of numpy: write the file by {_SAVE}") from None
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise DocumentError(
            f"{shown} holds {dtype.name}: save real numbers, as numpy.asarray(…, dtype=float) has"
        )
    if len(shape) > DEEPEST:
        raise DocumentError(f"{shown} has {len(shape)} axes: the most are {DEEPEST}")
    rest = unpacked[file.tell() :]
    if min(shape, default=1) < 0 or prod(shape) * dtype.itemsize != len(rest):
        raise DocumentError(f"{shown} is not whole: save the file again, and send all of it")
    if not rest:
        raise DocumentError(f"{shown} is empty: save its numbers, or leave it out")
    array = numpy.frombuffer(rest, dtype).reshape(shape, order="F" if is_fortran else "C")
    if not numpy.isfinite(array).all():
        raise DocumentError(f"{shown} holds what is no finite number: nan or inf")
    return array.tolist()


_NO_HEADER = (
    *(LookupError, MemoryError, RecursionError, SyntaxError),
    *(TokenError, TypeError, ValueError),
)
"""What numpy says of what is no header of its own."""


def _header(file: BytesIO) -> tuple[tuple[int, ...], bool, numpy.dtype[Any]]:
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(version)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if not all(type(axis) is int for axis in shape):  # numpy takes True for one, until it shapes
        raise ValueError(shape)
    return shape, is_fortran, dtype
