# The two indexes of identity numbers leave out persons without one, and are of the kind for equal values on PostgreSQL.

from django.db import migrations, models

DIGESTS = {"person_by_identity": "id_index", "person_by_identity_tail": "id_tail_index"}
ANEW = "DROP INDEX {name}; CREATE INDEX {name} ON households_person USING {kind} ({column}) WHERE NOT (id_index = '')"


def for_equal_values(apps, schema_editor):
    make(schema_editor, "hash")


def in_their_order(apps, schema_editor):
    make(schema_editor, "btree")


def make(schema_editor, kind):
    if schema_editor.connection.vendor == "postgresql":
        for name, column in DIGESTS.items():
            schema_editor.execute(ANEW.format(name=name, kind=kind, column=column))


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0015_refusals_taken_back'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='person',
            name='person_by_identity',
        ),
        migrations.RemoveIndex(
            model_name='person',
            name='person_by_identity_tail',
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('id_index', ''), _negated=True), fields=['id_index'], name='person_by_identity'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('id_index', ''), _negated=True), fields=['id_tail_index'], name='person_by_identity_tail'),
        ),
        migrations.RunPython(for_equal_values, in_their_order, elidable=False),
    ]
