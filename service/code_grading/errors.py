"""What running student code cannot do, as errors."""


class CodeGradingError(RuntimeError):
    """Student code cannot be run at all; the message is one line that says why."""


class SandboxUnavailable(CodeGradingError):
    """There is no working sandbox here, so nothing was run and nothing is graded."""
