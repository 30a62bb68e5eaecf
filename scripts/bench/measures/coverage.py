"""The pages of a district's figures against their own SQL, with four times the visits, and of a past date."""

from bench.measures.pages import page_of, timed_by_turns
from bench.measures.run import Run, bare
from bench.table import Figure
from casework.models import Visit

ROUNDS = 15
# What the page may need beside its SQL, in milliseconds.
FRAME = 30
COPIES = 3
PAGES = {
    "coverage": "Coverage page by 276 villages",
    "wall": "The wall, counted anew",
    "towns": "Coverage page by towns, counted anew",
    "town": "… of one town by villages",
    "list": "List of a village",
    "past": "A past date by 276 villages, counted anew",
    "together": "All rounds side by side, counted anew",
}
# Kept as they are for a minute, and against their own SQL, which is that of counting.
KEPT = {
    "coverage": "… as it is kept for a minute",
    "classes": "Coverage by class of household, as it is kept",
    "groups": "Coverage by priority group, as it is kept",
    "whole": "List of the district, as its numbers are kept",
    "monitored": "List of its monitored families, as its numbers are kept",
    "together": "All rounds side by side, as they are kept",
}
KEPT_ROUNDS = 5
# What a page counts: duties, and where the rounds stand side by side the families nobody met, too.
DUTIES = ("casework_duty",)
TABLES = {"together": ("casework_duty", "households_household")}

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
    """Page and SQL by turns; then, with the visits of three more years, that page again and the others."""
    few, visits = _taken(run, "coverage"), Visit.objects.count()
    _add_visits()
    many, more_visits = {name: _taken(run, name) for name in PAGES}, Visit.objects.count()
    today = many["coverage"]
    kept = {name: _taken(run, name, KEPT_ROUNDS, is_anew=False) for name in KEPT}
    return [
        _against_sql(f"{PAGES['coverage']}, counted anew", few),
        Figure(
            name=f"The same with {more_visits:,} visits",
            note=f"reference: with {visits:,}",
            unit="ms",
            ours=today[0],
            reference=few[0],
            bound=1.1,
        ),
        *(_against_sql(words, kept[name]) for name, words in KEPT.items()),
        *(_against_sql(words, many[name]) for name, words in PAGES.items() if name != "coverage"),
        Figure(name="A past date against today", unit="ms", ours=many["past"][0], reference=today[0], bound=3),
    ]


def _taken(run: Run, name: str, rounds: int = ROUNDS, *, is_anew: bool = True) -> tuple[float, float]:
    return timed_by_turns(run, page_of(run, name), rounds, is_anew=is_anew, tables=TABLES.get(name, DUTIES))


def _against_sql(name: str, taken: tuple[float, float]) -> Figure:
    ours, reference = taken
    return Figure(
        name=name,
        note=f"at most 2 × its SQL + {FRAME} ms",
        unit="ms",
        ours=ours,
        reference=reference,
        bound=(2 * reference + FRAME) / reference,
    )


def _add_visits() -> None:
    with bare() as cursor:
        # The rows are copies of good ones: checking three million foreign keys would only take time.
        cursor.execute("SET session_replication_role = replica")
        for statement in (MORE_VISITORS, MORE_VISITS):
            cursor.execute(statement, {"copies": COPIES})
        cursor.execute("SET session_replication_role = origin")
        for table in ("casework_visit", "casework_visitvisitor"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
