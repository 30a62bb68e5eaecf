"""What may be added to a visit: folded on the form, kept by corrections, never compulsory, and free when not used."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from casework.corrections import correct_visit
from casework.extras import Extras
from casework.models import Visit
from casework.tests.world import TODAY, at
from casework.visits import record_visit
from households.models import Guarantee
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


def typed(helper, **fields):
    usual = {
        "id": str(uuid.uuid4()),
        "visited_on": TODAY.isoformat(),
        "contact": "home",
        "outcome": "met",
        "visitors": [helper.pk],
        "has_problem": "no",
    }
    return usual | fields


def states(home):
    return list(Guarantee.objects.filter(household=home).order_by("kind").values_list("kind", "state", "checked_on"))


def test_a_visit_without_anything_added_has_the_digest_it_always_had(world, home, helper):
    report = world.report(home, TODAY, helper, id=uuid.UUID(int=7), note="平安")

    # Computed by the code before anything could be added.
    home.pk, helper.pk = 17, 23
    assert report.digest() == "2968edef292ab79758300ecaef028b950e196f09e892d3dd34aba7ed82cc4d45"


def test_what_is_added_changes_the_digest(world, home, helper):
    plain = world.report(home, TODAY, helper, id=uuid.UUID(int=7))
    digests = {
        world.report(home, TODAY, helper, id=uuid.UUID(int=7), extras=extras).digest()
        for extras in (
            Extras(needs="修路"),
            Extras(ideas="修路"),
            Extras(talk="night_visit"),
            Extras(latitude=Decimal("25.8"), longitude=Decimal("115.0")),
            Extras(guarantees=(("water", "met"),)),
        )
    }

    assert len(digests | {plain.digest()}) == 6


def test_the_form_takes_what_is_added_and_the_receipt_shows_it(client, home, helper):
    client.force_login(helper)
    added = {"more_needs": "修屋顶", "more_talk": "night_visit", "more_guarantee_water": "not_met"}

    answer = client.post(f"/visits/new/?household={home.pk}", typed(helper, **added), follow=True)

    shown = answer.content.decode()
    assert Visit.objects.get().guarantees == {"water": "not_met"}
    assert "修屋顶" in shown
    assert states(home) == [("water", "not_met", TODAY)]
    assert AuditEntry.objects.get(verb="guarantee.checked").actor == helper


def test_a_meeting_is_for_villages_and_a_strange_number_is_refused_in_words(client, world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    client.force_login(chief)

    wrong = client.post(f"/visits/new/?household={home.pk}", typed(chief, more_talk="evening_talk"))
    strange = client.post(f"/visits/new/?village={world.village.pk}", typed(chief, more_head_count="many"))
    right = client.post(
        f"/visits/new/?village={world.village.pk}", typed(chief, more_talk="evening_talk", more_head_count="38")
    )

    assert (wrong.status_code, strange.status_code, right.status_code) == (200, 200, 302)
    assert (Visit.objects.get().talk, Visit.objects.get().head_count) == ("evening_talk", 38)


def test_a_correction_keeps_what_its_form_does_not_name(client, world, home, helper):
    extras = Extras(
        needs="修屋顶", latitude=Decimal("25.8"), longitude=Decimal("115.0"), guarantees=(("water", "met"),)
    )
    visit = record_visit(world.report(home, TODAY, helper, extras=extras), actor=helper, now=NOW)
    client.force_login(helper)

    client.post(f"/visits/{visit.pk}/correct/", typed(helper, note="补充", reason="补充"))
    history = client.get(f"/visits/{visit.pk}/history/")

    latest = Visit.objects.current().get()
    assert (latest.note, latest.needs, latest.latitude, latest.guarantees) == (
        "补充",
        "修屋顶",
        Decimal("25.8"),
        {"water": "met"},
    )
    assert history.status_code == 200


def test_a_corrected_or_withdrawn_visit_takes_its_checks_along(world, home, helper):
    first = record_visit(
        world.report(home, TODAY, helper, extras=Extras(guarantees=(("water", "met"), ("food", "met")))),
        actor=helper,
        now=NOW,
    )
    day_before = TODAY - timedelta(days=1)
    moved = world.report(home, day_before, helper, extras=Extras(guarantees=(("water", "not_met"),)))

    second = correct_visit(first, moved, actor=helper, now=NOW, reason="日期")
    after_move = states(home)
    gone = world.report(home, day_before, helper)
    correct_visit(second, gone, actor=helper, now=NOW, reason="没有去", withdraw=True)

    assert after_move == [("water", "not_met", day_before)]
    assert states(home) == []
