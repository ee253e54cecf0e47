"""Grading of student code: a sandbox that runs it, and results as other systems read them."""

from service.code_grading.errors import CodeGradingError, SandboxUnavailable
from service.code_grading.limits import Limits
from service.code_grading.outcome import FINDINGS, Execution, Failure, Finding
from service.code_grading.runner import SHAPES, Shape, run
from service.code_grading.sandbox import Bubblewrap, Sandbox, Unconfined

__all__ = [
    "FINDINGS",
    "SHAPES",
    "Bubblewrap",
    "CodeGradingError",
    "Execution",
    "Failure",
    "Finding",
    "Limits",
    "Sandbox",
    "SandboxUnavailable",
    "Shape",
    "Unconfined",
    "run",
]
