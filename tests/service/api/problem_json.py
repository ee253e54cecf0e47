from http import HTTPStatus


def assert_problem(reply, status):
    """A refusal is RFC 9457's problem, of this status, in one line, and shows no traceback."""
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json
    faults = problem.pop("faults", [])
    assert sorted(problem) == ["detail", "status", "title", "type"]
    assert problem["status"] == status
    assert problem["title"] == HTTPStatus(status).phrase
    assert problem["type"] == "about:blank"
    assert problem["detail"]
    assert "\n" not in problem["detail"]
    assert all(fault["said"] in problem["detail"] for fault in faults)
    assert "Traceback" not in problem["detail"]
