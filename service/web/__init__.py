"""The plain pages: what the API serves a student, as HTML without a script."""

from gradgrade.service.web.site import register

__all__ = ["register"]
