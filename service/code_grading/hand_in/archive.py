"""Zip archives, read as anybody may have made them."""

import stat
import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.gathering import Gathering

MOST_ENTRIES = 10_000
"""Of an archive, with folders and what is left out."""

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
"""What an archive begins with: a first entry, or the end of an empty one."""

ENCRYPTED = 0x1

_BROKEN = (BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError)
"""What `zipfile` raises for what is no archive, or one that somebody made to break it."""


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
    except _BROKEN as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise CodeGradingError(f"{place}: no zip archive that can be read: {told!r}") from None
    return gathering.files


def _add(entry: ZipInfo, archive: ZipFile, gathering: Gathering) -> None:
    if entry.is_dir():
        return
    if entry.flag_bits & ENCRYPTED:
        raise gathering.refused(entry.filename, "is encrypted: hand in an archive without password")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise gathering.refused(entry.filename, "a symbolic link is not followed")
    # What other methods unpack is not bounded while it is read.
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise gathering.refused(entry.filename, "is compressed by another method than deflate")

    def read(most: int) -> bytes:
        with archive.open(entry) as file:
            return file.read(most)

    gathering.add(entry.filename, read)
