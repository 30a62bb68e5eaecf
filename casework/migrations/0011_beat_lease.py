from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0010_reminders_without_mail_columns'),
    ]

    operations = [
        migrations.CreateModel(
            name='BeatLease',
            fields=[
                ('name', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('holder', models.CharField(blank=True, max_length=100, verbose_name='holder')),
                ('renewals', models.PositiveBigIntegerField(default=0, verbose_name='renewals')),
            ],
            options={
                'verbose_name': "scheduler's lease",
                'verbose_name_plural': "scheduler's leases",
            },
        ),
    ]
