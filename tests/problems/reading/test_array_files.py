"""Files of arrays: numpy's come back number for number, and hostile ones are refused in a line."""

import io
import pickle
import time
import tracemalloc
import warnings
import zipfile

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradgrade.oracle.bounded_cache import MEBIBYTE
from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading import read_answers

SECONDS = 2
RIGHT = {
    "loss": numpy.float64(0.1),
    "dW1": numpy.array([[0.1, 0.2], [0.3, 0.4]]),
    "db1": numpy.array([1.5, -2.5]),
}
DTYPES = st.one_of(
    arrays.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
    arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"),
)


@pytest.fixture(scope="module")
def exercise():
    return generate(load("first-steps"), "sigmoid-batch", student="1", secret=b"0")


def npz(save=numpy.savez, **named) -> bytes:
    file = io.BytesIO()
    save(file, **named)
    return file.getvalue()


def archive(members: dict[str, bytes], compression=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made, warnings.catch_warnings():
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def npy(array) -> bytes:
    file = io.BytesIO()
    numpy.save(file, array)
    return file.getvalue()


def claiming(shape: str, dtype: str = "<f8", rest: bytes = b"") -> bytes:
    """The file of an array whose header says what it likes."""
    return headed(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}") + rest


def headed(text: str) -> bytes:
    """The header of an array's file, whatever it says."""
    header = f"{text}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def outcome(raw: bytes, exercise) -> str:
    """What a file says, or why it is refused."""
    try:
        return str(read_answers(raw, exercise).answers.answers)
    except DocumentError as error:
        return str(error)


def refused(raw: bytes, exercise) -> str:
    """Why a file is refused, which takes no longer than one that is not."""
    begun = time.process_time()
    with pytest.raises(DocumentError) as caught:
        read_answers(raw, exercise)
    assert time.process_time() - begun < SECONDS
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("save", [numpy.savez, numpy.savez_compressed])
def test_arrays_are_answers_by_the_names_of_parts(exercise, save):
    reading = read_answers(npz(save, **RIGHT), exercise)
    assert reading.answers.answers == {name: each.tolist() for name, each in RIGHT.items()}
    assert reading.numerals["loss"].text == "0.1"


@given(
    arrays.arrays(
        DTYPES,
        arrays.array_shapes(min_dims=0, max_dims=4, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False},
    ),
    st.booleans(),
)
def test_whatever_numpy_saves_comes_back_exactly(exercise, array, is_fortran):
    array = numpy.asfortranarray(array) if is_fortran and array.ndim else array
    read = read_answers(npz(dW1=array), exercise).answers.answers["dW1"]
    # Whole numbers beyond 2⁵³ are what they are as doubles, as those of JSON are.
    assert numpy.array_equal(numpy.array(read), array.astype(float))
    assert numpy.array_equal(numpy.signbit(read), numpy.signbit(array.astype(float)))


WRONG = {
    "bool": (numpy.array([[True, False]]), '"dW1" holds bool: save real numbers'),
    "complex": (numpy.array([1j]), '"dW1" holds complex128'),
    "text": (numpy.array(["0.5"]), '"dW1" holds str'),
    "object": (numpy.array([{"a": 1}], dtype=object), '"dW1" holds object'),
    "record": (numpy.zeros(2, dtype=[("a", "f8")]), '"dW1" holds void'),
    "moment": (numpy.zeros(2, dtype="M8[s]"), '"dW1" holds datetime64[s]'),
    "nan": (numpy.array([numpy.nan, 1]), '"dW1" holds what is no finite number'),
    "infinite": (numpy.array([[-numpy.inf]]), '"dW1" holds what is no finite number'),
    "empty": (numpy.zeros((0, 3)), '"dW1" is empty'),
    "deep": (numpy.zeros((1,) * 5), '"dW1" has 5 axes: the most are 4'),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_array_of_numbers_is_refused_by_its_name(exercise, kind):
    array, said = WRONG[kind]
    assert said in refused(npz(dW1=array), exercise)


def test_an_object_is_never_unpickled(exercise, tmp_path):
    class Hostile:
        def __reduce__(self):
            return open, (str(tmp_path / "made"), "w")

    array = claiming("()", "|O", pickle.dumps(Hostile()))
    assert "holds object" in refused(archive({"dW1.npy": array}), exercise)
    assert "cannot be unpacked" in refused(npz(**RIGHT)[:80], exercise)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (claiming("(1000000000000,)"), "is not whole"),
        (claiming("(1000000, 1000000, 1000000, 1000000)"), "is not whole"),
        (claiming("(-1, -8)", rest=bytes(64)), "is not whole"),
        (claiming("(2, 2)", rest=bytes(31)), "is not whole"),
        (claiming("(1, True)", rest=bytes(8)), "no array of numpy"),
        (claiming("(" * 5000), "no array of numpy"),
        (claiming("()", "<f8'*9**9**9"), "no array of numpy"),
        (headed("{'descr': (), 'fortran_order': False, 'shape': (), }"), "no array of numpy"),
        (b"\x93NUMPY\x09\x00", "no array of numpy"),
        (b"0.5", "no array of numpy"),
        (b"", "no array of numpy"),
    ],
)
def test_a_header_is_held_against_what_is_there(exercise, member, said):
    assert f'"dW1" {"is " if "no array" in said else ""}{said}' in refused(
        archive({"dW1.npy": member}), exercise
    )


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"dW1.npy": bytes(10**9 // 4)}, "unpacks to more than is asked for"),
        ({f"{number}.npy": npy(0.5) for number in range(10_000)}, "10000 arrays"),
        ({f"{number}.npy": npy(numpy.zeros(900)) for number in range(900)}, "unpacks to more"),
        ({"data.pkl": b"\x80\x02."}, '"data.pkl" is no array'),
        ({"../../etc/passwd": b"x"}, "is no array"),
    ],
    ids=["a bomb", "ten thousand", "many", "another archive", "a path"],
)
def test_an_archive_is_held_to_bounds(exercise, members, said):
    assert said in refused(archive(members), exercise)


