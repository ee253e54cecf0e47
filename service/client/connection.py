"""Requests to a server: over HTTPS, with a token, and tried again where that can do no harm."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from urllib3 import BaseHTTPResponse, PoolManager, Retry
from urllib3.exceptions import HTTPError, LocationParseError, MaxRetryError
from urllib3.util import Url, parse_url

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.text import printable

LONGEST_WAIT = 60.0
"""Seconds: a server that says to wait for longer is asked again after so many."""

API = "/api/v1"
"""Where the routes stand, below the address of a course."""

PAUSE = 0.25
"""Seconds: the pauses between tries are two, four, eight … times as long."""

DID_NOTHING = frozenset({429, 503})
"""With these a server says that it has done nothing."""

UNKNOWN = frozenset({502, 504})
"""With these a proxy says that it does not know what the server has done."""

_TOKEN = re.compile(r"[!-~]{1,100}")


class ClientError(Exception):
    """A server refused a request, or did not answer.

    Args:
        detail: one line.
        status: of HTTP; None where there was no answer.
        members: what the server told beside the line, such as the `verdict` on malformed answers.
    """

    def __init__(
        self, detail: str, *, status: int | None = None, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.members = dict(members or {})

    @property
    def is_refusal(self) -> bool:
        """Whether the request itself is at fault, so that it would be refused again."""
        return self.status is not None and self.status < 500 and self.status != 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Args:
        status: of HTTP.
        reason: the status in words.
        headers: by their names, in any case.
        data: the body.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    data: bytes


class Channel(Protocol):
    """What asks a course something: over HTTP, or where it is."""

    @property
    def address(self) -> str:
        """Where the course is."""

    def ask(
        self,
        method: str,
        *place: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeats: bool = True,
    ) -> Answer:
        """Send a request and return the answer, a success; see `Connection.ask`.

        Raises:
            ClientError: it was refused, or nothing answered.
        """


class Connection:
    """Where a server is, and who asks it; the arguments are those of `gradgrade.client.Client`.

    Raises:
        ValueError: the address is none, or is not safe; or the token cannot be one.
    """

    def __init__(
        self, address: str, token: str, *, retries: int, timeout: float, allow_insecure: bool
    ) -> None:
        url = parsed_address(address)
        if url.scheme == "http" and not (allow_insecure or _is_loopback(url.host or "")):
            raise ValueError(f"address: {address!r} would get the token in the clear: use https")
        if not _TOKEN.fullmatch(token):
            raise ValueError("token: it must be 1 to 100 ASCII characters without spaces")
        self.address = url.url.rstrip("/")
        self._token = token
        self._retries = retries
        self._pool = PoolManager(timeout=timeout, cert_reqs="CERT_REQUIRED")

    def __repr__(self) -> str:
        """Show the address, and not the token."""
        return f"Connection({self.address!r})"

    def ask(
        self,
        method: str,
        *place: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeats: bool = True,
    ) -> Answer:
        """Send a request and return the answer, a success.

        Args:
            method: of HTTP.
            place: the parts of the path, below `/api/v1`.
            query: the parameters.
            body: JSON.
            headers: further ones.
            repeats: whether it may be sent again where nobody knows what became of it: not what is
                done twice then, nor what is much work. Where the server has done nothing for
                sure, it is in any case.

        Raises:
            ClientError: the server refused it, or did not answer.
        """
        sent = {"Accept": "application/json, */*", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method,
                f"{self.address}{target(place, query)}",
                body=body,
                headers={"Authorization": f"Bearer {self._token}", **sent},
                redirect=False,  # another address would get the token
                retries=_retrying(self._retries, repeats=repeats),
            )
        except HTTPError as error:
            raise ClientError(f"{self.address} does not answer: {_reason(error)}") from None
        return accepted(
            Answer(
                status=response.status,
                reason=response.reason or "",
                headers=response.headers,
                data=response.data,
            )
        )


def target(place: tuple[str, ...], query: Mapping[str, str] | None) -> str:
    """Return the path and the query of a request.

    Raises:
        DocumentError: a part of the place is no name.
    """
    parameters = f"?{urlencode(query)}" if query else ""
    return f"{API}/{_path(place)}{parameters}"


def accepted(answer: Answer) -> Answer:
    """Return an answer that is a success.

    Raises:
        ClientError: it is none.
    """
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    return answer


class _Retry(Retry):
    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, LONGEST_WAIT)


def _retrying(retries: int, *, repeats: bool) -> Retry:
    return _Retry(
        total=retries,
        read=retries if repeats else 0,
        other=0,  # such as a certificate that is not to be trusted
        allowed_methods=None,
        status_forcelist=DID_NOTHING | UNKNOWN if repeats else DID_NOTHING,
        raise_on_status=False,
        backoff_factor=PAUSE,
        backoff_jitter=PAUSE,
    )


def parsed_address(address: str) -> Url:
    """Return where a course is.

    Raises:
        ValueError: nothing can be there, or what is there is not the course itself.
    """
    try:
        url = parse_url(address)
    except LocationParseError:
        url = Url()
    if url.auth is not None:
        raise ValueError("address: it must not hold a name or a password")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise ValueError(f"address: {address!r} is not https://HOST[:PORT][/PATH]")
    course, of_api, _ = url.url.partition(API)
    if of_api:
        raise ValueError(f"address: {address!r} is a part of the course's: write {course}")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _path(place: tuple[str, ...]) -> str:
    for part in place:
        if part in ("", ".", "..") or not part.isprintable():
            raise DocumentError(f"{part!r} is no name")
    return "/".join(quote(part, safe="") for part in place)


def _reason(error: HTTPError) -> str:
    reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    text = str(reason)
    return printable(text.partition("): ")[2] or text)


def _refusal(response: Answer) -> ClientError:
    status = response.status
    if 300 <= status < 400:
        place = printable(response.headers.get("Location", "elsewhere"))
        return ClientError(f"the server redirects to {place}; give its own address", status=status)
    try:
        problem = json.loads(response.data)
        detail, members = problem.pop("detail"), problem
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return ClientError(f"the server answered {status} {response.reason}", status=status)
    for name in ("type", "title", "status"):
        members.pop(name, None)
    return ClientError(printable(str(detail)), status=status, members=members)
