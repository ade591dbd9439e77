"""Requests a second for pages of local authorities, against the server sending constant bytes.

    python -m benchmarks.pages [DATA_DIR] [LOGS]

Twenty connections ask for the pages of all 296 authorities in turn; the floor is uvicorn sending a
constant page of the mean length to the same client.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.serving import constant, portal, served
from data_access.reference.local_authorities import local_authorities

CONNECTIONS = 20
SECONDS = 8


async def _ask(port: int, paths: list[str], took: list[float], until: float, offset: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    size, at = 0, offset
    while time.perf_counter() < until:
        path = paths[at % len(paths)]
        at += CONNECTIONS
        started = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head[:60]!r}")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - started)
        size = length
    writer.close()
    return size


async def _measure(port: int, paths: list[str], seconds: float) -> tuple[float, float]:
    took: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(_ask(port, paths, took, until, offset) for offset in range(CONNECTIONS)))
    rate = len(took) / (time.perf_counter() - started)
    return rate, statistics.quantiles(took, n=20)[-1] * 1000


async def _mean_length(port: int, paths: list[str]) -> int:
    lengths = [await _ask(port, [path], [], time.perf_counter() + 0.001, 0) for path in paths[:40]]
    return round(statistics.mean(lengths))


def main() -> None:
    """Prints both rates."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    logs = int(sys.argv[2]) if len(sys.argv) > 2 else 60_000
    paths = [f"/local-authorities/{code}" for code in local_authorities()]
    with portal(folder, logs) as port:
        first, first_p95 = asyncio.run(_measure(port, paths, 3))
        rate, p95 = asyncio.run(_measure(port, paths, SECONDS))
        length = asyncio.run(_mean_length(port, paths))
    with tempfile.TemporaryDirectory() as place:
        body = Path(place) / "page.html"
        body.write_bytes(b"x" * length)
        with served(constant(body)) as port:
            asyncio.run(_measure(port, ["/"], 1))
            floor, floor_p95 = asyncio.run(_measure(port, ["/"], SECONDS))
    print(f"pages of {length:,} bytes, {CONNECTIONS} connections, one process")
    print(f"portal, first 3 seconds (pages made): {first:,.0f} a second, p95 {first_p95:.1f} ms")
    print(f"portal, kept pages: {rate:,.0f} a second, p95 {p95:.1f} ms")
    print(f"floor, constant bytes: {floor:,.0f} a second, p95 {floor_p95:.1f} ms")
    print(f"the portal reaches {100 * rate / floor:.0f} % of the floor")


if __name__ == "__main__":
    main()
