"""The server and the request that the tests of routes use."""

from tests.service.api.conftest import exercise, live, request_text, right

__all__ = ["exercise", "live", "request_text", "right"]
