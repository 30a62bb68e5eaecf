"""Who needs the sensitive part of a household's file: health, and what concerns its children.

Source of the rule: the Personal Information Protection Law (个人信息保护法), articles 6, 28 and 31: sensitive data only
as far as a task needs them; data of minors under 14 are sensitive, and the register draws the line at 18. The task is
at the door and at the office's desk: those who work with the family, and those who keep the record.
"""

from datetime import date
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from households.models import HelperPairing, Household, Person
from villages import reach
from villages.models import Cadre, Post, Village

# Posts in the village itself. Leaders above and partner units answer for coverage, not for a family's illness.
DOOR_POSTS = frozenset(
    {Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER, Post.TEAM_MEMBER}
)
NEEDING_POSTS = frozenset({*DOOR_POSTS, *reach.CLERKS})

SENSITIVE = frozenset({"health"})
SENSITIVE_OF_MINORS = SENSITIVE | {"born_on", "id_number", "schooling", "phone", "bank_account", "place_of_work"}


def worked_with(cadre: Cadre, on: date) -> QuerySet[Household]:
    """Households the cadre works with that day: those helped, and those of the places of a post that needs them."""
    if cadre.is_superuser:
        return Household.objects.all()
    helping = HelperPairing.objects.in_force(on).filter(cadre=cadre, household=OuterRef("pk"))
    code: Any = OuterRef("village_id")
    places = [code, Left(code, 9, output_field=CharField()), Left(code, 6, output_field=CharField())]
    posts = reach.own_postings(cadre, on).filter(post__in=NEEDING_POSTS, place_code__in=places)
    return Household.objects.filter(Q(Exists(posts)) | Q(Exists(helping)))


def is_worked_with(cadre: Cadre, on: date, of: str = "") -> Q:
    """The condition that a household (reached by the prefix `of`) is one of worked_with(), asked from the places.

    For many rows: the few villages and families are found once, and not each household of the register looked at.
    """
    if cadre.is_superuser:
        return Q(**{f"{of}pk__isnull": False})
    code: Any = OuterRef("code")
    places = [code, OuterRef("town_id"), Left(code, 6, output_field=CharField())]
    posts = reach.own_postings(cadre, on).filter(post__in=NEEDING_POSTS, place_code__in=places)
    villages = Village.objects.filter(Exists(posts)).order_by().values("code")
    helped = HelperPairing.objects.in_force(on).filter(cadre=cadre).order_by().values("household")
    return Q(**{f"{of}village__code__among": villages}) | Q(**{f"{of}pk__among": helped})


def works_with(cadre: Cadre, household: Household, on: date) -> bool:
    """Whether the cadre works with the family that day. Ask once a page, not once a person."""
    return worked_with(cadre, on).filter(pk=household.pk).exists()


def sensitive_fields(person: Person, on: date) -> frozenset[str]:
    """Fields to be left out for who may not see the sensitive part. Without a birth date as for a child."""
    is_known_adult = person.born_on is not None and not person.is_minor(on)
    return SENSITIVE if is_known_adult else SENSITIVE_OF_MINORS


def is_like_a_child(person: Person, on: date) -> bool:
    """Whether everything about the person is kept to those who work with the family: a child, or of unknown age."""
    return sensitive_fields(person, on) == SENSITIVE_OF_MINORS
