"""What happens to a websocket."""

import time

from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

_PATIENCE = 10


def is_closed(socket: WebSocketTestSession) -> bool:
    """Waits for the portal to close a websocket as refused; False where it stays open."""
    started = time.monotonic()
    try:
        while time.monotonic() - started < _PATIENCE:
            message = socket.receive()
            if message["type"] == "websocket.close":
                return bool(message["code"] == 1008)
    except WebSocketDisconnect as closed:
        return closed.code == 1008
    return False
