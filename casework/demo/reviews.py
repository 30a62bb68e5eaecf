"""What reviewers have done in the made-up district: samples with answers, notes, a family that changed its helper."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.demo.district import Demo
from casework.models import Answer, Recheck, ReviewNote, Way
from casework.rechecks import WEEK, draw_sample, last_week
from households.models import HelperPairing, Household
from households.pairings import replace_helper
from villages.models import Village

ANSWERS = {
    Answer.VISITED: ("来过，坐了半个小时，问了孩子上学的事。", "来过，帮忙看了屋顶。", "打过电话，问了务工情况。"),
    Answer.NOT_VISITED: ("那几天我们都在地里，没见到人。",),
    Answer.CANNOT_SAY: ("老人记不清是哪一天了。",),
    Answer.NOT_REACHED: ("",),
}
REPLY = "当天只见到邻居，登记时选错了，已更正。"
NOTES = (
    ("请核实第二组路灯和水渠问题，月底前回个话。", 9),
    ("上次例会说的危房鉴定结果，请落实到户。", -2),
)
ON_TOWN = "本镇电话走访偏多，请各村安排外出户返乡后补访。"
ON_FAMILY = "这户连续两个月没有见到本人，请上门看一看。"


def make_reviews(demo: Demo) -> None:
    """Telephones of the offices, two weeks' samples, notes at the village that shows every role, a new helper."""
    for number, village in enumerate(demo.villages, start=1):
        village.office_phone = f"0797-{number:07}"  # no line has such a number
    Village.objects.bulk_update(demo.villages, ["office_phone"])
    if "supervisor" in demo.accounts:
        _samples(demo)
        _notes(demo)
    _change_of_helper(demo)


def _samples(demo: Demo) -> None:
    rng, week = demo.draws("rechecks"), last_week(demo.on)
    for monday in (week - WEEK, week):
        drawn_at = datetime.combine(monday + WEEK, time(6), ZoneInfo(settings.TIME_ZONE))
        for town in demo.towns:
            draw_sample(town=town, week=monday, now=drawn_at)
    rows = list(Recheck.objects.filter(draw__week=week - WEEK).order_by("pk"))
    rows += list(Recheck.objects.filter(draw__week=week).order_by("pk"))[::3]
    for row in rows:
        kind = rng.choices(list(ANSWERS), (16, 1, 2, 1))[0]
        row.answer, row.way, row.words = kind, Way.PHONE, rng.choice(ANSWERS[kind])
        row.answered_by = demo.accounts["supervisor"]
        row.answered_on = min(row.visited_on + WEEK, demo.on)
        if kind == Answer.NOT_VISITED:
            row.reply, row.replied_on = REPLY, row.answered_on
            row.replied_by = row.visit.entered_by
    columns = ["answer", "way", "words", "answered_by", "answered_on", "reply", "replied_on", "replied_by"]
    Recheck.objects.bulk_update(rows, columns)


def _notes(demo: Demo) -> None:
    author, here = demo.accounts["supervisor"], demo.showcase
    written = demo.on - timedelta(days=8)
    for text, days in NOTES:
        ReviewNote.objects.create(
            village=here, text=text, due_on=demo.on + timedelta(days=days), written_on=written, author=author
        )
    ReviewNote.objects.create(
        town=here.town, text=ON_TOWN, due_on=demo.on + timedelta(days=14), written_on=written, author=author
    )
    for home in demo.of_the_helper[:1]:
        ReviewNote.objects.create(
            household_id=home.pk, text=ON_FAMILY, due_on=_soon(demo), written_on=written, author=author
        )


def _soon(demo: Demo) -> date:
    return demo.on + timedelta(days=4)


def _change_of_helper(demo: Demo) -> None:
    """A family of the village changes to the account's helper, who finds it and the pack on the home page."""
    taker = demo.accounts.get("helper")
    own = [home.pk for home in demo.of_the_helper]
    homes = Household.objects.filter(village__in={home.village_id for home in demo.of_the_helper}).exclude(pk__in=own)
    starts_on = demo.on - timedelta(days=6)
    pairing = HelperPairing.objects.filter(household__in=homes, ends_on=None, is_primary=True, starts_on__lt=starts_on)
    leaving = pairing.exclude(cadre=taker).order_by("household__number", "pk").first()
    if taker and leaving:
        replace_helper(pairing=leaving, cadre=taker, starts_on=starts_on, actor=None, on=demo.on)
