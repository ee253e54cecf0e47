"""Metrics of the application, as Prometheus reads them.

Where PROMETHEUS_MULTIPROC_DIR names a directory, several processes count into it, and each tells
of all of them.
"""

import os

from flask import Flask, current_app
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from gradgrade.service.http.observation import Observation, observe

MEDIA_TYPE = CONTENT_TYPE_LATEST
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""The upper ends of the histogram's buckets."""

_EXTENSION = "gradgrade_metrics"


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gradgrade_requests",
            "Requests that were answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "gradgrade_request_seconds",
            "How long requests took",
            ["method", "route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._submissions = Counter(
            "gradgrade_submissions",
            "Submissions that were stored",
            ["outcome"],
            registry=self._registry,
        )

    def count(self, observed: Observation) -> None:
        """Count an answered request."""
        self._requests.labels(observed.method, observed.route, str(observed.status)).inc()
        self._seconds.labels(observed.method, observed.route).observe(observed.seconds)
        if observed.outcome is not None:
            self._submissions.labels(observed.outcome).inc()

    def exposition(self) -> bytes:
        """Return the counts in Prometheus' text format."""
        if not os.environ.get(DIRECTORY):
            return generate_latest(self._registry)
        everybodys = CollectorRegistry()
        # prometheus_client has types, but this constructor has none.
        MultiProcessCollector(everybodys)  # type: ignore[no-untyped-call]
        return generate_latest(everybodys)


def register(app: Flask) -> None:
    """Count every request of an application."""
    metrics = Metrics()
    app.extensions[_EXTENSION] = metrics
    observe(app, metrics.count)


def exposition() -> bytes:
    """Return the counts of the current application, in Prometheus' text format."""
    metrics: Metrics = current_app.extensions[_EXTENSION]
    return metrics.exposition()
