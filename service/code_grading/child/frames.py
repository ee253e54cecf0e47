"""Frames on a pipe: four bytes of length, most significant first, then as many bytes."""

import os

LENGTH_BYTES = 4


def write_frame(descriptor: int, data: bytes) -> None:
    """Write one frame."""
    write_all(descriptor, len(data).to_bytes(LENGTH_BYTES, "big") + data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of some bytes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> bytes | None:
    """Return the next frame, or None where the other side has closed the pipe."""
    length = _read(descriptor, LENGTH_BYTES)
    return None if length is None else _read(descriptor, int.from_bytes(length, "big"))


def _read(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
