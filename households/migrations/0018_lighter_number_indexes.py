"""One index for a person's number instead of two, and of the numbers read backwards only the last four characters."""

from django.db import migrations, models

LAST = 4
TABLES = {
    "person_number_backwards": "households_person",
    "household_number_backwards": "households_household",
}
ANEW = "DROP INDEX {name}; CREATE INDEX {name} ON {table} ({column} text_pattern_ops)"


def of_the_last(apps, schema_editor):
    """The last characters."""
    make(schema_editor, f'reverse("right"(number::text, {LAST}))')


def of_the_whole(apps, schema_editor):
    """All of them."""
    make(schema_editor, "reverse(number::text)")


def make(schema_editor, column):
    """On PostgreSQL alone: SQLite reads the whole table."""
    if schema_editor.connection.vendor == "postgresql":
        for name, table in TABLES.items():
            schema_editor.execute(ANEW.format(name=name, table=table, column=column))
            # Of an index over what is computed the database knows nothing until it counts anew.
            schema_editor.execute(f"ANALYZE {table}")


class Migration(migrations.Migration):
    """The unique index that is new serves beginnings, too; the two it replaces go after it has come."""

    dependencies = [("households", "0017_monitored_by_index")]

    operations = [
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("number",), name="person_number_once", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="number",
            field=models.CharField(
                error_messages={"unique": "A person with this number is already in the register."},
                max_length=30,
                verbose_name="person number",
            ),
        ),
        migrations.RunPython(of_the_last, of_the_whole, elidable=False),
    ]
