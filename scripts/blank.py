"""Make the blank database that the tests begin with, print its name, and drop it when the input ends.

Migrating takes ten seconds, and each process of the tests would do it anew; a copy takes a fraction of one.
"""

import gc
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Nobody may be connected to a database that PostgreSQL copies, so the connection is closed in between."""
    gc.set_threshold(50_000, 20, 100)  # a quarter of the time went into looking for garbage
    usual = connection.settings_dict["NAME"]
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = settings.VAR_DIR / "blank.sqlite3" if is_file else f"test_{usual}_blank"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    try:
        print(name, flush=True)
        sys.stdin.read()
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
