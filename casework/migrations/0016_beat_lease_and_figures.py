from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0015_the_default_policy'),
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
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['delivered_at'], name='reminder_delivered'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['sent_at'], name='delivery_sent'),
        ),
    ]
