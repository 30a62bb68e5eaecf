"""make faults: phones send visits, and reminders go out, while servers are killed; 1 when one is lost or doubled."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import servers

from faults.cluster import Cluster, cluster
from faults.phones import Owner, Phone, visits_of
from faults.proxy import Proxy, proxy
from faults.reminders import reminders_in_a_folder
from faults.web import ROOT, Web, web

PHONES = 16
SHARE_CUT = 0.35
MINUTES = 10
NIGHTLY = 100_000
LEAST_CUT, LEAST_RESENT = 0.30, 0.20
# At which share of acknowledged visits what is killed.
KILLS = ((0.15, "web"), (0.35, "web"), (0.5, "database"), (0.7, "web"))


def main() -> int:
    """Run it, say what came of it."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--visits", type=int, default=2400)
    parser.add_argument("--nightly", action="store_true", help=f"{NIGHTLY:,} visits, without the bound of ten minutes")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--only", choices=["phones", "reminders"])
    chosen = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, servers.leave_on_signal)
    wanted = NIGHTLY if chosen.nightly else chosen.visits
    try:
        failed = 0
        if chosen.only != "reminders":
            failed = _phones_part(wanted, chosen.seed, None if chosen.nightly else MINUTES * 60)
        if chosen.only != "phones":
            failed |= not reminders_in_a_folder()
        return int(failed)
    except servers.CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


def _phones_part(wanted: int, seed: int, seconds: int | None) -> int:
    with tempfile.TemporaryDirectory(prefix="casework-faults-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with cluster(Path(folder)) as database:
            return _run(Path(folder), database, wanted, seed, seconds)


def _run(folder: Path, database: Cluster, wanted: int, seed: int, seconds: int | None) -> int:
    began = time.monotonic()
    environment = _environment(folder, database)
    _python(["manage.py", "migrate", "--verbosity", "0"], environment)
    scene = _scene(str(PHONES), folder, environment)
    owners = [Owner(**owner) for owner in scene["owners"]]
    with web(environment, folder / "web.log") as site, proxy(site.port, share_cut=SHARE_CUT, seed=seed) as between:
        stop = threading.Event()
        phones = _phones(owners, between.port, wanted, date.fromisoformat(scene["today"]), seed, stop)
        killed = _watch(phones, wanted, {"web": _rekill(site), "database": _rekill(database)}, stop, began, seconds)
        truth = _scene("truth", folder, environment)
    return _verdict(phones, between, killed, truth, wanted, time.monotonic() - began)


def _environment(folder: Path, database: Cluster) -> dict[str, str]:
    return {
        "DATABASE_URL": database.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(folder / "var"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")]),
        "LOG_LEVEL": "CRITICAL",
        "CELERY_BROKER_URL": "filesystem://",
    }


def _python(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=os.environ | environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def _scene(asked: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    written = folder / "scene.json"
    _python(["-m", "faults.scene", asked, str(written)], environment)
    return json.loads(written.read_text(encoding="utf-8"))


def _phones(owners: list[Owner], port: int, wanted: int, today: date, seed: int, stop: threading.Event) -> list[Phone]:
    each, more = divmod(wanted, len(owners))
    phones = []
    for number, owner in enumerate(owners):
        visits = visits_of(owner, each + (number < more), today, random.Random(f"{seed} {number}"))
        phones.append(Phone(port, owner, visits, seed + number, stop))
    for phone in phones:
        phone.start()
    return phones


def _rekill(victim: Web | Cluster) -> Callable[[], None]:
    def kill_and_start() -> None:
        victim.kill()
        victim.start()

    return kill_and_start


def _watch(
    phones: list[Phone],
    wanted: int,
    rekill: dict[str, Callable[[], None]],
    stop: threading.Event,
    began: float,
    seconds: int | None,
) -> list[str]:
    """Kill when it is time, until every phone is empty or time is up; returns what was killed."""
    killed: list[str] = []
    while any(phone.is_alive() for phone in phones):
        if seconds is not None and time.monotonic() - began > seconds:
            stop.set()
        done = sum(len(phone.ledger.acknowledged) for phone in phones) / wanted
        if len(killed) < len(KILLS) and done >= KILLS[len(killed)][0]:
            name = KILLS[len(killed)][1]
            print(f"{done:.0%} acknowledged: kill -9 of the {name}", flush=True)
            rekill[name]()
            killed.append(name)
        time.sleep(0.02)
    return killed


def _verdict(
    phones: list[Phone], between: Proxy, killed: list[str], truth: dict[str, Any], wanted: int, seconds: float
) -> int:
    said: dict[str, set[str]] = {"stored": set(), "held": set()}
    for phone in phones:
        for key, (_visit, state, _received) in phone.ledger.acknowledged.items():
            said[state].add(key)
    sent = sum(phone.ledger.sent for phone in phones)
    resent = sum(phone.ledger.resent for phone in phones)
    acknowledged = len(said["stored"]) + len(said["held"])
    cut = between.cut / max(between.answers, 1)
    checks = {
        "every visit is acknowledged": acknowledged == wanted,
        "no phone got an answer it must not get": not any(phone.ledger.problems for phone in phones),
        "ids acknowledged as stored = ids of visits": sorted(said["stored"]) == truth["stored"],
        "ids acknowledged as held = ids of held visits": sorted(said["held"]) == truth["held"],
        "each visit has its one visitor and its one audit entry": (
            truth["visitors"] == truth["audited"] == len(truth["stored"]) and not truth["audited_twice"]
        ),
        f"at least {LEAST_RESENT:.0%} of the acknowledged were sent again": resent >= LEAST_RESENT * acknowledged,
        f"at least {LEAST_CUT:.0%} of the answers were cut": cut >= LEAST_CUT,
        "the web server was killed three times and PostgreSQL once": sorted(killed) == ["database", *["web"] * 3],
    }
    print(
        f"\n{acknowledged:,} of {wanted:,} acknowledged ({len(said['stored']):,} stored, {len(said['held']):,} held) "
        f"in {seconds:.0f} s; {sent:,} sent, {resent:,} of them after their receipt; "
        f"{between.cut:,} of {between.answers:,} answers cut ({cut:.0%}); "
        f"{sum(phone.ledger.failed for phone in phones):,} batches without an answer"
    )
    for name, holds in checks.items():
        print(f"{'ok    ' if holds else 'FAILED'}  {name}")
    for problem in [problem for phone in phones for problem in phone.ledger.problems][:5]:
        print(problem)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
