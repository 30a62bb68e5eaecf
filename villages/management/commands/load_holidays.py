"""Fill the working-day calendar with the published holidays and swapped days."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import formats
from django.utils.translation import gettext as _

from villages.holidays import load_holidays


class Command(BaseCommand):
    """manage.py load_holidays"""

    help = "Enter the published public holidays and swapped working days; days entered by hand stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load them and say which years are known."""
        report = load_holidays()
        years = {"first": report.years[0], "last": report.years[-1]}
        self.stdout.write(_("Holidays are known for the years %(first)s to %(last)s.") % years)
        if report.added:
            self.stdout.write(_("Days added: %(count)s.") % {"count": report.added})
        else:
            self.stdout.write(_("Nothing changed."))
        for day in report.differing:
            words = {"day": formats.date_format(day, "DATE_FORMAT")}
            self.stdout.write(_("%(day)s is published otherwise; the office's own entry stays.") % words)
