"""Clients with connections of their own that stay open: reads requests as JSON, answers with the times they took.

It is a process of its own, so that asking does not slow down what is being measured.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from bench.district import ROOT


class Ask(NamedTuple):
    """One request. A body makes it a POST of a form; `expect` is the status that counts as an answer."""

    path: str
    cookie: str
    body: str = ""
    expect: int = 200


@dataclass(frozen=True, slots=True)
class Answers:
    """How long each request took, in seconds, and how long all of them together."""

    times: list[float]
    wall: float

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.times) / self.wall


def ask(port: int, asks: Sequence[Ask], *, clients: int, seconds: float = 3600, pause: float = 0) -> Answers:
    """Let so many clients work the requests off in order, and start none after so many seconds.

    Each client rests for `pause` seconds after an answer. Raises SystemExit when one is not answered as expected.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.clients"],
        cwd=ROOT / "scripts",
        input=json.dumps({"port": port, "clients": clients, "seconds": seconds, "pause": pause, "asks": asks}).encode(),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SystemExit("The clients got an answer they did not expect; see above.")
    return Answers(**json.loads(done.stdout))


class Client(threading.Thread):
    """Takes the next request as soon as the last one is answered."""

    def __init__(self, work: dict[str, Any], queue: SimpleQueue[Ask], start_together: threading.Barrier) -> None:
        super().__init__()
        self.connection = HTTPConnection("127.0.0.1", work["port"], timeout=120)
        self.queue, self.start_together = queue, start_together
        self.seconds, self.pause = work["seconds"], work["pause"]
        self.times: list[float] = []
        self.problem = ""

    def run(self) -> None:
        """Work until nothing or no time is left, or until an answer is not what it should be."""
        self.connection.connect()
        self.start_together.wait()
        give_up_at = time.monotonic() + self.seconds
        while not self.problem and time.monotonic() < give_up_at:
            try:
                request = self.queue.get_nowait()
            except Empty:
                break
            self._send(request)
            time.sleep(self.pause)
        self.connection.close()

    def _send(self, request: Ask) -> None:
        method, headers = "GET", {"Cookie": request.cookie}
        if request.body:
            method, headers["Content-Type"] = "POST", "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request(method, request.path, request.body or None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.times.append(time.perf_counter() - began)
        if answer.status != request.expect:
            self.problem = f"{method} {request.path}: {answer.status}\n{text[:4000].decode(errors='replace')}"


def main() -> int:
    """Read the work, do it, write the times."""
    work: dict[str, Any] = json.load(sys.stdin)
    queue: SimpleQueue[Ask] = SimpleQueue()
    for words in work["asks"]:
        queue.put(Ask(*words))
    start_together = threading.Barrier(work["clients"] + 1)
    clients = [Client(work, queue, start_together) for _number in range(work["clients"])]
    for client in clients:
        client.start()
    start_together.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    wall = time.perf_counter() - began
    problems = [client.problem for client in clients if client.problem]
    sys.stderr.writelines(problems[:1])
    json.dump({"times": [seconds for client in clients for seconds in client.times], "wall": wall}, sys.stdout)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
