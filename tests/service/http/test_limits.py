"""Rate limits: exact, for whom they are meant, shared over Redis, and no fault without it."""

import logging
import os
import secrets
import socket
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from select import select
from urllib.parse import urlsplit

import pytest
import redis as redis_client

from gradgrade.service.app import create_app
from gradgrade.service.http.limits import Limiter
from gradgrade.service.settings import Settings
from tests.service.api.live import live_server
from tests.service.api.shelf import shelf_app

PATH = "/api/v1/books"
BOOK = {"title": "a", "pages": 1}
REDIS = os.environ.get("GRADGRADE_TEST_REDIS", "redis://127.0.0.1:6379/0")


class Clock:
    def __init__(self):
        self.now = 1_000_020.0  # a whole number of minutes

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def _client(clock, prefix="gradgrade", **rates):
    settings = Settings(**rates)
    limiter = Limiter(settings, clock=clock, prefix=prefix)
    return shelf_app(settings=settings, limiter=limiter).test_client()


def _post(client, token="student-1", **options):
    return client.post(PATH, headers={"Authorization": f"Bearer {token}"}, json=BOOK, **options)


def _get(client, token="student-1", **options):
    return client.get(PATH, headers={"Authorization": f"Bearer {token}"}, **options)


def _standing(reply):
    return tuple(
        int(reply.headers[f"RateLimit-{each}"]) for each in ("Limit", "Remaining", "Reset")
    )


def test_a_limit_of_n_allows_exactly_n_in_a_window(clock):
    client = _client(clock, submission_rate="3/minute")
    assert [_post(client).status_code for _ in range(5)] == [201, 201, 201, 429, 429]
    clock.now += 60
    assert [_post(client).status_code for _ in range(4)] == [201, 201, 201, 429]


def test_a_refusal_is_a_problem_that_says_when_to_come_back(clock):
    client = _client(clock, submission_rate="1/minute")
    clock.now += 17.5
    _post(client)
    reply = _post(client)
    assert (reply.status_code, reply.content_type) == (429, "application/problem+json")
    assert reply.headers["Retry-After"] == "43"
    assert _standing(reply) == (1, 0, 43)
    assert "1 in 60 seconds" in reply.json["detail"]


def test_every_answer_tells_where_the_asker_stands(clock):
    client = _client(clock, submission_rate="5/minute")
    assert [_standing(_post(client)) for _ in range(2)] == [(5, 4, 60), (5, 3, 60)]
    refused = client.post(PATH, headers={"Authorization": "Bearer student-1"}, data=b"{")
    assert _standing(refused) == (5, 2, 60)


def test_every_token_has_a_limit_of_its_own_wherever_it_comes_from(clock):
    client = _client(clock, submission_rate="1/minute")
    assert _post(client, "student-1").status_code == 201
    assert _post(client, "student-2").status_code == 201
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert _post(client, "student-1", environ_overrides=elsewhere).status_code == 429


def test_limits_do_not_count_towards_each_other(clock):
    client = _client(clock, submission_rate="1/minute", general_rate="1/minute")
    assert (_post(client).status_code, _get(client).status_code) == (201, 200)
    assert (_post(client).status_code, _get(client).status_code) == (429, 429)


def test_what_a_role_may_not_ask_counts_too(clock):
    client = _client(clock, submission_rate="1/minute")
    assert [_post(client, "ci-1").status_code for _ in range(2)] == [404, 429]


def test_guessing_tokens_is_refused_and_a_class_behind_the_same_address_is_not(clock):
    client = _client(clock, failed_token_rate="2/minute")
    statuses = [_get(client, f"guess-{number}").status_code for number in range(4)]
    assert statuses == [401, 401, 429, 429]
    assert _get(client, "student-1").status_code == 200
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert _get(client, "guess-9", environ_overrides=elsewhere).status_code == 401


