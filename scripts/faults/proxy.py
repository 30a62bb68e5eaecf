"""A proxy on 127.0.0.1 that passes every request on and cuts a share of the answers short."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 64 * 1024
SECONDS = 60


class Proxy:
    """Listens on a port of its own. One connection carries one request, as the phones of this test send them."""

    def __init__(self, target: int, share_cut: float, seed: int) -> None:
        self.target, self.share_cut = target, share_cut
        self.answers, self.cut = 0, 0
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nothing more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                phone, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(phone,), daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        try:
            with phone, socket.create_connection(("127.0.0.1", self.target), timeout=SECONDS) as server:
                phone.settimeout(SECONDS)
                upwards = threading.Thread(target=_pass_on, args=(phone, server), daemon=True)
                upwards.start()
                self._answer(server, phone)
                # Closing is not enough: the other thread still reads, and the phone would wait in vain.
                for end in (phone, server):
                    end.shutdown(socket.SHUT_RDWR)
        except OSError:  # the server is being killed, or the phone has gone: just what is being tried
            return

    def _answer(self, server: socket.socket, phone: socket.socket) -> None:
        """Pass the answer on, or, after it was given, only its beginning."""
        first = server.recv(PIECE)
        if not first:
            return
        with self._lock:
            self.answers += 1
            is_cut = self._chance.random() < self.share_cut
            keep = self._chance.randrange(len(first)) if is_cut else 0
            self.cut += is_cut
        if is_cut:
            if keep:
                phone.sendall(first[:keep])
            return
        phone.sendall(first)
        while piece := server.recv(PIECE):
            phone.sendall(piece)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
    except OSError:
        return


@contextmanager
def proxy(target: int, *, share_cut: float, seed: int) -> Iterator[Proxy]:
    """A running proxy in front of that port."""
    running = Proxy(target, share_cut, seed)
    try:
        yield running
    finally:
        running.close()
