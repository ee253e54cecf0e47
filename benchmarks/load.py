"""A load: many clients of one server at once, each asking again as soon as it is answered."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

LENGTH = b"content-length:"
END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a load came to.

    Args:
        seconds: how long it took.
        latencies: how long every request took, in seconds, in rising order.
        statuses: how often each status was answered.
    """

    seconds: float
    latencies: Sequence[float]
    statuses: Counter[int]

    @property
    def per_second(self) -> float:
        """How many requests were answered in a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in seconds that this share of the requests stayed within."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def load(port: int, clients: Sequence[Iterator[bytes]], *, count: int) -> Measured:
    """Send requests of clients at once, each over a connection of its own that is kept.

    Args:
        port: of the server on this machine.
        clients: by client, the bytes of its requests, without end.
        count: how many are sent in all.
    """
    return asyncio.run(_load(port, clients, count))


async def _load(port: int, clients: Sequence[Iterator[bytes]], count: int) -> Measured:
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    left = iter(range(count))
    began = perf_counter()
    await asyncio.gather(*(_client(port, each, left, latencies, statuses) for each in clients))
    seconds = perf_counter() - began
    return Measured(seconds=seconds, latencies=sorted(latencies), statuses=statuses)


async def _client(
    port: int,
    requests: Iterator[bytes],
    left: Iterator[int],
    latencies: list[float],
    statuses: Counter[int],
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in left:
            began = perf_counter()
            writer.write(next(requests))
            head = await reader.readuntil(END)
            fields = head.lower()
            at = fields.find(LENGTH)
            if at >= 0:
                length = int(fields[at + len(LENGTH) : fields.index(b"\r\n", at)])
                await reader.readexactly(length)
            latencies.append(perf_counter() - began)
            statuses[int(head[9:12])] += 1
            if b"connection: close" in fields:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
    finally:
        writer.close()


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Return the bytes of a POST of JSON."""
    fields = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
