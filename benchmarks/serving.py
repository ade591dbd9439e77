"""A portal, or another application, served by a process of its own for a benchmark."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], path: str = "/", **variables: str) -> Iterator[int]:
    """Runs a command with PORT set until it answers at a path; yields the port."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port), **variables}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 600
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command} did not start")
            try:
                urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
                break
            except (URLError, OSError):
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def portal(data_dir: Path, logs: int) -> Iterator[int]:
    """A demonstration over a data folder, made with so many logs when it is empty."""
    command = [str(Path(sys.executable).parent / "core-portal"), "run", "--demonstration"]
    with served(
        [*command, "--logs", str(logs)], "/healthz", DATA_DIR=str(data_dir), TODAY="2026-11-24"
    ) as port:
        yield port


def constant(body_file: Path) -> list[str]:
    """The command of a bare ASGI application that always sends the bytes of a file."""
    program = (
        "import os, uvicorn, pathlib\n"
        f"body = pathlib.Path({str(body_file)!r}).read_bytes()\n"
        "headers = [(b'content-type', b'text/html; charset=utf-8'),\n"
        "           (b'content-length', str(len(body)).encode())]\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http':\n"
        "        return\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': headers})\n"
        "    await send({'type': 'http.response.body', 'body': body})\n"
        "uvicorn.run(app, port=int(os.environ['PORT']), access_log=False, log_level='warning',\n"
        "            lifespan='off')\n"
    )
    return [sys.executable, "-c", program]
