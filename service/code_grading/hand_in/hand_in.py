"""The record of what is handed in, as a sandbox takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """What a student hands in.

    Args:
        files: the student's, by their POSIX paths below the top.
        main: the path of the main one.
        course_files: the course's own, likewise.
    """

    files: Mapping[str, bytes]
    main: str
    course_files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def laid(self) -> Mapping[str, bytes]:
        """All files that lie there; where a student and the course have one, it is the course's.

        >>> HandIn(files={"a.py": b"", "b.py": b""}, main="a.py", course_files={"b.py": b"1"}).laid
        {'a.py': b'', 'b.py': b'1'}
        """
        return {**self.files, **self.course_files}
