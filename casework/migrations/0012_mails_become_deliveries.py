"""Enter the channel of mail, and let each mail of a digest be a delivery through it; and back."""

from django.db import migrations

MAIL = "电子邮件"
BATCH = 5000


def to_deliveries(apps, schema_editor):
    channel, _is_new = apps.get_model("casework", "Channel").objects.get_or_create(
        name=MAIL, defaults={"kind": "mail", "order": 10, "is_default": True}
    )
    Reminder, Delivery = apps.get_model("casework", "Reminder"), apps.get_model("casework", "Delivery")
    mails = Reminder.objects.exclude(mail_state="none").order_by("pk")
    Delivery.objects.bulk_create(
        (
            Delivery(
                reminder=reminder,
                channel=channel,
                state=reminder.mail_state,
                tries=reminder.mail_tries,
                next_try_at=reminder.delivered_at or reminder.prepared_at,
                attempted_at=reminder.mail_claimed_at,
                sent_at=reminder.mail_sent_at,
            )
            for reminder in mails.iterator(chunk_size=BATCH)
        ),
        batch_size=BATCH,
    )


def to_mails(apps, schema_editor):
    """Only mails fit into the columns; reminders of other kinds cannot be told apart by them and go."""
    Reminder, Delivery = apps.get_model("casework", "Reminder"), apps.get_model("casework", "Delivery")
    Reminder.objects.exclude(kind="digest").delete()
    for delivery in Delivery.objects.filter(channel__kind="mail").order_by("pk").iterator(chunk_size=BATCH):
        Reminder.objects.filter(pk=delivery.reminder_id).update(
            mail_state=delivery.state,
            mail_tries=delivery.tries,
            mail_claimed_at=delivery.attempted_at,
            mail_sent_at=delivery.sent_at,
        )
    Delivery.objects.all().delete()
    apps.get_model("casework", "Channel").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0011_channels_and_deliveries'),
    ]

    operations = [
        migrations.RunPython(to_deliveries, to_mails),
    ]
