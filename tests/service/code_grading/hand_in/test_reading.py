"""What is handed in, read from files, folders and archives: what is taken, and what is refused."""

import os
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.archive import MOST_ENTRIES, read_zip
from gradgrade.service.code_grading.hand_in.gathering import MOST_BYTES, MOST_FILES
from gradgrade.service.code_grading.hand_in.reading import read_files, read_hand_in


def folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder that holds some files."""
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def archive(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip archive that holds some files."""
    with ZipFile(path, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


MAKERS = {"folder": folder, "zip": lambda path, files: archive(path.with_suffix(".zip"), files)}


@pytest.fixture(params=MAKERS)
def handed(request: pytest.FixtureRequest, tmp_path: Path):
    """A function that hands files in, in a folder and in a zip archive."""
    return lambda files: MAKERS[request.param](tmp_path / "hw1", files)


# Which file is the main one


@pytest.mark.parametrize("name", ["layers.py", "hw 1.ipynb", "handed-in.py"])
def test_a_lone_file_is_the_main_one(tmp_path, name):
    (tmp_path / name).write_bytes(b"x = 1")
    found = read_hand_in(tmp_path / name)
    assert (found.main, found.files) == (name, {name: b"x = 1"})


@pytest.mark.parametrize(
    ("name", "main"), [("mine.py", "hw1/layers.py"), ("mine.ipynb", "hw1/layers.ipynb")]
)
def test_a_lone_file_takes_the_place_that_the_course_names(tmp_path, name, main):
    (tmp_path / name).write_bytes(b"")
    assert read_hand_in(tmp_path / name, main="hw1/layers.py").main == main


def test_the_one_python_file_at_the_top_is_the_main_one(handed):
    found = read_hand_in(handed({"net.py": b"", "lib/layers.py": b"", "notes.txt": b""}))
    assert found.main == "net.py"
    assert sorted(found.files) == ["lib/layers.py", "net.py", "notes.txt"]


def test_the_main_file_is_the_one_that_the_course_names(handed):
    path = handed({"run.py": b"", "train.py": b"", "hw1/layers.py": b""})
    assert read_hand_in(path, main="hw1/layers.py").main == "hw1/layers.py"


@pytest.mark.parametrize(
    ("files", "main", "says"),
    [
        (["a.py", "b.ipynb"], None, "has a.py, b.ipynb at its top: hand in one of them"),
        (["hw1/a.py", "x.txt"], None, "has no .py and no .ipynb at its top; there is hw1/a.py"),
        (["x.txt"], None, "has no .py and no .ipynb at its top, nor another Python file"),
        (["a.py"], "hw1/layers.py", "has no hw1/layers.py; there is a.py"),
        ([f"{each}.py" for each in range(9)], None, "0.py, 1.py, 2.py, 3.py, 4.py and 4 more"),
    ],
)
def test_where_there_is_not_one_main_file_the_candidates_are_told(handed, files, main, says):
    path = handed(dict.fromkeys(files, b""))
    with pytest.raises(CodeGradingError) as refused:
        read_hand_in(path, main=main)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)


def test_an_archive_of_one_folder_is_taken_from_within(tmp_path):
    files = {"repo-main/net.py": b"1", "repo-main/lib/a.py": b"2", "__MACOSX/repo-main/._a.py": b""}
    path = archive(tmp_path / "a.zip", files)
    found = read_hand_in(path)
    assert (found.main, found.files) == ("net.py", {"net.py": b"1", "lib/a.py": b"2"})
    named = read_hand_in(path, main="repo-main/net.py")
    assert named.main == "repo-main/net.py"


# The course's own files


def test_the_courses_files_lie_beside_and_win(handed):
    path = handed({"net.py": b"mine", "utils.py": b"mine"})
    found = read_hand_in(path, course_files={"utils.py": b"theirs", "data.csv": b"1"})
    assert found.main == "net.py"
    assert found.laid == {"net.py": b"mine", "utils.py": b"theirs", "data.csv": b"1"}


def test_a_file_of_the_courses_is_not_handed_in(tmp_path):
    (tmp_path / "utils.py").write_bytes(b"")
    with pytest.raises(CodeGradingError, match=r"utils\.py is the course's own file"):
        read_hand_in(tmp_path / "utils.py", course_files={"utils.py": b""})


def test_a_file_where_the_course_has_a_folder_is_refused(handed):
    path = handed({"net.py": b"", "data": b""})
    with pytest.raises(CodeGradingError, match="'data': is a file and a folder"):
        read_hand_in(path, course_files={"data/x.npy": b""})


# What is left out, and what is refused


def test_what_is_hidden_or_made_by_machines_is_left_out(handed):
    junk = [".git/config", ".venv/a.py", "lib/__pycache__/a.pyc", "__MACOSX/a.py", ".DS_Store"]
    path = handed({**dict.fromkeys(junk, b""), "net.py": b""})
    assert list(read_hand_in(path).files) == ["net.py"]


def test_a_virtual_environment_is_left_out_whatever_it_is_called(tmp_path):
    made = folder(tmp_path / "hw1", {"net.py": b"", "env/pyvenv.cfg": b"", "env/lib/a.py": b""})
    (made / "env" / "python").symlink_to("/usr/bin/python3")
    assert list(read_hand_in(made).files) == ["net.py"]


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc"])
def test_a_link_in_a_folder_is_not_followed(tmp_path, target):
    made = folder(tmp_path / "hw1", {"net.py": b""})
    (made / "data").symlink_to(target)
    with pytest.raises(CodeGradingError, match="hw1/data: a symbolic link is not followed"):
        read_hand_in(made)


