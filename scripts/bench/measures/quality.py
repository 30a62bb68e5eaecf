"""The data-quality page of the whole district: against its own grouped statement, and against two seconds."""

from bench.clients import Ask
from bench.measures.run import Run, grouped_sql, page_and_sql, signed_in
from bench.table import Figure
from households.contradictions import count_all
from households.quality import rules

ROUNDS = 7
# Building the statement of all rules and the frame of the page, in milliseconds.
FRAME = 120
LONGEST = 2000


def measure(run: Run) -> list[Figure]:
    """Page and statement by turns."""
    cadre = run.supervisor
    page = Ask(f"/quality/?place={run.district.pk}", signed_in([cadre])[cadre.pk].cookie)
    statement = grouped_sql(
        lambda: count_all(cadre=cadre, on=run.day, place_code=run.district.pk), "households_household"
    )
    ours, reference = page_and_sql(run, page, statement, ROUNDS)
    name = f"Data-quality page, {len(rules())} rules"
    return [
        Figure(
            name=name,
            note=f"at most 1.5 × its SQL + {FRAME} ms",
            unit="ms",
            ours=ours,
            reference=reference,
            bound=(1.5 * reference + FRAME) / reference,
        ),
        Figure(name=name, note="in all", unit="ms", ours=ours, bound=LONGEST),
    ]
