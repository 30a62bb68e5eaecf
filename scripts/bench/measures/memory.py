"""How much memory the web worker holds after the load, and the background worker after a sweep and an opening."""

import time
from datetime import date

from bench.measures.run import Run, var_dir
from bench.measures.sweeping import forget_reminders, press
from bench.processes import worker
from bench.table import Figure
from casework.models import Reminder, Round, RoundTemplate
from casework.models.rounds import RoundState
from casework.rounds import open_round
from villages.bell import ring

SECONDS = 300
YEARS_AHEAD = 10


def measure(run: Run) -> list[Figure]:
    """Resident megabytes of one worker process."""
    with worker(var_dir()) as background:
        press(run)
        forget_reminders()
        round = _open(run)
        ring("casework.tasks.sweep")
        give_up_at = time.monotonic() + SECONDS
        while not _is_done(round):
            if time.monotonic() > give_up_at:
                raise SystemExit("The background worker did not finish its work.")
            time.sleep(1)
        held = background.megabytes()
    return [
        Figure(name="Memory of the web worker", unit="MB", ours=run.ours.megabytes(), bound=200),
        Figure(name="Memory of the background worker", unit="MB", ours=held, bound=300),
    ]


def _open(run: Run) -> Round:
    """Opening rings for the worker, which is to make the duties."""
    template = RoundTemplate.objects.get(key="village_posts")
    round = Round(**template.rule_fields(), district=run.district)
    year = run.day.year + YEARS_AHEAD
    round.starts_on, round.due_on = date(year, 1, 1), date(year, 12, 31)
    return open_round(round, actor=run.supervisor, on=run.day)


def _is_done(round: Round) -> bool:
    round.refresh_from_db(fields=["state"])
    digests = Reminder.objects.filter(delivered_at=None, dropped_at=None)
    return round.state == RoundState.OPEN and Reminder.objects.exists() and not digests.exists()
