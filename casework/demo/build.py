"""Make the made-up district, all of it or nothing."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from casework.demo import district, rounds
from casework.demo.bulletins import make_bulletins
from casework.demo.district import Demo, Home
from casework.demo.files import make_files
from casework.demo.households import make_helpers, make_households
from casework.demo.problems import make_problems
from casework.demo.reminding import make_reminders
from casework.demo.reviews import make_reviews
from casework.demo.size import DemoSize
from casework.demo.staff import make_staff
from casework.demo.trips import Planner, months_of
from casework.demo.visits import insert_visits, write_visits
from casework.models import Duty, Visit, VisitVisitor
from casework.recredit import recredit
from households.models import HelperPairing, Household, Person
from households.residence import move_household
from villages import audit
from villages.division_file import read_register
from villages.divisions import SHIPPED, load_register
from villages.holidays import load_holidays
from villages.models import AuditEntry, Cadre, Posting, Village
from villages.pour import analyze

MADE = "demo.made"
MOVES = 5

Say = Callable[[str], None]


class NotEmpty(Exception):
    """The database holds households that are not the demo's."""


def made_before() -> AuditEntry | None:
    """The trail's entry about the demo of this database."""
    return AuditEntry.objects.filter(verb=MADE).first()


@transaction.atomic
def make_demo(*, size: DemoSize, seed: int, on: date, say: Say) -> bool:
    """Fill the database with the made-up district as of that day; False when it is there already.

    The same seed and day give the same rows in an empty database. `say` hears about the progress.
    Raises NotEmpty beside real households.
    """
    if made_before():
        return False
    if Household.objects.exists():
        raise NotEmpty
    if not Village.objects.exists():
        load_register(entries=read_register(SHIPPED.read_bytes()), actor=None)
    load_holidays()
    demo = district.start(size=size, seed=seed, on=on)
    _fill(demo, say)
    counts = {"seed": [None, seed], "day": [None, on.isoformat()], "households": [0, Household.objects.count()]}
    audit.record(actor=None, verb=MADE, target=demo.district, changes=counts)
    return True


def _fill(demo: Demo, say: Say) -> None:
    """Places, people, households, rounds, visits: each rests on those before.

    The rounds come before the visits, so that all credit is derived once, village by village.
    """
    district.make_places(demo)
    district.make_units(demo)
    staff = make_staff(demo)
    homes = make_households(demo)
    helps = make_helpers(demo, staff, homes)
    say(_("%(count)s cadres") % {"count": Cadre.objects.count()})
    say(_("%(count)s households") % {"count": Household.objects.count()})
    make_files(demo, staff)
    say(_("%(count)s persons") % {"count": Person.objects.count()})
    analyze(Posting, Household, HelperPairing)
    months = months_of(demo)
    planner = Planner(demo, staff, homes, helps)
    helper_rounds = rounds.make_rounds(demo, months)
    say(_("%(count)s duties") % {"count": Duty.objects.count()})
    late = write_visits(demo, staff, planner, months)
    say(_("%(count)s visits") % {"count": Visit.objects.count() + len(late)})
    analyze(Visit, VisitVisitor, Duty)
    recredit(Duty.objects.all())
    rounds.close_past(demo, helper_rounds, months)
    for _size in insert_visits(late):
        pass
    rounds.credit_late(late)
    rounds.excuse_some(demo)
    make_problems(demo, staff)
    _move_some(demo, planner, homes)
    make_reminders(demo)
    make_bulletins(demo)
    make_reviews(demo)


def _move_some(demo: Demo, planner: Planner, homes: dict[str, list[Home]]) -> None:
    """Let a few households nobody has seen lately move to another village."""
    rng = demo.draws("moves")
    candidates = [
        home
        for rows in homes.values()
        for home in rows
        if home.pk in planner.unseen_from and not (home.is_exited or home.is_monitored or home.left_on)
    ]
    for home in rng.sample(candidates, min(MOVES, len(candidates))):
        to_village = rng.choice([village for village in demo.villages if village.pk != home.village_id])
        moved_on = demo.on - timedelta(days=rng.randint(5, 30))
        move_household(
            household=Household.objects.get(pk=home.pk),
            to_village=to_village,
            moved_on=moved_on,
            actor=None,
            on=moved_on,
        )
