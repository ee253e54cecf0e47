"""The givens as text to copy are the numbers of the exercise, whatever reads them."""

import json
import re

import numpy
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.worksheet.copied_givens import WAYS, as_json, as_matlab, as_numpy

NAMES = [
    ("first-steps", "one-neuron"),
    ("first-steps", "tanh-rows"),
    ("convolution-and-sequences", "convolution"),
]


@pytest.fixture(scope="module", params=NAMES, ids=lambda each: each[1])
def exercise(request):
    return generate(load(request.param[0]), request.param[1], student="1", secret=b"0")


def given_of(exercise):
    return json.loads(exercise.to_json())["given"]


def test_python_runs_the_text_and_has_the_givens(exercise):
    namespace = {}
    exec(as_numpy(exercise), namespace)
    for name, given in given_of(exercise).items():
        assert numpy.array_equal(namespace[name], numpy.array(given, dtype=float))


def test_the_json_is_the_givens(exercise):
    found = json.loads(as_json(exercise))
    assert found.keys() >= given_of(exercise).keys()
    for name, given in given_of(exercise).items():
        assert numpy.array_equal(numpy.array(found[name]), numpy.array(given, dtype=float))


def test_the_rows_of_matlab_are_the_givens(exercise):
    lines = dict(re.findall(r"(\w+) = (.*);", as_matlab(exercise)))
    for name, given in given_of(exercise).items():
        numerals = re.findall(r"-?\d[-\d.e]*", lines[name].partition("], [")[0])
        assert [float(each) for each in numerals] == [float(each) for each in flatten(given)]
        if numpy.ndim(given) == 2:
            assert lines[name].count(";") == len(given) - 1


def test_more_than_two_axes_are_laid_out_as_the_exercise_has_them():
    exercise = generate(load("convolution-and-sequences"), "convolution", student="1", secret=b"0")
    line = re.search(
        r"W1 = permute\(reshape\(\[(.*)\], \[(.*)\]\), \[(.*)\]\);", as_matlab(exercise)
    )
    entries, sizes, order = ([float(each) for each in group.split()] for group in line.groups())
    # What MATLAB does: it counts the first index fastest, and `permute` takes axes from 1.
    shaped = numpy.array(entries).reshape([int(each) for each in sizes], order="F")
    given = numpy.array(given_of(exercise)["W1"], dtype=float)
    assert numpy.array_equal(shaped.transpose([int(each) - 1 for each in order]), given)


def test_there_are_three_ways():
    assert list(WAYS) == ["numpy", "JSON", "MATLAB"]
