"""Posts start, end, change hands and are taken back, by the office of the place, audited, never two at a time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from casework.tests.world import LONG_AGO, TODAY
from villages.models import AuditEntry, Pairing, Post, Posting
from villages.models.postings import SINGLE_HOLDER_POSTS
from villages.postings import end_posting, remove_posting, replace_holder, save_pairing, save_posting

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)


def chief_at(world, **fields) -> Posting:
    defaults = {"post": Post.VILLAGE_CHIEF, "village": world.village, "starts_on": LONG_AGO}
    posting = Posting(**({"cadre": world.cadre("村长")} | defaults | fields))
    return save_posting(posting, actor=None, on=TODAY)


def test_changing_the_holder_ends_one_posting_the_day_before_and_starts_another(world):
    old = chief_at(world)
    new = world.cadre("新村长")

    successor = replace_holder(posting=old, cadre=new, starts_on=TODAY, actor=None, on=TODAY)

    old.refresh_from_db()
    assert (old.ends_on, successor.starts_on, successor.ends_on) == (YESTERDAY, TODAY, None)
    assert (successor.cadre, successor.post, successor.village) == (new, Post.VILLAGE_CHIEF, world.village)
    assert list(Posting.objects.in_force(YESTERDAY)) == [old]
    assert list(Posting.objects.in_force(TODAY)) == [successor]


def test_a_new_holder_cannot_start_on_or_before_the_old_ones_first_day(world):
    posting = chief_at(world, starts_on=TODAY)

    with pytest.raises(ValidationError) as refusal:
        replace_holder(posting=posting, cadre=world.cadre("新村长"), starts_on=TODAY, actor=None, on=TODAY)

    assert list(refusal.value.message_dict) == ["starts_on"]
    assert Posting.objects.count() == 1


def test_a_change_of_holder_that_clashes_with_a_later_one_changes_nothing(world):
    old = chief_at(world, ends_on=YESTERDAY)
    chief_at(world, starts_on=TODAY)

    with pytest.raises(ValidationError):
        replace_holder(
            posting=old, cadre=world.cadre("第三人"), starts_on=TODAY - timedelta(days=5), actor=None, on=TODAY
        )

    old.refresh_from_db()
    assert old.ends_on == YESTERDAY


@pytest.mark.parametrize("post", SINGLE_HOLDER_POSTS)
def test_a_second_holder_of_a_single_holder_post_is_refused_in_words(world, post):
    place = {"district_secretary": world.district, "town_secretary": world.town, "district_leader": world.town}
    world.post("甲", post, place.get(post, world.village), LONG_AGO, TODAY)

    with translation.override("en"), pytest.raises(ValidationError, match="Somebody else holds this post"):
        world.post("乙", post, place.get(post, world.village), TODAY)
    assert world.post("乙", post, place.get(post, world.village), TODAY + timedelta(days=1))


@pytest.mark.parametrize("post", [Post.TEAM_MEMBER, Post.SUPERVISOR, Post.CLERK])
def test_team_members_supervisors_and_clerks_may_be_many(world, post):
    world.post("甲", post, world.village)
    world.post("乙", post, world.village)

    assert Posting.objects.filter(post=post).count() == 2


def test_the_same_post_at_another_place_or_another_post_at_the_same_place_is_free(world):
    cadre = world.post("身兼数职", Post.FIRST_SECRETARY, world.village)

    world.post(cadre, Post.TEAM_LEADER, world.village)
    world.post("邻村书记", Post.FIRST_SECRETARY, world.sibling)

    assert Posting.objects.filter(cadre=cadre).count() == 2


@pytest.mark.parametrize(
    ("post", "place"),
    [
        (Post.DISTRICT_SECRETARY, "village"),
        (Post.DISTRICT_LEADER, "district"),
        (Post.TOWN_SECRETARY, "village"),
        (Post.VILLAGE_CHIEF, "town"),
        (Post.UNIT_LEADER, "district"),
    ],
)
def test_a_post_stands_only_at_its_own_level(world, post, place):
    with pytest.raises(ValidationError) as refusal:
        world.post("某人", post, getattr(world, place))

    assert list(refusal.value.message_dict) == [place]


def test_an_end_before_the_start_is_refused_in_words(world):
    posting = chief_at(world, starts_on=TODAY)

    with pytest.raises(ValidationError) as refusal:
        end_posting(posting=posting, ends_on=YESTERDAY, actor=None, on=TODAY)

    assert len(refusal.value.messages) == 1
    posting.refresh_from_db()
    assert posting.ends_on is None


@pytest.mark.parametrize("places", [[], ["town", "village"]])
def test_a_posting_has_exactly_one_place(world, places):
    posting = Posting(cadre=world.cadre("督导"), post=Post.SUPERVISOR, starts_on=TODAY)
    for place in places:
        setattr(posting, place, getattr(world, place))

    with pytest.raises(ValidationError):
        save_posting(posting, actor=None, on=TODAY)


def test_a_helper_is_no_posting(world):
    with pytest.raises(ValidationError):
        world.post("帮扶", Post.HELPER, world.village)


# Who may ------------------------------------------------------------------------------------------


def test_posts_are_changed_by_the_office_of_the_place_or_above_and_by_nobody_else(world):
    cast = world.cast()
    posting = Posting.objects.get(cadre=cast["team_member"])
    may = set()
    for role, cadre in cast.items():
        try:
            end_posting(posting=posting, ends_on=TODAY, actor=cadre, on=TODAY)
            may.add(role)
        except PermissionDenied:
            pass

    assert may == {"supervisor", "clerk", "town_supervisor", "town_clerk"}


def test_a_town_clerk_cannot_touch_the_next_town_nor_take_a_posting_from_it(world):
    clerk = world.cast()["town_clerk"]
    foreign = chief_at(world, village=world.foreign)

    for village in (world.foreign, world.sibling):
        foreign.village = village
        with pytest.raises(PermissionDenied):
            save_posting(foreign, actor=clerk, on=TODAY)
    with pytest.raises(PermissionDenied):
        remove_posting(posting=foreign, actor=clerk, on=TODAY, reason="误录")
    assert Posting.objects.get(pk=foreign.pk).village == world.foreign


# What is written down -----------------------------------------------------------------------------


def test_starting_correcting_and_removing_a_posting_are_audited_with_before_and_after(world):
    clerk = world.cast()["clerk"]
    cadre = world.cadre("队员")
    posting = Posting(cadre=cadre, post=Post.TEAM_MEMBER, village=world.village, starts_on=LONG_AGO)
    save_posting(posting, actor=clerk, on=TODAY)
    key = str(posting.pk)
    end_posting(posting=posting, ends_on=TODAY, actor=clerk, on=TODAY, reason="调离")
    remove_posting(posting=posting, actor=clerk, on=TODAY, reason="误录")

    trail = AuditEntry.objects.filter(target_id=key, actor=clerk).order_by("pk")
    assert [entry.verb for entry in trail] == ["posting.started", "posting.corrected", "posting.removed"]
    assert (trail[1].changes, trail[1].reason) == ({"ends_on": [None, TODAY.isoformat()]}, "调离")
    assert trail[2].changes["cadre"] == [cadre.pk, None]
    assert not Posting.objects.filter(pk=key).exists()


def test_saving_without_a_change_writes_nothing_down(world):
    posting = chief_at(world)
    before = AuditEntry.objects.count()

    save_posting(posting, actor=None, on=TODAY)

    assert AuditEntry.objects.count() == before


def test_a_village_has_one_lead_unit_at_a_time_and_may_have_more_units(world):
    world.unit("区档案馆", world.village)
    second = world.unit("区财政局")
    pairing = Pairing(unit=second, village=world.village, is_lead=True, starts_on=TODAY)

    with pytest.raises(ValidationError):
        save_pairing(pairing, actor=None, on=TODAY)
    pairing.is_lead = False
    save_pairing(pairing, actor=None, on=TODAY)

    assert Pairing.objects.in_force(TODAY).filter(village=world.village).count() == 2
