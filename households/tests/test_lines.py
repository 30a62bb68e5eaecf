"""The yearly line is entered by the district's office alone, once a year, and every change is told."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import TODAY, World
from households.lines import can_change_lines, save_line
from households.models import PovertyLine
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_only_the_districts_office_changes_lines() -> None:
    cast = World().cast()

    assert {name for name, cadre in cast.items() if can_change_lines(cadre, TODAY)} == {"supervisor", "clerk"}
    with pytest.raises(PermissionDenied):
        save_line(PovertyLine(year=2026, amount=8000), actor=cast["outsider"], on=TODAY)


def test_a_line_is_entered_and_corrected_and_the_trail_keeps_both() -> None:
    world = World()
    clerk = world.post("区录入员", Post.CLERK, world.district)
    line = save_line(PovertyLine(year=2026, amount=8000), actor=clerk, on=TODAY)

    line.amount = 8200
    save_line(line, actor=clerk, on=TODAY, reason="省定标准调整")

    assert PovertyLine.objects.amount_of(2026) == 8200
    entry = AuditEntry.objects.get(verb="povertyline.corrected")
    assert (entry.reason, AuditEntry.objects.filter(verb="povertyline.added").count()) == ("省定标准调整", 1)


@pytest.mark.parametrize(("year", "amount"), [(26, 8000), (2026, 0), (2026, -1)])
def test_a_line_that_makes_no_sense_is_refused(year: int, amount: int) -> None:
    with pytest.raises(ValidationError):
        save_line(PovertyLine(year=year, amount=amount), actor=None, on=TODAY)


def test_a_year_has_one_line_and_a_line_keeps_its_year() -> None:
    line = save_line(PovertyLine(year=2026, amount=8000), actor=None, on=TODAY)

    with pytest.raises(ValidationError, match="该年度已有监测范围线"):
        save_line(PovertyLine(year=2026, amount=9000), actor=None, on=TODAY)
    line.year = 2027
    with pytest.raises(ValidationError, match="年度不能改"):
        save_line(line, actor=None, on=TODAY)
