"""Bring the database up to date: migrations, the register of villages, holidays, the demo district if asked."""

import argparse
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
REGISTER = ROOT / "villages" / "data" / "divisions-360704.csv"


def prepare(*, with_demo: bool) -> None:
    """Do what is still to do; a second time changes nothing. The demo only fills an empty register."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # missing, it is warned about at every start
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_divisions", str(REGISTER))
    call_command("load_holidays")
    if with_demo:
        if not has_households():
            call_command("demo")
        call_command("demo", accounts=True)


def has_households() -> bool:
    """Whether anybody is registered, made-up or real."""
    model = django.apps.apps.get_model("households", "Household")
    return bool(model.objects.exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="fill an empty database with the made-up district")
    chosen = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    prepare(with_demo=chosen.demo)
