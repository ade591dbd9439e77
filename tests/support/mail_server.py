"""A mail server as small as can be: it speaks SMTP over a real socket and keeps what it is sent."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class MailServer(socketserver.ThreadingTCPServer):
    """`refusals` are answered in place of the next messages; `received` are raw messages."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[bytes] = []
        self.recipients: list[str] = []
        self.refusals: list[bytes] = []

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(b"220 mail.test ready")
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith((b"EHLO", b"HELO")):
                self._say(b"250 mail.test")
            elif command == b"DATA":
                self._take_message()
            elif command == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                if command.startswith(b"RCPT"):
                    self.server.recipients.append(line.decode().strip())
                self._say(b"250 ok")

    def _take_message(self) -> None:
        self._say(b"354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if self.server.refusals:
            self._say(self.server.refusals.pop(0))
            return
        self.server.received.append(b"".join(lines))
        self._say(b"250 taken")

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens until the block ends."""
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
