"""The API of a course on a server, from Python: see `docs/client.md`."""

from gradgrade.service.client.client import AnyAnswers, Client, ClientError, GradebookFormat

__all__ = ["AnyAnswers", "Client", "ClientError", "GradebookFormat"]
