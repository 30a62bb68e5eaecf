"""Monitored households by an index of their own: some dozens, among all households of a district."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the index."""

    dependencies = [("households", "0016_lighter_identity_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                condition=models.Q(("monitoring_type__gt", "")), fields=["monitoring_type"], name="household_monitored"
            ),
        ),
    ]
