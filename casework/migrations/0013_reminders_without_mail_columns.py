from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0012_mails_become_deliveries'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='reminder',
            name='reminder_mail_waiting',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='mail_claimed_at',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='mail_sent_at',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='mail_state',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='mail_tries',
        ),
    ]
