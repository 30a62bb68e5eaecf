"""One index for an entry's village instead of two, and its record by characters: every import pays for each of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The indexes anew."""

    dependencies = [
        ("villages", "0005_village_office_telephone"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="auditentry",
            name="audit_by_target",
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="village",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="villages.village",
                verbose_name="village",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["target_type", "target_id"],
                name="audit_by_target",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["village"], name="audit_by_village", opclasses=["varchar_pattern_ops"]),
        ),
    ]
