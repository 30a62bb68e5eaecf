"""The e-mail copy of a digest: the same words, sent once, given up after five tries."""

from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from casework.models import Contact, Delivery, DeliveryState
from casework.reminders import deliver, prepare
from casework.sending import send_deliveries
from casework.tests.digest_days import EVERY_DAY, MONDAY, helper_of, helper_round, inbox, items, policy, sweep
from casework.tests.world import at

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def test_a_mail_says_the_same_as_the_inbox_with_full_addresses(world, settings):
    settings.SITE_URL = "https://casework.example.org"
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)

    sweep(MONDAY)

    (message,) = mail.outbox
    (reminder,) = inbox(helper)
    (line,) = items(helper)
    assert (message.to, message.subject) == (["a@example.org"], "10月26日走访提醒")
    for words in ("王母渡镇 潭埠村", line["text"], line["why"], f"https://casework.example.org{line['url']}"):
        assert words in message.body
    assert f"https://casework.example.org/inbox/{reminder.pk}/" in message.body
    assert "以下事项即将到期、已逾期或有变化：" in message.body
    assert message.extra_headers["Message-ID"] == f"<digest-{helper.pk}-20261026@casework.example.org>"
    assert Delivery.objects.get(reminder=reminder).state == DeliveryState.SENT


def test_without_an_address_there_is_an_inbox_and_no_mail(world):
    helper = helper_of(world, "张三")
    helper_round(world)

    sweep(MONDAY)

    assert (len(inbox(helper)), Delivery.objects.count(), mail.outbox) == (1, 0, [])


def test_a_duty_done_before_the_mail_goes_out_is_not_in_it(world):
    helper = helper_of(world, "张三", "李四", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    deliver(now=at(MONDAY, 9))
    world.visit(helper.helper_pairings.first().household, MONDAY, helper, now=at(MONDAY, 9))

    send_deliveries(now=at(MONDAY, 9, 5))

    assert "李四家" in mail.outbox[0].body
    assert "张三家" not in mail.outbox[0].body


def test_a_mail_with_nothing_left_to_say_is_not_sent(world):
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    deliver(now=at(MONDAY, 9))
    world.visit(helper.helper_pairings.get().household, MONDAY, helper, now=at(MONDAY, 9), contact=Contact.HOME)

    send_deliveries(now=at(MONDAY, 9, 5))

    assert (Delivery.objects.get().state, mail.outbox) == (DeliveryState.DROPPED, [])


def test_a_worker_that_dies_before_sending_loses_no_mail(world, monkeypatch):
    helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    deliver(now=at(MONDAY, 9))

    def die(*_args: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(EmailBackend, "send_messages", die)
        send_deliveries(now=at(MONDAY, 9))

    assert [send_deliveries(now=at(MONDAY, 9, minute)) for minute in (1, 3, 5, 6)] == [0, 0, 1, 0]
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().in_doubt


def test_a_refused_mail_is_tried_five_times_and_then_marked_failed(world, monkeypatch):
    helper_of(world, "张三", email="gone@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    deliver(now=at(MONDAY, 9))
    tries = []

    def refuse(_mailer: Any, messages: list[Any]) -> int:
        tries.extend(messages)
        raise SMTPRecipientsRefused({})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    for pause in range(10):
        send_deliveries(now=at(MONDAY, 9) + timedelta(minutes=50 * pause))

    assert len(tries) == 5
    assert Delivery.objects.get().state == DeliveryState.FAILED
    assert Delivery.objects.lost().count() == 1


def test_one_refused_mail_does_not_hold_up_the_next(world, monkeypatch):
    for name in ("refused", "fine"):
        helper_of(world, name, email=f"{name}@example.org")
    helper_round(world)
    send = EmailBackend.send_messages

    def refuse(mailer: Any, messages: list[Any]) -> int:
        if messages[0].to == ["refused@example.org"]:
            raise SMTPRecipientsRefused({})
        return send(mailer, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    sweep(MONDAY)

    assert [message.to for message in mail.outbox] == [["fine@example.org"]]


def test_while_the_mail_server_is_away_no_try_is_counted(world, monkeypatch):
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)

    def away(_mailer: Any) -> bool:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", away)
        for hour in range(9, 19):
            sweep(MONDAY, hour)
    delivery = Delivery.objects.get(reminder__recipient=helper)
    assert (delivery.state, delivery.tries) == (DeliveryState.WAITING, 0)
    assert delivery.channel.away_since == at(MONDAY, 9)

    send_deliveries(now=at(MONDAY, 19))

    assert len(mail.outbox) == 1


def test_a_mail_of_yesterday_gives_way_to_the_digest_of_today(world, monkeypatch):
    helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    policy(weekdays=EVERY_DAY)
    prepare(on=MONDAY, now=at(MONDAY, 19))
    deliver(now=at(MONDAY, 19))

    sweep(date(2026, 10, 27))

    assert [message.subject for message in mail.outbox] == ["10月27日走访提醒"]
    assert Delivery.objects.get(reminder__for_day=MONDAY).state == DeliveryState.DROPPED
