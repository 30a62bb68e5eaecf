"""The full-size district in a database of its own: built once, kept, and copied for every run."""

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parents[2]
BUILT, BUILDING = "bench_district_sealed_", "bench_building"
# The district is kept, so the keys that seal its made-up numbers must be the same in every run.
KEY = "bench:" + base64.b64encode(b"of the bench, and of nobody else".ljust(32)).decode()
SEALING = dict.fromkeys(("PERSONAL_DATA_KEYS", "PERSONAL_DATA_INDEX_KEY"), KEY)
# A district made by other code, of another size or in another month is another district.
MAKERS = ("*/migrations/*.py", "*/models/*.py", "casework/demo/*.py", "villages/data/*")


def manage(*arguments: str, url: str) -> None:
    """Run a management command on that database. Raises CalledProcessError when it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, check=True, env=os.environ | SEALING | {"DATABASE_URL": url})


def built_district(url: str, visits: int) -> str:
    """The name of the database that holds the district, which is built when it is missing."""
    name = BUILT + _fingerprint(visits)
    for old in _databases(url):  # other districts, and the copies of a run that was killed
        if old.startswith("bench_") and old != name:
            _run(url, "DROP DATABASE {} WITH (FORCE)", old)
    if name in _databases(url):
        return name
    _run(url, "CREATE DATABASE {}", BUILDING)
    building = at(url, BUILDING)
    print(f"Building the district with {visits:,} visits; this is done once and takes minutes ...", flush=True)
    manage("migrate", "--verbosity", "0", url=building)
    manage("demo", "--full", "--visits", str(visits), url=building)
    # Autovacuum would have done it by now; without it the first figures would be of its work.
    _run(building, "VACUUM (FREEZE, ANALYZE)")
    _run(url, "ALTER DATABASE {} RENAME TO {}", BUILDING, name)
    return name


def kept_district(url: str) -> str:
    """The name of the database that built_district() has built."""
    return next(name for name in _databases(url) if name.startswith(BUILT))


@contextmanager
def copy_of(url: str, district: str, name: str) -> Iterator[str]:
    """The address of a copy that may be changed; it is dropped at the end."""
    _run(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run(url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, district)
    try:
        yield at(url, name)
    finally:
        _run(url, "DROP DATABASE {} WITH (FORCE)", name)


def at(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _fingerprint(visits: int) -> str:
    digest = hashlib.sha256(f"{visits} {date.today():%Y-%m}".encode())
    for pattern in MAKERS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _databases(url: str) -> list[str]:
    return [name for (name,) in _run(url, "SELECT datname FROM pg_database ORDER BY 1")]


def _run(url: str, statement: str, *names: str) -> list[tuple[str]]:
    """Run one statement outside of any transaction, as those about databases must be."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
