"""Ways out of the house: failing ones are tried again, then passed over, then told to the office."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from casework import channel_tests, routes
from casework.channels import PLUGS, Away, Message, Refused
from casework.channels.robot import Robot, cleaned, filled
from casework.models import Channel, ChannelTest, Delivery, DeliveryState, Kind, Reminder
from casework.preferences import choose_channels, set_number
from casework.reminders import deliver, prepare
from casework.sending import send_deliveries
from casework.tests.digest_days import MONDAY, helper_of, helper_round, policy
from casework.tests.world import World, at
from villages.models import Post

pytestmark = pytest.mark.django_db

SENT: list[Message] = []


class Fake:
    """A robot that takes down what it is handed, or says what it is told to say."""

    answers: list[Exception] = []

    def __init__(self, channel: Channel) -> None:
        pass

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def send(self, message: Message) -> str:
        if Fake.answers:
            raise Fake.answers.pop()
        SENT.append(message)
        return "ok"


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(PLUGS, "wecom", f"{__name__}.Fake")
    monkeypatch.setattr(Fake, "answers", [])
    SENT.clear()
    return Channel.objects.create(
        name="企业微信", kind="wecom", address="wecombot://SECRETKEYSECRETKEY", is_default=True, order=1
    )


def told(world: World) -> Reminder:
    """A digest of Monday nine o'clock in somebody's inbox."""
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    deliver(now=at(MONDAY, 9))
    return Reminder.objects.get(recipient=helper)


def test_a_robot_is_told_that_there_is_something_but_not_about_whom(world, robot):
    told(world)

    send_deliveries(now=at(MONDAY, 9))

    (message,) = SENT
    assert "张三" not in message.short
    assert "共2项" in message.short
    assert Delivery.objects.get().state == DeliveryState.SENT


@pytest.mark.core
def test_a_channel_that_fails_is_tried_with_pauses_and_then_the_next_one_takes_over(world, robot):
    told(world)
    Fake.answers.extend(Refused("no") for _try in range(5))
    tried = []

    for minute in (0, 1, 2, 9, 10, 29, 30, 74, 75, 76):
        before = len(Fake.answers)
        send_deliveries(now=at(MONDAY, 9) + timedelta(minutes=minute))
        if len(Fake.answers) < before:
            tried.append(minute)

    assert tried == [0, 2, 10, 30, 75]
    assert [(row.channel.kind, row.state) for row in Delivery.objects.order_by("pk")] == [
        ("wecom", DeliveryState.FAILED),
        ("mail", DeliveryState.SENT),
    ]
    assert len(mail.outbox) == 1
    assert not Delivery.objects.lost().exists()


def test_a_silent_provider_costs_no_try_and_after_two_hours_the_next_channel_takes_over(world, robot):
    told(world)
    Fake.answers.extend(Away() for _try in range(9))

    for minute in (0, 1, 60, 119, 120, 121):
        send_deliveries(now=at(MONDAY, 9) + timedelta(minutes=minute))

    first = Delivery.objects.get(channel=robot)
    assert (first.state, first.tries) == (DeliveryState.FAILED, 0)
    assert len(mail.outbox) == 1


def test_after_an_hour_of_silence_it_is_sent_with_the_next_sweep(world, robot):
    told(world)
    Fake.answers.extend(Away() for _try in range(3))

    for minute in (0, 30, 59, 60):
        send_deliveries(now=at(MONDAY, 9) + timedelta(minutes=minute))

    assert Delivery.objects.get().sent_at == at(MONDAY, 10)
    robot.refresh_from_db()
    assert robot.away_since is None


def test_when_no_channel_is_left_the_office_is_told_once(world, robot):
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    Channel.objects.filter(pk=robot.pk).update(is_default=False)
    reminder = told(world)
    choose_channels(cadre=reminder.recipient, kind=Kind.DIGEST, channels=[robot.pk])
    Delivery.objects.update(channel=robot)
    Fake.answers.extend(Refused("no") for _try in range(5))

    for minute in (0, 2, 10, 30, 75, 80, 90):
        now = at(MONDAY, 9) + timedelta(minutes=minute)
        prepare(on=MONDAY, now=now)
        deliver(now=now)
        send_deliveries(now=now)
    deliver(now=at(MONDAY, 11))

    notice = Reminder.objects.get(recipient=supervisor, kind=Kind.OFFICE)
    assert notice.lines[0]["items"][0]["text"] == "1条消息未送达"


def test_own_choice_comes_before_the_policy_and_the_policy_before_the_default(world, robot):
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    other = Channel.objects.create(name="群", kind="feishu", address="feishu://TOKENTOKEN")
    by_mail = Channel.objects.get(kind="mail")

    def first() -> list[str]:
        named = {helper.pk: [other.pk]} if is_named else {}
        return [channel.kind for channel in routes.routes(Kind.DIGEST, [helper.pk], named)[helper.pk]]

    is_named = False
    default = first()
    is_named = True
    by_policy = first()
    choose_channels(cadre=helper, kind=Kind.DIGEST, channels=[by_mail.pk])

    assert (default, by_policy, first()) == (["wecom", "mail"], ["feishu"], ["mail"])
    choose_channels(cadre=helper, kind=Kind.DIGEST, channels=[])
    assert first() == []


@pytest.mark.core
def test_a_policy_names_the_channels_of_those_it_is_for(world, robot):
    Channel.objects.filter(pk=robot.pk).update(is_default=False)
    policy(post=Post.HELPER, first_channel=robot)
    told(world)

    assert Delivery.objects.get().channel == robot


def test_who_sleeps_by_the_policy_is_told_when_its_hours_begin(world):
    helper_of(world, "张三")
    helper_round(world)
    policy(from_hour=14)
    prepare(on=MONDAY, now=at(MONDAY, 9))

    assert (deliver(now=at(MONDAY, 9)), deliver(now=at(MONDAY, 14))) == (0, 1)


def test_an_address_is_filled_in_for_the_recipient_and_answers_show_no_secret(world):
    cadre = world.cadre("张")
    message = Message(cadre, "13800000000", "digest-1-20261026", "", "", "")

    assert filled("sms://KEY/{phone}?key={key}", message) == "sms://KEY/13800000000?key=digest-1-20261026"
    assert "SECRETKEYSECRETKEY" not in cleaned(
        "x - WARNING - Failed to send to wecombot://SECRETKEYSECRETKEY, error=40058"
    )


@pytest.mark.filterwarnings("ignore:.*imghdr:DeprecationWarning")  # a library's own, on Python 3.11
def test_an_address_apprise_does_not_know_is_refused(world):
    channel = Channel.objects.create(name="错", kind="other", address="nonsense://x")

    with pytest.raises(Refused):
        Robot(channel).send(Message(world.cadre("张"), "", "k", "s", "b", "short"))


@pytest.mark.core
def test_an_sms_gateway_reaches_those_who_gave_a_number(world):
    gateway = Channel.objects.create(name="短信", kind="sms", address="json://host/{phone}", is_default=True, order=1)
    helper = world.cadre("张")

    before = routes.routes(Kind.DIGEST, [helper.pk], {})[helper.pk]
    set_number(cadre=helper, phone="138 0000 0000")

    assert (before, routes.routes(Kind.DIGEST, [helper.pk], {})[helper.pk]) == ([], [gateway])
    assert routes.phones_of([helper.pk]) == {helper.pk: "13800000000"}


def test_a_test_line_is_sent_by_the_worker_and_answered_once(world, robot):
    clerk = world.post("录入员", Post.CLERK, world.district)
    channel_tests.ask_for_test(robot, actor=clerk, on=MONDAY, now=at(MONDAY))
    Fake.answers.append(Refused("no such key"))

    answered = [channel_tests.answer_tests(now=at(MONDAY)), channel_tests.answer_tests(now=at(MONDAY))]

    test = ChannelTest.objects.get()
    assert (answered, test.is_sent, test.answer) == ([1, 0], False, "no such key")


def test_the_office_keeps_channels_in_the_panel_and_never_sees_the_address(world, robot, client):
    clerk = world.post("录入员", Post.CLERK, world.district)
    client.force_login(clerk)

    page = client.get(reverse("admin:casework_channel_change", args=[robot.pk])).content.decode()
    client.post(reverse("admin:casework_channel_test", args=[robot.pk]), {})

    assert "SECRETKEY" not in page
    assert ChannelTest.objects.get().asked_by == clerk
    client.force_login(world.post("镇录入员", Post.CLERK, world.town))
    assert client.get(reverse("admin:casework_channel_change", args=[robot.pk])).status_code == 404
