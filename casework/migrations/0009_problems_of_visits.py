"""What standing visits name as a problem becomes an entry of the ledger, found and not yet given to anybody."""

from django.db import migrations

AT_ONCE = 2000


def add_problems(apps, schema_editor):
    Problem = apps.get_model("casework", "Problem")
    Visit = apps.get_model("casework", "Visit")
    VisitVisitor = apps.get_model("casework", "VisitVisitor")
    first = first_versions(Visit)
    rows = Visit.objects.filter(superseded_by=None, is_withdrawn=False).exclude(problem="").order_by("pk")
    last = None
    while True:
        batch = list((rows if last is None else rows.filter(pk__gt=last))[:AT_ONCE])
        if not batch:
            return
        last = batch[-1].pk
        went = {}
        visitors = VisitVisitor.objects.filter(visit__in=[visit.pk for visit in batch]).order_by("-pk")
        for visit_id, cadre_id in visitors.values_list("visit_id", "cadre_id"):
            went[visit_id] = cadre_id  # the first of those who went reports
        Problem.objects.bulk_create(
            Problem(
                id=first.get(visit.pk, visit.pk),
                visit_id=first.get(visit.pk, visit.pk),
                village_id=visit.village_id,
                household_id=visit.household_id,
                source="visit",
                found_on=visit.visited_on,
                found_by_id=went.get(visit.pk, visit.entered_by_id),
                recorded_at=visit.received_at,
                text=visit.problem,
            )
            for visit in batch
        )


def first_versions(Visit):
    """For each corrected version of a visit its first one."""
    before = dict(Visit.objects.exclude(superseded_by=None).values_list("superseded_by", "pk"))
    first = {}
    for version in before:
        found = version
        while found in before:
            found = before[found]
        first[version] = found
    return first


def remove_problems(apps, schema_editor):
    """Nothing to undo: the table goes with the migration before, and what people did since is theirs."""


class Migration(migrations.Migration):
    dependencies = [("casework", "0008_problem_ledger")]

    operations = [migrations.RunPython(add_problems, remove_problems)]
