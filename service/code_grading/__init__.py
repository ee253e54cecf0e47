"""Grading of student code: a sandbox that runs it, and results as other systems read them."""

from gradgrade.service.code_grading.errors import CodeGradingError, SandboxUnavailable
from gradgrade.service.code_grading.sandbox.limits import Limits
from gradgrade.service.code_grading.sandbox.outcome import FINDINGS, Execution, Failure, Finding
from gradgrade.service.code_grading.sandbox.runner import SHAPES, Shape, run
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap, Sandbox, Unconfined

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
