"""gunicorn for a course: `gunicorn --config deploy/gunicorn.conf.py`.

Address, threads and log level are those of gradgrade's settings. WEB_CONCURRENCY is the number of
processes, PROMETHEUS_MULTIPROC_DIR an empty directory of this server's own for its metrics.
"""

import os
import sys
from pathlib import Path

from gradgrade.service.http import logs
from gradgrade.service.http.metrics import DIRECTORY
from gradgrade.service.settings import load

try:
    settings = load()
except (OSError, ValueError) as error:
    sys.exit(f"gradgrade: error: {error}")

wsgi_app = "gradgrade.service.wsgi:create()"
bind = (
    f"[{settings.host}]:{settings.port}"
    if ":" in settings.host
    else (f"{settings.host}:{settings.port}")
)
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = settings.threads

timeout = 60
graceful_timeout = 30  # a SIGTERM lets requests end for so long
keepalive = 5

# The clients' addresses are taken from proxies by the settings, in one place.
forwarded_allow_ips = ""
proc_name = "gradgrade"
control_socket_disable = True

logconfig_dict = logs.configuration(settings.log_level)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
    "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
}


def on_starting(server):
    """Begin to count from nothing, in a directory of this server's own."""
    if directory := os.environ.get(DIRECTORY):
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in Path(directory).glob("*.db"):
            path.unlink()


def child_exit(server, worker):
    """Keep what a process has counted when it is gone."""
    if os.environ.get(DIRECTORY):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
