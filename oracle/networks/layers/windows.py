"""Where the entries of windows lie: convolution and pooling as maps between matrix entries.

A sample of shape (channels, height, width) is a column of channels·height·width rows. A map names,
for each entry of its result, the entries of its argument that are summed there; −1 stands for the
zero padding. Both count entries row by row.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod

from gradgrade.oracle.arithmetic import EntryMap, Sources
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.nested import Shape

MOST_OF_MAPS = 16 * MEBIBYTE
"""Of maps of each kind: those of hundreds of ordinary exercises, or of one that is large."""


@dataclass(frozen=True)
class Windows:
    """Windows that slide over the height and width of a sample.

    Args:
        size: height and width of a window.
        stride: how far it moves, in height and width.
        padding: how many rows and columns of zeros surround the sample.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)

    def positions(self, shape: Shape) -> tuple[int, int]:
        """Return how many positions a window has in height and width.

        Raises:
            ValueError: the sample is no image, or smaller than a window.

        >>> Windows(size=(2, 2), stride=(1, 1)).positions((1, 4, 3))
        (3, 2)
        """
        if len(shape) != 3:
            raise ValueError(f"an input of shape [channels, height, width] is needed, not {shape}")
        counts = [
            (extent + 2 * padding - size) // stride + 1
            for extent, size, stride, padding in zip(
                shape[1:], self.size, self.stride, self.padding, strict=True
            )
        ]
        if min(counts) < 1:
            raise ValueError(f"a window of {list(self.size)} does not fit into {list(shape[1:])}")
        return counts[0], counts[1]

    def entry(self, shape: Shape, channel: int, position: Shape, offset: Shape) -> int:
        """Return the row of a sample that a window covers at an offset, or −1 in the padding."""
        _, height, width = shape
        i, j = (
            p * stride - padding + o
            for p, stride, padding, o in zip(
                position, self.stride, self.padding, offset, strict=True
            )
        )
        if not (0 <= i < height and 0 <= j < width):
            return -1
        return (channel * height + i) * width + j


def _grid(extents: Shape) -> list[Shape]:
    return list(product(*map(range, extents)))


@kept_within(MOST_OF_MAPS)
def patches(windows: Windows, shape: Shape, batch: int) -> EntryMap:
    """Map samples to patches: a row for each entry of a window, a column a position and sample."""
    channels, positions = shape[0], prod(windows.positions(shape)) * batch
    rows = channels * prod(windows.size)
    return EntryMap(
        (rows, positions),
        (prod(shape), batch),
        rows * positions,
        partial(_patches, windows, shape, batch),
    )


@kept_within(MOST_OF_MAPS)
def pooled(windows: Windows, shape: Shape, batch: int) -> EntryMap:
    """Map samples to their windows: each channel and position takes the entries of its window."""
    rows = shape[0] * prod(windows.positions(shape))
    return EntryMap(
        (rows, batch),
        (prod(shape), batch),
        rows * batch * prod(windows.size),
        partial(_pooled, windows, shape, batch),
    )


def _patches(windows: Windows, shape: Shape, batch: int) -> Sources:
    positions, offsets = _grid(windows.positions(shape)), _grid(windows.size)
    sources: list[tuple[int, ...]] = []
    for channel, offset in product(range(shape[0]), offsets):
        for position in positions:
            row = windows.entry(shape, channel, position, offset)
            sources += [(row * batch + n,) if row >= 0 else (-1,) for n in range(batch)]
    return tuple(sources)


def _pooled(windows: Windows, shape: Shape, batch: int) -> Sources:
    positions, offsets = _grid(windows.positions(shape)), _grid(windows.size)
    sources: list[tuple[int, ...]] = []
    for channel, position in product(range(shape[0]), positions):
        rows = [windows.entry(shape, channel, position, offset) for offset in offsets]
        sources += [tuple(row * batch + n for row in rows) for n in range(batch)]
    return tuple(sources)
