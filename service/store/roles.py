"""Roles: what a token may allow."""

from typing import Literal, get_args

Role = Literal["instructor", "assistant", "student", "ci"]

ROLES: tuple[Role, ...] = get_args(Role)
