"""The people and households of the run, and afterwards what the database really holds: written as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402

from casework.models import HeldVisit, Visit, VisitVisitor  # noqa: E402
from casework.tests.world import World  # noqa: E402
from villages.calendar import today  # noqa: E402
from villages.models import AuditEntry, Cadre, Post  # noqa: E402

HOMES_EACH = 5


def prepare(phones: int) -> dict[str, Any]:
    """So many helpers with five households each, signed in, and two rounds under way."""
    world = World()
    owners = []
    for number in range(phones):
        helper = world.cadre(f"帮扶{number}")
        homes = [world.household(f"户主{number}-{home}") for home in range(HOMES_EACH)]
        for home in homes:
            world.help(helper, home)
        owners.append({"cadre": helper.pk, "session": _session(helper), "households": [home.pk for home in homes]})
    day = today()
    for post, target, name in (
        (Post.HELPER, "paired_household", "帮扶走访"),
        (Post.VILLAGE_CHIEF, "rural_household", "大村长遍访"),
    ):
        world.round([post], target, starts_on=day.replace(day=1), due_on=day, on=day, name=name)
    return {"owners": owners, "today": day.isoformat()}


def _session(cadre: Cadre) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(cadre.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = cadre.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def truth() -> dict[str, Any]:
    """Every visit and held visit by its id, and whether anything hangs on it twice or not at all."""
    recorded = AuditEntry.objects.filter(verb="visit.recorded")
    per_visit = recorded.values("target_id").annotate(number=Count("pk"))
    call_command("verify_credit")  # ends with an error when a duty's credit is not what the facts say
    return {
        "stored": sorted(str(pk) for pk in Visit.objects.values_list("pk", flat=True)),
        "held": sorted(str(key) for key in HeldVisit.objects.values_list("visit_key", flat=True)),
        "visitors": VisitVisitor.objects.count(),
        "audited": recorded.count(),
        "audited_twice": per_visit.filter(number__gt=1).count(),
    }


if __name__ == "__main__":
    asked, written = sys.argv[1], Path(sys.argv[2])
    found = truth() if asked == "truth" else prepare(int(asked))
    written.write_text(json.dumps(found), encoding="utf-8")
