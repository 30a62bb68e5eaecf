"""The indexes of names compare characters, not words of a language: equal names and their order are all they serve."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The indexes anew."""

    dependencies = [
        ("households", "0018_lighter_number_indexes"),
        ("villages", "0006_lighter_trail_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="household",
            name="household_by_head",
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_by_name",
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(fields=["head_name"], name="household_by_head", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name"], name="person_by_name", opclasses=["varchar_pattern_ops"]),
        ),
    ]
