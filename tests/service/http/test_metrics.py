import pytest
from flask import g
from prometheus_client.parser import text_string_to_metric_families

from gradgrade.service.app import create_app
from gradgrade.service.settings import Settings


def told_app():
    """An application that tells this machine its metrics."""
    return create_app(settings=Settings(metrics_from="127.0.0.1"))


def samples(reply):
    """Every sample by its name and labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def counted(client, name, **labels):
    return samples(client.get("/metrics")).get((name, *sorted(labels.items())), 0)


def test_requests_are_counted_by_method_route_and_status():
    client = told_app().test_client()
    for path in ("/api/v1/catalogue/seeds", "/api/v1/catalogue/seeds", "/api/v1/catalogue/nope"):
        client.get(path)
    labels = {"method": "GET", "route": "/api/v1/catalogue/{name}"}
    assert counted(client, "gradgrade_requests_total", **labels, status="200") == 2
    assert counted(client, "gradgrade_requests_total", **labels, status="404") == 1
    assert counted(client, "gradgrade_request_seconds_count", **labels) == 3
    assert counted(client, "gradgrade_request_seconds_bucket", **labels, le="+Inf") == 3


def test_a_client_cannot_make_new_series():
    client = told_app().test_client()
    for number in range(20):
        client.open(f"/{number}", method=f"METHOD{number}")
    found = [each for each in samples(client.get("/metrics")) if "requests_total" in each[0]]
    assert len(found) == 1
    labels = {"method": "other", "route": "other", "status": "404"}
    assert counted(client, "gradgrade_requests_total", **labels) == 20


def test_submissions_are_counted_by_their_outcome():
    app = told_app()

    def submit(outcome):
        g.outcome = outcome
        return ""

    app.add_url_rule("/submit/<outcome>", view_func=submit)
    client = app.test_client()
    for outcome in ("correct", "partial", "correct"):
        client.get(f"/submit/{outcome}")
    assert counted(client, "gradgrade_submissions_total", outcome="correct") == 2
    assert counted(client, "gradgrade_submissions_total", outcome="partial") == 1


def test_two_applications_count_apart():
    first, second = (told_app().test_client() for _ in range(2))
    first.get("/healthz")
    labels = {"method": "GET", "route": "/healthz", "status": "200"}
    assert counted(first, "gradgrade_requests_total", **labels) == 1
    assert counted(second, "gradgrade_requests_total", **labels) == 0


@pytest.mark.parametrize(
    ("setting", "address", "status"),
    [
        ("", "127.0.0.1", 404),
        ("127.0.0.1", "127.0.0.1", 200),
        ("127.0.0.1", "::ffff:127.0.0.1", 200),
        ("127.0.0.1", "192.0.2.1", 404),
        ("127.0.0.1, 192.0.2.0/24, 2001:db8::/32", "192.0.2.1", 200),
        ("127.0.0.1, 192.0.2.0/24, 2001:db8::/32", "2001:db8::1", 200),
    ],
)
def test_metrics_are_told_to_whom_the_settings_name_and_to_nobody_else(setting, address, status):
    client = create_app(settings=Settings(metrics_from=setting)).test_client()
    reply = client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
    assert reply.status_code == status


def test_behind_a_proxy_the_clients_own_address_counts():
    client = create_app(settings=Settings(metrics_from="127.0.0.1", proxies=1)).test_client()
    reply = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 192.0.2.1"})
    assert reply.status_code == 404