def test_no_more_is_unpacked_than_is_asked_for(exercise):
    bomb = archive({"dW1.npy": bytes(64 * MEBIBYTE)})
    tracemalloc.start()
    try:
        refused(bomb, exercise)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE


def test_a_name_that_stands_twice_is_refused(exercise):
    file = io.BytesIO(npz(**RIGHT))
    with zipfile.ZipFile(file, "a") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.writestr("loss.npy", npy(0.5))
    assert '"loss" stands twice' in refused(file.getvalue(), exercise)


def test_other_ways_to_pack_are_refused(exercise):
    for compression in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "cannot be unpacked" in refused(archive({"dW1.npy": npy(1)}, compression), exercise)


def test_an_archive_whose_files_begin_before_it_is_refused(exercise):
    raw = bytearray(npz(**RIGHT))
    raw[raw.rindex(b"PK\x05\x06") + 16] += 10  # where its directory is, which the rest is told by
    assert "cannot be unpacked" in refused(bytes(raw), exercise)


@given(st.integers(0, 5_000), st.integers(0, 255), st.booleans())
def test_a_damaged_file_is_read_or_refused_in_a_line(exercise, place, byte, is_cut):
    raw = npz(numpy.savez_compressed, **RIGHT)
    place %= len(raw)
    damaged = raw[:place] if is_cut else raw[:place] + bytes([byte]) + raw[place + 1 :]
    assert "\n" not in outcome(damaged, exercise)


@given(
    st.text(
        st.sampled_from("()[]{}'\"descr:shape,fortran_order<f8|OTrueFalseL0123456789 \n\\"),
        max_size=60,
    )
)
def test_no_header_does_more_than_be_refused(exercise, text):
    with warnings.catch_warnings():
        # Of numpy, where a header looks as Python 2 wrote it.
        warnings.simplefilter("ignore")
        for shape in (text, f"({text},)"):
            assert "\n" not in outcome(archive({"dW1.npy": claiming(shape)}), exercise)


def test_an_array_without_a_name_and_matlabs_files_are_told_what_to_do_instead(exercise):
    assert "numpy.savez('answers.npz'" in refused(npy(RIGHT["dW1"]), exercise)
    for version in (b"5.0", b"7.3"):
        raw = b"MATLAB " + version + b" MAT-file, Platform: GLNXA64" + bytes(100)
        assert "mat2str(dW1, 17)" in refused(raw, exercise)


def test_what_matlab_is_told_to_write_is_read_exactly(exercise):
    text = b"loss = 0.10000000000000001\ndW1 = [0.10000000000000001 0.20000000000000001;1 2]\n"
    read = read_answers(text + b"db1 = [1.5;-2.5]\n", exercise).answers.answers
    assert read == {"loss": 0.1, "dW1": [[0.1, 0.2], [1, 2]], "db1": [1.5, -2.5]}
