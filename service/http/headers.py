"""The headers that the interface's description names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

HEADERS: Mapping[str, tuple[str, dict[str, Any]]] = MappingProxyType(
    {
        "ETag": ("The version, in quotation marks.", {"type": "string", "pattern": '^".+"$'}),
        "Link": ('Where there is more: <address>; rel="next".', {"type": "string"}),
        "Location": ("The path of what was made.", {"type": "string"}),
        "WWW-Authenticate": ("Bearer.", {"type": "string"}),
        "Retry-After": ("The seconds to wait.", {"type": "integer", "minimum": 0}),
        "RateLimit-Limit": (
            "How many requests a window allows.",
            {"type": "integer", "minimum": 0},
        ),
        "RateLimit-Remaining": (
            "How many are left in this window.",
            {"type": "integer", "minimum": 0},
        ),
        "RateLimit-Reset": (
            "The seconds until the next window.",
            {"type": "integer", "minimum": 0},
        ),
        "Idempotency-Key": (
            "A request repeated with the same key is done once, and answered alike.",
            {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        ),
        "If-Match": ("The ETag of what is to be changed.", {"type": "string"}),
        "If-None-Match": ("ETags that are known already.", {"type": "string"}),
    }
)
"""Every header that is described: what it says, and the schema of its value."""
