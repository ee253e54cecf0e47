"""Route: one entry of the table from which the application and its OpenAPI document are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel
from werkzeug.wrappers import Response


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and a path, who answers, and what goes in and comes out.

    Args:
        method: the HTTP method.
        path: as OpenAPI writes it: `/api/v1/catalogue/{name}`.
        view: answers a request; is given the path's variables by name.
        summary: one line for the OpenAPI document.
        returns: the model of the body of a 200.
        body: the model of the request's body, where there is one.
        refuses: the statuses of the problems to expect.
    """

    method: Literal["GET", "POST"]
    path: str
    view: Callable[..., Response]
    summary: str
    returns: type[BaseModel]
    body: type[BaseModel] | None = None
    refuses: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of the view, which is the operation's too."""
        return self.view.__name__

    @property
    def flask_rule(self) -> str:
        """The path as Flask writes it."""
        return self.path.replace("{", "<").replace("}", ">")
