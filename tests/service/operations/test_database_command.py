import json
import os

import pytest
from sqlalchemy import text

from gradgrade.service.store.engine import open_store
from tests.service.cli.run import assert_refused, run
from tests.service.store.databases import KINDS, new_database


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("GRADGRADE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_is_made_kept_restored_and_checked(kind, tmp_path):
    with new_database(kind, tmp_path) as first, new_database(kind, tmp_path) as second:
        for arguments in (
            ["migrate", "--database", first],
            ["check", "--database", first],
            ["backup", "a.backup", "--database", first],
            ["restore", "a.backup", "--database", second],
            ["check", "--database", second],
        ):
            result = run("database", *arguments)
            assert result.exit_code == 0, result.stderr
            assert result.stdout
        assert_refused(run("database", "restore", "a.backup", "--database", first), "not empty")


def test_without_an_option_the_settings_name_the_database(tmp_path, monkeypatch):
    assert run("database", "migrate").exit_code == 0
    assert (tmp_path / "gradgrade.db").stat().st_mode & 0o077 == 0
    (tmp_path / "a.toml").write_text('database = "sqlite:///b.db"')
    assert run("database", "migrate", "--config", "a.toml").exit_code == 0
    assert (tmp_path / "b.db").exists()
    monkeypatch.setenv("GRADGRADE_DATABASE", "sqlite:///c.db")
    assert run("database", "migrate", "--config", "a.toml").exit_code == 0
    assert (tmp_path / "c.db").exists()


def test_problems_are_told_with_an_exit_code_of_their_own():
    run("database", "migrate")
    assert run("database", "check").stdout == "no problems\n"
    assert json.loads(run("database", "check", "--format", "json").stdout) == []
    store = open_store("gradgrade.db")
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0'"))
    store.close()
    found = run("database", "check", "--format", "json")
    assert found.exit_code == 3
    assert json.loads(found.stdout) == [
        "the tables are not current: run `gradgrade database migrate`"
    ]


@pytest.mark.parametrize("command", [["check"], ["backup", "a.backup"]])
def test_no_database_is_made_by_looking_at_it(command, tmp_path):
    assert_refused(run("database", *command), "gradgrade.db: no such database")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["migrate", "--database", "mysql://a:hunter2@b/c"], ["postgresql://"]),
        (["migrate", "--database", "postgresql://a:hunter2@127.0.0.1:1/c"], ["does not answer"]),
        (["migrate", "--database", "sqlite:///no/such/folder.db"], ["its folder is not there"]),
        (["migrate", "--database", "."], ["it is a folder itself"]),
        (["migrate", "--database", ":memory:"], ["sqlite:///FILE", "(got :memory:)"]),
        (["migrate", "--database", "sqlite:///:memory:"], ["sqlite:///FILE", "(got sqlite://"]),
        (["migrate", "--database", "sqlite:///file:x?mode=memory&uri=true"], ["sqlite:///FILE"]),
        (["migrate", "--database", "sqlite:///not-a-database"], ["is no database"]),
        (["migrate", "--database", ""], ["database: "]),
        (["migrate", "--database", "postgresql://u:hunter2@127.0.0.1:port/x"], ["a port"]),
        (["migrate", "--database", "postgresql://127.0.0.1/x?hunter2=bar"], ["an option"]),
        (["migrate", "--database", "postgresql://127.0.0.1/\udcff"], ["database: "]),
        (["migrate", "--database", "sqlite://hunter2/x.db"], ["no URL"]),
        (["migrate", "--database", "sqlite:///x.db?timeout=hunter2"], ["an option"]),
        (["migrate", "--database", "a\0b"], ["no URL"]),
        (["migrate", "--config", "null.toml"], ["no URL"]),
        (["migrate", "--config", "nothing.toml"], ["nothing.toml: No such file"]),
        (["restore", "nothing.backup"], ["nothing.backup: No such file"]),
        (["restore", "not-a-database"], ["not-a-database: is no backup"]),
    ],
)
def test_bad_input_is_one_line_without_a_password(arguments, words, tmp_path):
    (tmp_path / "not-a-database").write_bytes(b"nonsense" * 1000)
    (tmp_path / "null.toml").write_text('database = "a\\u0000b"')
    result = run("database", *arguments)
    assert_refused(result, *words)
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(["database", "migrate"], ["database", "backup", "a.backup"]),
        *(["token", "list"], ["students", "week-1"], ["regrade", "week-1"]),
    ],
    ids=" ".join,
)
def test_a_damaged_file_of_a_database_is_named_by_every_command(command, tmp_path):
    (tmp_path / "course.db").write_bytes(b"nonsense" * 1000)
    assert_refused(
        run(*command, "--database", "sqlite:///course.db"),
        "error: course.db: the database's file is damaged, or is no database",
    )
    assert [each.name for each in tmp_path.iterdir()] == ["course.db"]


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_a_backup_in_the_place_of_a_directory_is_refused(place, tmp_path):
    run("database", "migrate")
    before = {each.name for each in tmp_path.iterdir()}
    assert_refused(run("database", "backup", place), f"{place}: Is a directory")
    assert {each.name for each in tmp_path.iterdir()} == before


LOOKING = [
    ["regrade", "week-1"],
    ["regrade", "week-1", "--dry-run"],
    ["pregenerate", "week-1"],
    ["token", "list"],
    ["token", "revoke", "1"],
    ["database", "check"],
]


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_a_command_for_what_is_there_makes_nothing_in_an_empty_folder(arguments, tmp_path):
    assert_refused(run(*arguments), "gradgrade.db: no such database")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", LOOKING[:-1], ids=" ".join)
def test_a_command_for_what_is_there_makes_no_secret_and_no_course(arguments, tmp_path):
    assert run("token", "create", "--role", "instructor").exit_code == 0
    (tmp_path / "gradgrade.secret").rename(tmp_path / "elsewhere")
    assert_refused(run(*arguments), "gradgrade.secret: no such secret")
    assert not (tmp_path / "gradgrade.secret").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "gradgrade.secret")
    (tmp_path / "a.toml").write_text('course = "another"')
    assert_refused(run(*arguments, "--config", "a.toml"), "there is no course 'another'")


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_without_tables_is_none(kind, tmp_path):
    with new_database(kind, tmp_path) as database:
        assert_refused(run("token", "list", "--database", database), "no such database")
        assert_refused(run("database", "check", "--database", database), "no such database")
