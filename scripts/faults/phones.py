"""Phones that send visits until each is acknowledged, as ours do, and resend what they have sent before."""

import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any

from casework.canon import digest_of

TOKEN = "a" * 32  # of the cookie and the header: that they agree is all that is asked
LARGEST_BATCH = 12
SHARE_RESENT = 0.3
SHARE_HELD = 0.03
BACKOFF = 0.2
KEPT = {"stored", "held"}

Visit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose phone it is: the cadre, the session, and the households helped."""

    cadre: int
    session: str
    households: list[int]


@dataclass(slots=True)
class Ledger:
    """What one phone knows: what waits, and what was acknowledged how."""

    waiting: dict[str, Visit]
    acknowledged: dict[str, tuple[Visit, str, str | None]] = field(default_factory=dict)
    sent: int = 0
    resent: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)


def visits_of(owner: Owner, number: int, today: date, chance: random.Random) -> dict[str, Visit]:
    """So many visits of the last weeks by id; a few of tomorrow, which a person must look at."""
    found: dict[str, Visit] = {}
    for serial in range(number):
        is_tomorrow = chance.random() < SHARE_HELD
        day = today + timedelta(days=1) if is_tomorrow else today - timedelta(days=chance.randrange(40))
        content: Visit = {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "household": chance.choice(owner.households),
            "visited_on": day.isoformat(),
            "contact": chance.choice(["home", "home", "home", "phone"]),
            "outcome": chance.choice(["met", "met", "met", "nobody_home"]),
            "visitors": [owner.cadre],
            "note": f"第 {serial} 次走访：家中平安，“屋顶”已修。\n{chance.randrange(10**6)}",
        }
        found[content["id"]] = content | {"digest": digest_of(content)}
    return found


class Phone(threading.Thread):
    """Sends batches in no particular order until nothing waits; deletes only what an answer names by id and digest."""

    def __init__(self, port: int, owner: Owner, visits: dict[str, Visit], seed: int, stop: threading.Event) -> None:
        super().__init__()
        self.port, self.owner, self.stop = port, owner, stop
        self.key = str(uuid.UUID(int=random.Random(seed).getrandbits(128), version=4))
        self.chance = random.Random(seed)
        self.ledger = Ledger(visits)

    def run(self) -> None:
        """Send until all is acknowledged or time is up."""
        while self.ledger.waiting and not self.stop.is_set():
            batch = self._batch()
            answers = self._send(batch)
            if answers is None:
                self.ledger.failed += 1
                time.sleep(BACKOFF * self.chance.random())
                continue
            by_id = {visit["id"]: visit for visit in batch}
            for answer in answers:
                self._note(by_id, answer)

    def _batch(self) -> list[Visit]:
        waiting = list(self.ledger.waiting.values())
        batch = self.chance.sample(waiting, min(len(waiting), self.chance.randint(1, LARGEST_BATCH)))
        again = list(self.ledger.acknowledged.values())
        for _visit in batch[:]:
            if again and self.chance.random() < SHARE_RESENT:
                batch.append(self.chance.choice(again)[0])
                self.ledger.resent += 1
        self.chance.shuffle(batch)
        self.ledger.sent += len(batch)
        return batch

    def _send(self, batch: list[Visit]) -> list[dict[str, Any]] | None:
        """The answers; None when there was none, or not all of one."""
        body = json.dumps({"phone": self.key, "app_version": "1", "visits": batch}, ensure_ascii=False).encode()
        headers = {
            "Cookie": f"sessionid={self.owner.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "X-Phone": self.key,
            "Content-Type": "application/json",
            "Connection": "close",
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/api/v1/phone/visits/", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            return json.loads(text)["answers"] if answer.status == 200 else None
        except (OSError, HTTPException, ValueError, KeyError):
            return None
        finally:
            connection.close()

    def _note(self, by_id: dict[str, Visit], answer: dict[str, Any]) -> None:
        visit = by_id.get(answer["id"])
        if visit is None or answer["digest"] != visit["digest"] or answer["state"] not in KEPT:
            self.ledger.problems.append(f"unexpected answer: {answer}")
            self.ledger.waiting.pop(answer["id"], None)
            return
        received_at = answer["receipt"]["received_at"] if answer["receipt"] else None
        before = self.ledger.acknowledged.get(answer["id"])
        if before is not None and before[1:] != (answer["state"], received_at):
            self.ledger.problems.append(f"another receipt than before: {before[1:]} {answer}")
        self.ledger.acknowledged[answer["id"]] = (visit, answer["state"], received_at)
        self.ledger.waiting.pop(answer["id"], None)
