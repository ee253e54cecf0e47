"""Numbers, arrays and answers as people write them: read as they are meant, or refused by name.

The HTTP interface takes JSON alone. Whoever sends something to it (a page, a command, the client)
reads here what was typed or printed, and sends what it read.
"""

from gradgrade.problems.reading.answers import AnswersReading, read_answers
from gradgrade.problems.reading.array_files import text_of
from gradgrade.problems.reading.arrays import read_array, understood
from gradgrade.problems.reading.numerals import read_number

__all__ = ["AnswersReading", "read_answers", "read_array", "read_number", "text_of", "understood"]
