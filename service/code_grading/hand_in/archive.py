"""Zip archives, read as anybody may have made them."""

import stat
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from gradgrade.problems.reading.zip_archives import BOUNDED_METHODS, BROKEN
from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.gathering import Gathering

MOST_ENTRIES = 10_000
"""Of an archive, with folders and what is left out."""

ENCRYPTED = 0x1


def read_zip(content: bytes, place: object) -> dict[str, bytes]:
    """Return the files of a zip archive, by their paths in it.

    Args:
        content: the archive.
        place: what refusals call it.

    Raises:
        CodeGradingError: it is none, it is encrypted, there is a link in it, or it is too much.
    """
    gathering = Gathering(place)
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise CodeGradingError(f"{place}: over {MOST_ENTRIES} entries")
            for entry in entries:
                _add(entry, archive, gathering)
    except BROKEN as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise CodeGradingError(f"{place}: no zip archive that can be read: {told!r}") from None
    return gathering.files


def _add(entry: ZipInfo, archive: ZipFile, gathering: Gathering) -> None:
    if entry.filename.endswith("/"):  # `is_dir` has Python 3.11 fail where there is no name
        return
    if entry.flag_bits & ENCRYPTED:
        raise gathering.refused(entry.filename, "is encrypted: hand in an archive without password")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise gathering.refused(entry.filename, "a symbolic link is not followed")
    if entry.compress_type not in BOUNDED_METHODS:
        raise gathering.refused(entry.filename, "is compressed by another method than deflate")

    def read(most: int) -> bytes:
        with archive.open(entry) as file:
            return file.read(most)

    gathering.add(entry.filename, read)