def test_no_token_at_all_is_no_guess(clock):
    client = _client(clock, failed_token_rate="1/minute")
    assert [client.get(PATH).status_code for _ in range(3)] == [401] * 3


def test_a_public_route_counts_addresses(clock):
    client = create_app(settings=Settings(grading_rate="1/hour")).test_client()

    def status(address):
        overrides = {"REMOTE_ADDR": address}
        return client.post("/api/v1/grade", json={}, environ_overrides=overrides).status_code

    assert [status("192.0.2.1"), status("192.0.2.1"), status("192.0.2.2")] == [422, 429, 422]
    # A household has a network of IPv6, not one address.
    assert [status("2001:db8::1"), status("2001:db8::2"), status("2001:db8:0:1::1")] == [
        *(422, 429, 422)
    ]


def test_whether_it_is_up_can_be_asked_without_limit():
    client = create_app(settings=Settings(general_rate="1/hour")).test_client()
    replies = [client.get("/healthz") for _ in range(3)]
    assert {each.status_code for each in replies} == {200}
    assert "RateLimit-Limit" not in replies[0].headers


@pytest.mark.parametrize(
    ("proxies", "statuses"), [(0, [422, 429, 429]), (1, [422, 422, 429]), (2, [422, 422, 422])]
)
def test_the_client_s_address_is_taken_from_as_many_proxies_as_are_said_to_be_there(
    proxies, statuses
):
    client = create_app(settings=Settings(grading_rate="1/hour", proxies=proxies)).test_client()
    # Each proxy adds the address that it saw; what stands before theirs, the client has written.
    chains = ["10.0.0.1, 192.0.2.1", "10.0.0.2, 192.0.2.2", "10.0.0.3, 192.0.2.2"]
    found = [
        client.post("/api/v1/grade", json={}, headers={"X-Forwarded-For": chain}).status_code
        for chain in chains
    ]
    assert found == statuses


def test_threads_together_get_no_more_than_the_limit(clock):
    client = _client(clock, submission_rate="20/minute")
    app = client.application
    _post(client)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: _post(app.test_client()).status_code, range(60)))
    assert statuses.count(201) == 19


def test_counts_are_forgotten_after_their_windows(clock):
    settings = Settings(general_rate="5/minute")
    limiter = Limiter(settings, clock=clock)
    client = shelf_app(settings=settings, limiter=limiter).test_client()
    for token in ("student-1", "student-2", "ci-1"):
        _get(client, token)
    assert len(limiter._own._counts) == 3
    clock.now += 120
    _get(client)
    assert len(limiter._own._counts) == 1


# Redis


@pytest.fixture
def prefix():
    client = redis_client.Redis.from_url(REDIS)
    try:
        client.ping()
    except redis_client.RedisError as error:
        pytest.skip(f"Redis does not answer: {error}")
    prefix = f"gradgrade-test-{secrets.token_hex(8)}"
    yield prefix
    if keys := list(client.scan_iter(f"{prefix}*")):
        client.delete(*keys)
    client.close()


def test_with_redis_a_limit_of_n_allows_exactly_n(clock, prefix):
    client = _client(clock, prefix, submission_rate="3/minute", redis=REDIS)
    assert [_standing(_post(client))[1] for _ in range(3)] == [2, 1, 0]
    assert _post(client).status_code == 429
    clock.now += 60
    assert _post(client).status_code == 201


def test_counts_leave_redis_after_their_window_and_tell_no_token(clock, prefix):
    client = _client(clock, prefix, submission_rate="3/minute", redis=REDIS)
    _post(client)
    redis = redis_client.Redis.from_url(REDIS)
    (key,) = redis.scan_iter(f"{prefix}*")
    assert 0 < redis.ttl(key) <= 60
    assert b"student-1" not in key
    redis.close()


