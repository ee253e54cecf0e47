"""Caches that are bounded by what they keep alive, not by how many things that is.

A cache by count is bounded only where all values are small: 64 of them are 64 KiB or 2 GiB. Here a
value is weighed when it is kept, in bytes, and those that were asked for longest ago go when the
sum is above what is allowed. The newest always stays, however large it is: what is worked on now
would otherwise be worked out anew at every call.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from operator import attrgetter
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

MEBIBYTE = 2**20

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Owner = TypeVar("Owner")
Arguments = ParamSpec("Arguments")


class BoundedCache(Generic[Key, Value]):
    """Keeps values by keys while they weigh no more than is allowed together.

    Threads may share it. Of those that ask for the same key at once one makes its value and the
    others wait, so that a key has one value while it is kept.

    Args:
        most: how many bytes all values may weigh; one alone may weigh more.
        size: how many bytes a value keeps alive, about; else its own `bytes_kept` says so.

    >>> cache = BoundedCache(most=10, size=len)
    >>> [cache.get(text, text.upper) for text in ("four", "five", "four", "seven")]
    ['FOUR', 'FIVE', 'FOUR', 'SEVEN']
    >>> cache.bytes, "four" in cache, "five" in cache
    (9, True, False)
    """

    def __init__(
        self, *, most: int, size: Callable[[Value], int] = attrgetter("bytes_kept")
    ) -> None:
        self.most = most
        self.bytes = 0
        self._size = size
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._making: dict[Key, Lock] = {}
        self._lock = Lock()

    def __contains__(self, key: Key) -> bool:
        """Tell whether a key's value is kept."""
        return key in self._kept

    def __len__(self) -> int:
        """Count the values that are kept."""
        return len(self._kept)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not kept.

        Args:
            key: what stands for the value.
            make: makes it.
        """
        with self._lock:
            if key in self._kept:
                return self._used(key)
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._used(key)
            try:
                value = make()
                self._keep(key, value, self._size(value))
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def take(self, key: Key) -> Value | None:
        """Return the value of a key, and keep it no longer; None where it is not kept."""
        with self._lock:
            value, size = self._kept.pop(key, (None, 0))
            self.bytes -= size
        return value

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _used(self, key: Key) -> Value:
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def _keep(self, key: Key, value: Value, size: int) -> None:
        with self._lock:
            _, before = self._kept.get(key, (None, 0))
            self._kept[key] = value, size
            self._kept.move_to_end(key)
            self.bytes += size - before
            while self.bytes > self.most and len(self._kept) > 1:
                _, (_, freed) = self._kept.popitem(last=False)
                self.bytes -= freed


def kept_within(
    most: int,
    *,
    size: Callable[[Any], int] = attrgetter("bytes_kept"),
    key: Callable[..., Hashable] | None = None,
) -> Callable[[Callable[Arguments, Value]], Callable[Arguments, Value]]:
    r"""Keep what a pure function returned, as `functools.lru_cache` does, in so many bytes.

    Args:
        most: how many bytes all results may weigh.
        size: how many bytes a result keeps alive, about; else its own `bytes_kept` says so.
        key: what stands for the arguments; without one they do, by name and place.

    >>> @kept_within(1000, size=len)
    ... def lines(count: int) -> str:
    ...     return "line\n" * count
    >>> lines(2) is lines(2)
    True
    """

    def keeping(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
        cache: BoundedCache[Hashable, Value] = BoundedCache(most=most, size=size)

        @wraps(function)
        def kept(*arguments: Arguments.args, **named: Arguments.kwargs) -> Value:
            found = (arguments, *sorted(named.items())) if key is None else key(*arguments, **named)
            return cache.get(found, lambda: function(*arguments, **named))

        # A function may carry an attribute, which its type does not tell.
        kept.cache = cache  # type: ignore[attr-defined]
        return kept

    return keeping


def kept_with_argument(function: Callable[[Owner], Value]) -> Callable[[Owner], Value]:
    """Keep what a pure function of one object returned for as long as that object lives.

    The object is known by its identity or whatever it calls equal, and must not be part of what
    the function returns: the two would keep each other alive.

    >>> class Network: ...
    >>> network = Network()
    >>> shapes = kept_with_argument(lambda network: [1, 2])
    >>> shapes(network) is shapes(network), shapes(network) is shapes(Network())
    (True, False)
    """
    results: WeakKeyDictionary[Any, Value] = WeakKeyDictionary()

    @wraps(function)
    def kept(owner: Owner) -> Value:
        if owner not in results:
            return results.setdefault(owner, function(owner))
        return results[owner]

    return kept
