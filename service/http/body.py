"""The one way in which a request's body is read."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any, TypeVar

from flask import abort, request
from pydantic import BaseModel, RootModel

from gradgrade.problems import DocumentError
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import checked

AnyModel = TypeVar("AnyModel", bound=BaseModel)


class BadJson(DocumentError):
    """A body is no JSON; all other documents are refused for what they say."""


def read_body(model: type[AnyModel]) -> AnyModel:
    """Read the body of the current request as a model.

    Raises:
        HTTPException: as `read_json`.
        DocumentError: it is JSON, and not what the model asks for.
    """
    return as_model(model, read_json())


def as_model(model: type[AnyModel], data: Any) -> AnyModel:
    """Return what a body says as a model.

    Raises:
        DocumentError: it is not what the model asks for.
    """
    if not isinstance(data, dict) and not issubclass(model, RootModel):
        raise DocumentError("request: the body must be an object")
    return checked(model, data, "request")


def read_json() -> Any:
    """Read the body of the current request, strictly.

    Returns:
        dict, list, str, bool, None and `Number`.

    Raises:
        HTTPException: as `raw_body`.
        BadJson: it is not JSON as `strict_json` takes it.
    """
    return json_of(raw_body())


def json_of(body: bytes) -> Any:
    """Return what a body says; see `read_json`.

    Raises:
        BadJson: it is not JSON as `strict_json` takes it.
    """
    try:
        # A request has no byte order mark, and says that it is UTF-8.
        return strict_json.loads(body.decode())
    except UnicodeDecodeError:
        raise BadJson("the text is not UTF-8") from None
    except DocumentError as error:
        raise BadJson(error.message, error.faults) from None


def raw_body() -> bytes:
    """Return the bytes of the current request's body, which says that it is JSON.

    Raises:
        HTTPException: 415 not plain application/json, 411 no Content-Length, 413 longer than the
            application's MAX_CONTENT_LENGTH.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset != "utf-8":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json in UTF-8")
    return _whole_body()


def read_file(media_types: Collection[str]) -> bytes | None:
    """Return the current request's body where it says that it is a file of these types; else None.

    Raises:
        HTTPException: 411, 413 as `raw_body`; 415 a file in another encoding than UTF-8 and UTF-16.
    """
    if request.mimetype not in media_types:
        return None
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf-16", "us-ascii"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be in UTF-8 or UTF-16")
    return _whole_body()


def _whole_body() -> bytes:
    headers, length = request.headers, request.content_length
    if "Content-Encoding" in headers:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must not have a Content-Encoding")
    if "Transfer-Encoding" in headers or length is None:
        abort(HTTPStatus.LENGTH_REQUIRED, "a Content-Length is needed, and no Transfer-Encoding")
    limit = request.max_content_length or 0
    if length > limit:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {limit} bytes")
    return request.get_data()
