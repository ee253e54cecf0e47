"""What is refused: documents that are not what they claim, and exercises that cannot be issued."""


class DocumentError(ValueError):
    """A document that is refused whole; the message is one line that names the field."""


class ExerciseError(ValueError):
    """An exercise that cannot be generated or solved; the message says why."""
