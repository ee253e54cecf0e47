"""How student code is used: the script, and what it runs beside."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from gradgrade.problems.documents.base import Model
from gradgrade.problems.documents.structures.engine import EngineModel
from gradgrade.problems.documents.text import printable
from gradgrade.problems.errors import FieldError

LONGEST_SCRIPT = 10_000
"""Characters; a script has two to six lines."""

MOST_FILES, MOST_PACKAGES = 100, 50


def _inside(path: str) -> str:
    parts = path.split("/")
    is_outside = path.startswith("/") or any(part in ("", ".", "..") for part in parts)
    if is_outside or "\\" in path or not path.isprintable():
        raise ValueError(
            f'"{printable(path)}" is refused: write the way from the folder of the set, with /, '
            "such as hw1/layers.py"
        )
    return path


FilePath = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_inside)]
"""A file's path below a folder, its parts divided by `/`."""

ScriptText = Annotated[str, Field(min_length=1, max_length=LONGEST_SCRIPT)]
PackageName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]
ScriptName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]


class CodeInterface(Model):
    """What a student sees of how their code is used.

    Args:
        script: plain Python that uses what the student's file defines, and binds what is asked.
        main: the file that is used, where a folder or a zip is handed in.
        files: the course's own, laid beside what is handed in.
        packages: what else than numpy and the standard library may be imported.
        column_biases: whether biases, and all that has their shape, are columns, (n, 1).
        rename: what the script calls a given or what is asked, by its name in the exercise.
        engine: how a student's engine is used, which the script is made from.
    """

    script: ScriptText
    main: FilePath | None = None
    files: Annotated[list[FilePath], Field(max_length=MOST_FILES)] = Field(default_factory=list)
    packages: Annotated[list[PackageName], Field(max_length=MOST_PACKAGES)] = Field(
        default_factory=list
    )
    column_biases: bool = False
    rename: dict[str, ScriptName] = Field(default_factory=dict)
    engine: EngineModel | None = None


class CodeDefinition(CodeInterface):
    """What an instructor says of how code is used; paths are those from the set's own folder.

    Args:
        file: the script's, in place of its text.
        solution: code that is right, tried before anybody's is graded; it stays where it is.
        standin: what stands in for the code in an audit where the script is not enough.
    """

    script: ScriptText | None = None  # type: ignore[assignment]  # or its file
    file: FilePath | None = None
    solution: FilePath | None = None
    standin: FilePath | None = None

    @model_validator(mode="after")
    def _has_one_script(self) -> Self:
        if self.script is not None and self.file is not None:
            raise FieldError("file", "a script is written here or stands in a file: leave one out")
        written = "script" if self.script is not None else "file"
        if self.engine is not None and (self.script is not None or self.file is not None):
            raise FieldError(
                written, "the script of an engine is made of the program: leave it out"
            )
        if self.script is None and self.file is None and self.engine is None:
            raise FieldError(
                "script",
                "this field is missing; write the lines that use the student's file, such as "
                'script = "out, cache = affine_forward(x, W1, b1)"',
            )
        return self

    def read_in(self, folder: Path) -> Self:
        """Return this with the script that stands in a file of a folder written out.

        Raises:
            FieldError: the file cannot be read, or is too long.
        """
        if self.file is None:
            return self
        try:
            script = folder.joinpath(self.file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise FieldError(("code", "file"), f'"{self.file}" cannot be read: {reason}') from None
        if not 0 < len(script) <= LONGEST_SCRIPT:
            raise FieldError(
                ("code", "file"),
                f'"{self.file}" has {len(script)} characters; a script has 1 to {LONGEST_SCRIPT}',
            )
        return self.model_copy(update={"script": script, "file": None})

    @property
    def interface(self) -> CodeInterface | None:
        """What a student sees of it; None while its script stands in a file or is to be made."""
        return None if self.script is None else self.with_script(self.script)

    def with_script(self, script: str) -> CodeInterface:
        """Return what a student sees of it, with a script in its place."""
        stated = self.model_dump(include=set(CodeInterface.model_fields) - {"script"})
        return CodeInterface(**stated, script=script)
