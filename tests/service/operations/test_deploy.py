import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from gradgrade.service.settings import Settings, load
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from tests import ROOT
from tests.service.operations.served import environment

DEPLOY = ROOT / "deploy"
GUNICORN = Path(sys.executable).with_name("gunicorn")
PROCESSES = 2
STOPS_IN = 30


@pytest.fixture
def database(tmp_path):
    store = open_store(str(tmp_path / "course.db"))
    migrate(store)
    store.close()
    return f"sqlite:///{tmp_path}/course.db"


def gunicorn(*options, directory, errors=subprocess.PIPE, **settings):
    return subprocess.Popen(
        [str(GUNICORN), "--config", str(DEPLOY / "gunicorn.conf.py"), *options],
        cwd=directory,
        env=environment(**settings)
        | {
            "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics"),
            "GRADGRADE_METRICS_FROM": "127.0.0.1",
        },
        stdout=subprocess.PIPE,
        stderr=errors,
        encoding="utf-8",
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_example_of_settings_is_taken_and_shows_them():
    settings = load(str(DEPLOY / "gradgrade.toml"))
    assert settings.proxies == 1
    assert settings.redis == "redis://127.0.0.1:6379/0"


def test_gunicorn_takes_its_configuration(tmp_path, database):
    process = gunicorn("--check-config", directory=tmp_path, database=database)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 0, errors


def test_gunicorn_refuses_bad_settings_in_one_line(tmp_path):
    process = gunicorn("--check-config", directory=tmp_path, port="eighty")
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert errors.startswith("gradgrade: error: GRADGRADE_PORT: ")
    assert errors.count("\n") == 1


def test_the_processes_of_gunicorn_count_together_log_json_and_end_in_time(tmp_path, database):
    port, log = free_port(), tmp_path / "gunicorn.log"
    # However much is asked until both have answered, nobody waits for a pipe to be read.
    with log.open("w") as errors:
        process = gunicorn(directory=tmp_path, errors=errors, database=database, port=str(port))

    def get(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.read().decode()

    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert json.loads(get("/readyz")) == {"status": "ok"}
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        sent = 0
        with ThreadPoolExecutor(8) as several:
            while len(list((tmp_path / "metrics").glob("counter_*"))) < PROCESSES:
                assert time.monotonic() < deadline
                sent += len(list(several.map(get, ["/healthz"] * 8)))
        line = 'gradgrade_requests_total{method="GET",route="/healthz",status="200"} '
        assert f"{line}{sent}.0\n" in get("/metrics")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOPS_IN)
    assert process.returncode == 0
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert sum(line.get("route") == "/healthz" for line in lines) == sent
    assert (tmp_path / "gradgrade.secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_nginx_keeps_what_is_for_operators_to_the_machine_itself(path):
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    blocks = re.findall(r"location ~ (\S+) \{([^}]*)\}", text)
    (block,) = [block for pattern, block in blocks if re.search(pattern, path)]
    rules = re.findall(r"(allow|deny) ([^;]+);", block)
    assert rules == [("allow", "127.0.0.1"), ("allow", "::1"), ("deny", "all")]


def test_an_image_is_made_of_what_is_copied_and_of_nothing_else():
    steps = (DEPLOY / "Dockerfile").read_text()
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", steps, re.MULTILINE)
        for source in sources.split()
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


def test_compose_sets_what_settings_there_are():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    names = {name for each in services.values() for name in each.get("environment", {})}
    ours = {name.removeprefix("GRADGRADE_").lower() for name in names if "GRADGRADE_" in name}
    assert ours
    assert ours <= set(Settings.model_fields)
