"""Enter the policy that holds where there is no other: on Mondays, and three days before the due date."""

from django.db import migrations

EVERYBODY = "template::"


def enter(apps, schema_editor):
    apps.get_model("casework", "RemindingPolicy").objects.get_or_create(
        key=EVERYBODY, defaults={"weekdays": [0], "ahead": 3}
    )


def take_back(apps, schema_editor):
    apps.get_model("casework", "RemindingPolicy").objects.filter(key=EVERYBODY).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0014_reminding_policies'),
    ]

    operations = [
        migrations.RunPython(enter, take_back),
    ]
