"""The database does not look for the import and the village of each of its parts, which the import has at hand."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same columns without their constraints."""

    dependencies = [
        ('households', '0019_lighter_name_indexes'),
        ('villages', '0006_lighter_trail_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='importgroup',
            name='job',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='households.registerimport', verbose_name='import'),
        ),
        migrations.AlterField(
            model_name='importgroup',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='villages.village', verbose_name='village'),
        ),
    ]