def test_a_pipe_in_a_folder_is_refused(tmp_path):
    made = folder(tmp_path / "hw1", {"net.py": b""})
    os.mkfifo(made / "pipe")
    with pytest.raises(CodeGradingError, match="hw1/pipe: not a file"):
        read_hand_in(made)


def test_too_many_files_are_refused(handed):
    path = handed({f"{each}.txt": b"" for each in range(MOST_FILES + 1)})
    with pytest.raises(CodeGradingError, match=f"over {MOST_FILES} files"):
        read_hand_in(path)


def test_too_many_bytes_are_refused(handed):
    half = bytes(MOST_BYTES // 2)
    path = handed({"a.py": b"", "b": half, "c": half})
    assert len(read_hand_in(path).files) == 3
    with pytest.raises(CodeGradingError, match=f"over {MOST_BYTES} bytes"):
        read_hand_in(MAKERS["zip"](path.with_name("more"), {"b": half, "c": half, "d": b"1"}))


def test_a_notebook_that_is_too_large_is_told_what_makes_it_so(tmp_path):
    (tmp_path / "hw1.ipynb").write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(CodeGradingError, match=f"over {MOST_BYTES} bytes: clear its outputs"):
        read_hand_in(tmp_path / "hw1.ipynb")


@pytest.mark.parametrize("name", ["hw1.tar.gz", "hw1.7z", "hw1.rar"])
def test_an_archive_of_another_kind_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x1f\x8b")
    with pytest.raises(CodeGradingError, match=r"hand in a \.py, a \.ipynb, a folder or a \.zip"):
        read_hand_in(tmp_path / name)


# Archives that somebody made to break what reads them


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../net.py", "leads out"),
        ("lib/../../net.py", "leads out"),
        ("/etc/net.py", "leads out"),
        ("C:\\net.py", "leads out"),
        ("..\\net.py", "leads out"),
        ("a\nb.py", "cannot be printed"),
        ("a\x1b[2J.py", "cannot be printed"),
        ("x" * 301, "too long"),
        ("ü" * 200, "too long"),
        ("a/" * 200 + "b.py", "too long"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path, name, says):
    path = archive(tmp_path / "a.zip", {name: b""})
    with pytest.raises(CodeGradingError, match=says) as refused:
        read_hand_in(path)
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as made:
        made.writestr("net.py", bytes(200 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(CodeGradingError, match=f"over {MOST_BYTES} bytes"):
        read_hand_in(path)


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"net.py": bytes(1000)})
    content = path.read_bytes()
    lying = content.replace(struct.pack("<I", 1000), struct.pack("<I", 10))
    assert lying != content
    path.write_bytes(lying)
    with pytest.raises(CodeGradingError, match="no zip archive that can be read"):
        read_hand_in(path)


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
def test_what_cannot_be_unpacked_within_bounds_is_refused(tmp_path, method):
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", method) as made:
        made.writestr("net.py", b"x = 1")
    with pytest.raises(CodeGradingError, match="another method than deflate"):
        read_hand_in(path)


def test_an_encrypted_archive_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"net.py": b"x = 1"})
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    content[6] |= 1
    path.write_bytes(content)
    with pytest.raises(CodeGradingError, match=r"'net\.py': is encrypted"):
        read_hand_in(path)


def test_a_link_in_an_archive_is_refused(tmp_path):
    path, link = tmp_path / "a.zip", ZipInfo("net.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(path, "w") as made:
        made.writestr(link, "/etc/passwd")
    with pytest.raises(CodeGradingError, match=r"'net\.py': a symbolic link is not followed"):
        read_hand_in(path)


@pytest.mark.parametrize("names", [("net.py", "net.py"), ("net.py", "./net.py")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path, names):
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as made:
        for content, name in enumerate(names):
            made.writestr(name, str(content))
    with pytest.raises(CodeGradingError, match=r"'net\.py': there are two of this name"):
        read_hand_in(path)


def test_too_many_entries_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as made:
        for each in range(MOST_ENTRIES + 1):
            made.writestr(f"{each}/", b"")
    with pytest.raises(CodeGradingError, match=f"over {MOST_ENTRIES} entries"):
        read_hand_in(path)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(CodeGradingError):
        read_hand_in(tmp_path / "a.zip")


def test_an_entry_without_a_name_is_left_out(tmp_path):
    path = archive(tmp_path / "a.zip", {"a": b"", "net.py": b"x = 1\n"})
    raw = bytearray(path.read_bytes())
    first = raw.index(b"PK\x01\x02")
    raw[first + 28] = 0  # how long its name is; the byte is taken for the comment's
    raw[first + 32] = 1
    raw[26], raw[28] = 0, 1  # likewise before its content, where it is taken for extra
    assert list(read_zip(bytes(raw), "a.zip")) == ["net.py"]


@given(st.data())
def test_an_archive_with_any_bytes_changed_is_read_or_refused(tmp_path_factory, data):
    files = {"net.py": b"x = 1\n" * 20, "lib/a.py": b"y = 2\n"}
    whole = bytearray(archive(tmp_path_factory.mktemp("a") / "a.zip", files).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    told, read = "", {}
    try:
        read = read_zip(bytes(whole), "a.zip")
    except CodeGradingError as error:
        told = str(error)
    assert told.isprintable()
    assert all(".." not in path.split("/") for path in read)


def test_the_files_are_those_that_were_handed_in_byte_for_byte(handed):
    files = {"a/net.py": "x = 'é'".encode("utf-16"), "a/b/c.py": b"\r\n"}
    assert dict(read_files(handed(files))) == files