PROGRAM = """
from gradgrade.service.http.server import create_server
from gradgrade.service.http.limits import Limiter
from gradgrade.service.settings import Settings
from tests.service.api.shelf import shelf_app
settings = Settings(general_rate="20/day", redis={redis!r})
app = shelf_app(settings=settings, limiter=Limiter(settings, prefix={prefix!r}))
server = create_server(app, port=0)
print("port", server.effective_port, flush=True)
server.run()
"""


def test_processes_share_a_limit_over_redis(tmp_path, prefix):
    program = PROGRAM.format(redis=REDIS, prefix=prefix)
    request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer student-1\r\n\r\n".encode()
    for name in "ab":
        (tmp_path / name).mkdir()
    with (
        live_server(tmp_path / "a", program) as first,
        live_server(tmp_path / "b", program) as second,
        ThreadPoolExecutor(4) as pool,
    ):
        servers = [first, second] * 20
        replies = list(pool.map(lambda server: (server, server.send(request)), servers))
    allowed = [server for server, reply in replies if reply.status == 200]
    assert len(allowed) == 20
    assert {reply.status for _, reply in replies} == {200, 429}
    assert set(allowed) == {first, second}


def _unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_without_its_redis_each_process_counts_for_itself_and_says_so_once(clock, caplog):
    address = f"redis://:a-password@127.0.0.1:{_unused_port()}/0"
    client = _client(clock, submission_rate="3/minute", redis=address)
    with caplog.at_level(logging.WARNING):
        statuses = [_post(client).status_code for _ in range(3)]
        clock.now += 30
        statuses += [_post(client).status_code for _ in range(2)]
    assert statuses == [201, 201, 201, 429, 429]
    said = [each for each in caplog.records if "Redis" in each.getMessage()]
    assert len(said) == 1
    assert "a-password" not in caplog.text


def test_a_redis_that_does_not_answer_holds_nobody_up_for_long(clock):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        client = _client(clock, submission_rate="3/minute", redis=address)
        done = threading.Event()

        def ask():
            assert [_post(client).status_code for _ in range(4)] == [201, 201, 201, 429]
            done.set()

        threading.Thread(target=ask, daemon=True).start()
        assert done.wait(5)


class _Relay(socketserver.BaseRequestHandler):
    """Passes on to Redis and back."""

    def handle(self):
        parts = urlsplit(REDIS)
        with socket.create_connection((parts.hostname, parts.port or 6379)) as redis:
            ends = {self.request: redis, redis: self.request}
            while True:
                for end in select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)


def test_a_redis_that_is_back_counts_again(clock, prefix, caplog):
    port = _unused_port()
    address = f"redis://127.0.0.1:{port}/0"
    client = _client(clock, prefix, submission_rate="3/minute", redis=address)
    with caplog.at_level(logging.WARNING):
        assert _standing(_post(client))[1] == 2
        with socketserver.ThreadingTCPServer(("127.0.0.1", port), _Relay) as relay:
            relay.daemon_threads = True
            relay.block_on_close = False
            threading.Thread(target=relay.serve_forever, daemon=True).start()
            clock.now += 5
            assert _standing(_post(client))[1] == 1  # it is left alone for a while
            clock.now += 10
            assert _standing(_post(client))[1] == 2
            relay.shutdown()
    told = [each.getMessage() for each in caplog.records]
    assert [each.partition(" (")[0] for each in told] == [
        "rate limits: Redis is lost",
        "rate limits: Redis is back",
    ]


def test_work_is_counted_and_not_requests(request_text):
    def statuses(rate):
        client = create_app(settings=Settings(grading_rate=rate)).test_client()
        sent = {"data": request_text, "content_type": "application/json"}
        return [client.post("/api/v1/grade", **sent).status_code for _ in range(3)]

    # Each costs 183, 1 for being asked, and 1 for every hundred bytes of its body.
    units = 184 + len(request_text) // 100
    assert statuses(f"{2 * units + 1}/hour") == [200, 200, 200]
    assert statuses(f"{2 * units}/hour") == [200, 200, 429]
    assert statuses(f"{units}/hour") == [200, 429, 429]
