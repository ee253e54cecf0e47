"""Zip archives as anybody may have made them: what they begin with, and what broken ones raise."""

import struct
import zlib
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
"""What an archive begins with: a first entry, or the end of an empty one."""

BOUNDED_METHODS = (ZIP_STORED, ZIP_DEFLATED)
"""How entries may be packed: what other methods unpack is not bounded while it is read."""

BROKEN = (
    *(BadZipFile, EOFError, NotImplementedError, OSError, OverflowError, ValueError),
    *(struct.error, zlib.error),
)
"""What `zipfile` raises for what is no archive, or one that somebody made to break it."""
