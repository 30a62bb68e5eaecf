"""Coverage of the district by its villages: the page against its own grouped SQL, and with four times the visits."""

from bench.clients import Ask
from bench.measures.run import Run, bare, grouped_sql, page_and_sql, signed_in
from bench.table import Figure
from casework.coverage import BY_VILLAGE, figures
from casework.models import Round, Visit
from villages.models import Village

ROUNDS = 15
# What the page may need beside its SQL, in milliseconds.
FRAME = 30
COPIES = 3

# Visits of earlier years: they count for none of the duties, and must cost none of the figures anything.
MORE_VISITS = """
    INSERT INTO casework_visit (id, household_id, village_id, visited_on, contact, outcome, note, problem,
        entered_by_id, received_at, is_late, digest, reason, is_withdrawn)
    SELECT md5(id::text || year)::uuid, household_id, village_id, visited_on - 365 * year, contact, outcome, note,
        problem, entered_by_id, received_at - year * interval '365 days', is_late, digest, reason, is_withdrawn
    FROM casework_visit CROSS JOIN generate_series(1, %(copies)s) AS year WHERE superseded_by_id IS NULL
"""
MORE_VISITORS = """
    INSERT INTO casework_visitvisitor (visit_id, cadre_id)
    SELECT md5(visit.id::text || year)::uuid, visitor.cadre_id
    FROM casework_visit AS visit JOIN casework_visitvisitor AS visitor ON visitor.visit_id = visit.id
    CROSS JOIN generate_series(1, %(copies)s) AS year WHERE visit.superseded_by_id IS NULL
"""


def measure(run: Run) -> list[Figure]:
    """Page and SQL by turns; then the page once more with the visits of three more years."""
    cadre = run.supervisor
    round = Round.objects.running(run.day).filter(posts__contains="village_chief", target_kind="rural_household")[0]
    villages = Village.objects.in_register().count()
    address = f"/coverage/{round.pk}/?by={BY_VILLAGE}&place={run.district.pk}"
    page = Ask(address, signed_in([cadre])[cadre.pk].cookie)
    grouped = grouped_sql(
        lambda: figures(round, cadre=cadre, on=run.day, place_code=run.district.pk, by=BY_VILLAGE), "casework_duty"
    )
    few, visits = page_and_sql(run, page, grouped, ROUNDS), Visit.objects.count()
    _add_visits()
    many, more_visits = page_and_sql(run, page, grouped, ROUNDS), Visit.objects.count()
    return [
        Figure(
            name=f"Coverage page by {villages} villages",
            note=f"at most 2 × its SQL + {FRAME} ms",
            unit="ms",
            ours=few[0],
            reference=few[1],
            bound=(2 * few[1] + FRAME) / few[1],
        ),
        Figure(
            name=f"The same with {more_visits:,} visits",
            note=f"reference: with {visits:,}",
            unit="ms",
            ours=many[0],
            reference=few[0],
            bound=1.1,
        ),
    ]


def _add_visits() -> None:
    with bare() as cursor:
        # The rows are copies of good ones: checking three million foreign keys would only take time.
        cursor.execute("SET session_replication_role = replica")
        for statement in (MORE_VISITORS, MORE_VISITS):
            cursor.execute(statement, {"copies": COPIES})
        cursor.execute("SET session_replication_role = origin")
        for table in ("casework_visit", "casework_visitvisitor"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
