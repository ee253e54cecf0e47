import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError
from gradgrade.service.settings import CONFIDENTIAL, Settings, load, secret_of
from tests import ROOT

SECRET = "sixteen bytes at least"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No variable of ours, and a directory of the test's own."""
    for name in [name for name in os.environ if name.startswith("GRADGRADE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "gradgrade.toml"

    def write(text):
        path.write_text(text)
        return str(path)

    return write


def refusal(*arguments, **options):
    with pytest.raises(DocumentError) as refused:
        load(*arguments, **options)
    message = str(refused.value)
    assert message.isprintable()
    return message


def test_there_are_defaults_for_all():
    assert load() == Settings()
    assert load().database == "sqlite:///gradgrade.db"


def test_the_environment_is_over_the_file_and_options_over_both(file, monkeypatch):
    path = file('course = "file"\nport = 1\nthreads = 7\n')
    monkeypatch.setenv("GRADGRADE_COURSE", "environment")
    monkeypatch.setenv("GRADGRADE_PORT", "2")
    settings = load(path, port=3, host=None)
    assert (settings.threads, settings.course, settings.port) == (7, "environment", 3)
    assert settings.host == Settings().host


def test_a_variable_names_the_file(file, monkeypatch):
    monkeypatch.setenv("GRADGRADE_CONFIG", file("threads = 9"))
    assert load().threads == 9


def test_settings_made_directly_heed_no_variable(monkeypatch):
    monkeypatch.setenv("GRADGRADE_PORT", "2")
    assert Settings().port == 8000


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("prt = 1", ["prt: there is no such setting; did you mean port?"]),
        ("zzz = 1", ["zzz: there is no such setting; there are ", "database", "port"]),
        ('port = "80"', ["port: ", "valid integer (got '80')"]),
        ("port = 65536", ["port: ", "(got 65536)"]),
        ("port = true", ["port: ", "(got True)"]),
        ("threads = 0", ["threads: ", "(got 0)"]),
        ("proxies = -1", ["proxies: ", "(got -1)"]),
        ('public_grading = "yes"', ["public_grading: ", "(got 'yes')"]),
        ('submission_rate = "many"', ["submission_rate: it is not a rate", "(got 'many')"]),
        ('log_level = "loud"', ["log_level: ", "(got 'loud')"]),
        ("most_bytes = 0", ["most_bytes: ", "(got 0)"]),
        ('course = ""', ["course: it is empty: write one, such as course, or leave it out"]),
        ('cluster = ""', ["cluster: it is empty: leave it out"]),
        ('host = ""', ["host: it is empty: write one, such as 127.0.0.1, or leave it out"]),
        ("port = ", ["Invalid value"]),
        ("port = 1\nport = 2", ["overwrite"]),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_its_name_the_setting_and_the_value(file, line, words):
    path = file(line)
    message = refusal(path)
    assert message.startswith(f"{path}: ")
    for word in words:
        assert word in message


def test_a_bad_variable_is_told_by_its_name(file, monkeypatch):
    monkeypatch.setenv("GRADGRADE_PORT", "eighty")
    assert refusal(file("port = 80")).startswith("GRADGRADE_PORT: ")


def test_a_bad_option_is_told_by_its_name(file, monkeypatch):
    monkeypatch.setenv("GRADGRADE_PORT", "80")
    assert refusal(file("port = 80"), port=-1).startswith("port: ")


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(FileNotFoundError):
        load("nothing.toml")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "a.toml").write_bytes(b'course = "\xff"')
    assert "not UTF-8" in refusal("a.toml")


@pytest.mark.parametrize("name", sorted(CONFIDENTIAL))
@pytest.mark.parametrize("value", ["hunter2", 987654321])
def test_what_is_confidential_is_never_shown(name, value):
    try:
        shown = repr(load(**{name: value}))
    except DocumentError as error:
        shown = str(error)
    assert str(value) not in shown


def test_a_secret_has_sixteen_bytes(monkeypatch, tmp_path):
    assert refusal(secret="fifteen bytes!!") == "secret: a secret has at least 16 bytes"
    monkeypatch.setenv("GRADGRADE_SECRET", "ü" * 8)
    assert secret_of(load()) == "ü".encode() * 8
    (tmp_path / "a.secret").write_text("fifteen bytes!!\n")
    (tmp_path / "a.secret").chmod(0o600)
    with pytest.raises(DocumentError, match=r"a\.secret: a secret has at least 16 bytes"):
        secret_of(Settings(secret_file="a.secret"))


def test_a_secret_is_made_once_and_private(tmp_path):
    before = os.umask(0)
    try:
        made = secret_of(Settings())
    finally:
        os.umask(before)
    path = tmp_path / "gradgrade.secret"
    assert len(bytes.fromhex(made.decode())) == 32
    assert path.read_bytes() == made + b"\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_of(Settings()) == made
    assert [each.name for each in tmp_path.iterdir()] == ["gradgrade.secret"]


def test_two_secrets_that_are_made_differ():
    assert secret_of(Settings(secret_file="a")) != secret_of(Settings(secret_file="b"))


def test_a_secret_of_the_settings_is_over_the_file(tmp_path):
    assert secret_of(Settings(secret=SECRET)) == SECRET.encode()
    assert list(tmp_path.iterdir()) == []


def test_the_text_of_a_file_is_the_same_secret_as_the_variable(tmp_path):
    made = secret_of(Settings())
    text = (tmp_path / "gradgrade.secret").read_text()
    assert secret_of(Settings(secret=text.strip())) == made


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_can_reach_is_refused(tmp_path, mode):
    secret_of(Settings())
    (tmp_path / "gradgrade.secret").chmod(mode)
    with pytest.raises(DocumentError, match=f"mode {mode:04o}.*chmod 600 gradgrade.secret"):
        secret_of(Settings())


def test_a_secret_in_no_folder_is_told_by_the_name_of_its_file():
    with pytest.raises(FileNotFoundError) as refused:
        secret_of(Settings(secret_file="nowhere/gradgrade.secret"))
    assert refused.value.filename == "nowhere/gradgrade.secret"


PROCESSES = 4

PROGRAM = f"""
import os
from multiprocessing import get_context
from gradgrade.service.settings import Settings, secret_of
context = get_context("fork")
together = context.Barrier({PROCESSES}, timeout=30)
def start():
    together.wait()
    # In one piece, whatever the others write meanwhile.
    os.write(1, secret_of(Settings()) + os.linesep.encode())
processes = [context.Process(target=start) for _ in range({PROCESSES})]
for process in processes:
    process.start()
for process in processes:
    process.join()
"""


def test_processes_that_start_at_once_have_one_secret(tmp_path):
    # In a process of their own, which has no threads: it can be forked.
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True)
    secret = (tmp_path / "gradgrade.secret").read_text()
    assert done.stdout.splitlines(keepends=True) == PROCESSES * [secret]


@given(st.dictionaries(st.sampled_from(sorted(Settings.model_fields)), st.text() | st.integers()))
def test_whatever_is_set_is_taken_or_refused_in_one_line(options):
    refused = ""
    try:
        load(**options)
    except DocumentError as error:
        refused = str(error)
    assert len(refused.splitlines()) <= 1


def test_every_setting_is_in_the_documentation():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    documented = {row.split("`")[1]: row for row in rows}
    assert set(Settings.model_fields) <= set(documented)
    for name, field in Settings.model_fields.items():
        shown = "–" if field.default is None else str(field.default)
        assert f"| {shown} |".lower() in documented[name].lower(), name


@pytest.mark.parametrize("address", ["", "foo", "http://h", "redis://:hunter2@h:port/0", "redis:h"])
def test_what_is_no_address_of_a_redis_is_refused_and_not_shown(file, address):
    message = refusal(file(f"redis = {address!r}"))
    assert "redis: it is no redis://HOST:PORT/NUMBER, rediss://… or unix://FILE" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "address", ["redis://:password@h:6379/0", "rediss://h", "unix:///run/redis.sock"]
)
def test_a_redis_is_named_by_its_address(file, address):
    assert load(file(f"redis = {address!r}")).redis == address
