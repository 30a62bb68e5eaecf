"""A mail server and a robot's service on 127.0.0.1 that note what they accept, and can be down for a while."""

import re
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^@>]+)")
KEY_HEADER = "Idempotency-Key"


class Provider(socketserver.ThreadingTCPServer):
    """Accepts messages on one port. `accepted` has the key and the moment of each, in order."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, handler: type[socketserver.BaseRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.accepted: list[tuple[str, float]] = []
        self.connections: set[socket.socket] = set()
        self.port = int(self.server_address[1])

    def accept_message(self, key: str) -> None:
        """Note it; what was answered with "accepted" is here."""
        self.accepted.append((key, time.monotonic()))

    def process_request(self, request: Any, client_address: Any) -> None:
        """As in the library, but the connection is remembered."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """As in the library."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is nothing to print."""


class Outage:
    """A provider with its thread: up, down with every connection cut, and up again on the same port."""

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        self.handler, self.port = handler, 0
        self.accepted: list[tuple[str, float]] = []
        self.up()

    def up(self) -> None:
        """Listen."""
        self.server = Provider(self.handler, self.port)
        self.server.accepted = self.accepted
        self.port = self.server.port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and cut those there are."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def keys(self) -> list[str]:
        """The key of each message accepted, in order."""
        return [key for key, _at in list(self.accepted)]


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to hand over a mail."""

    disable_nagle_algorithm = True
    wbufsize = 0

    def handle(self) -> None:
        """Talk until the client leaves."""
        self._say(b"220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say(b"354 go on")
                if not self._take():
                    return
            elif word == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 ok")

    def _take(self) -> bool:
        """Whether the mail came to its end; half a mail is none."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        found = MESSAGE_ID.search(b"".join(lines))
        self.server.accept_message(found.group(1).decode("ascii") if found else "")  # type: ignore[attr-defined]
        self._say(b"250 accepted")
        return True

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class Robot(BaseHTTPRequestHandler):
    """A service that takes one message a POST, and knows a repeated one by its key."""

    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Take it."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.accept_message(self.headers.get(KEY_HEADER, ""))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_words: Any) -> None:
        """Nothing."""
