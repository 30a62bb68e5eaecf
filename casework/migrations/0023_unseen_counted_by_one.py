"""Numbers of the unseen are counted by one reader at a time: who counts sets a moment that nobody else can."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0022_app_versions")]

    operations = [
        migrations.AddField("keptunseen", "claimed_at", models.DateTimeField(null=True)),
        migrations.AlterField("keptunseen", "counted_at", models.DateTimeField(null=True, verbose_name="counted at")),
    ]
