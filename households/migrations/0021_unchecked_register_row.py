"""The database does not look for what an import said of a household last."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same column without its constraint."""

    dependencies = [
        ('households', '0020_unchecked_import_parts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='household',
            name='register_row',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='households.importgroup', verbose_name='as in the import'),
        ),
    ]
