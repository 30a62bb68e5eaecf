"""A person of a household (家庭成员), as the national register knows them."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models.categories import OUT_OF_SCHOOL, Education, LabourSkill, Relation, Schooling, Sex
from households.models.households import Household
from households.models.sealed import BlindIndexField, SealedField
from households.models.verdicts import IdProblemField
from villages.models import Cadre
from villages.models.words import Words

ADULT_AGE = 18
# Nobody born earlier was of school age when this system began.
BORN_SINCE = date(2010, 1, 1)


class PersonQuerySet(models.QuerySet):
    """Persons."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Persons of the households the cadre sees on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(household__in=Household.objects.visible_to(cadre, on))

    def registered(self, on: date) -> Self:
        """Persons who belong to their household that day."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))

    def with_identity(self) -> Self:
        """Persons whose identity number is recorded. Say so when you look for one: its index has no others."""
        return self.exclude(id_index="")


class Person(models.Model):
    """A member of a household by the national number (人编号).

    The numbers of identity card, telephone and bank account are sealed. `id_index` finds an identity number,
    `id_tail_index` its last four characters; `id_problem` says what is wrong with it. `health` is a list of Health
    values.
    """

    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="persons")
    number = models.CharField(
        _("person number"),
        max_length=30,
        error_messages={"unique": _("A person with this number is already in the register.")},
    )
    name = Words(_("full name"), max_length=50)
    initials = models.CharField(_("pinyin initials"), max_length=20, blank=True, editable=False)
    relation = models.CharField(_("relation to the head"), max_length=30, choices=Relation)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex, blank=True)
    born_on = models.DateField(_("born on"), null=True, blank=True)
    id_number = SealedField(_("identity number"), kind="id")
    id_index = BlindIndexField(_("index of the identity number"), of="id_number")
    id_tail_index = BlindIndexField(_("index of its last four"), of="id_number", tail=4)
    id_problem = IdProblemField(_("what is wrong with the identity number"))
    ethnicity = Words(_("ethnicity"), max_length=20, blank=True)
    education = models.CharField(_("education"), max_length=12, choices=Education, blank=True)
    schooling = models.CharField(_("schooling"), max_length=16, choices=Schooling, blank=True)
    health = models.JSONField(_("health"), default=list, blank=True)
    labour_skill = models.CharField(_("labour skill"), max_length=10, choices=LabourSkill, blank=True)
    months_of_work = models.PositiveSmallIntegerField(_("months of work in the year"), null=True, blank=True)
    place_of_work = Words(_("place of work"), max_length=100, blank=True)
    has_medical_insurance = models.BooleanField(_("medical insurance"), null=True, blank=True)
    has_major_illness_insurance = models.BooleanField(_("major-illness insurance"), null=True, blank=True)
    has_pension = models.BooleanField(_("pension insurance"), null=True, blank=True)
    has_minimum_allowance = models.BooleanField(_("minimum living allowance"), null=True, blank=True)
    has_destitute_support = models.BooleanField(_("destitute support"), null=True, blank=True)
    phone = SealedField(_("telephone"), kind="phone")
    bank_account = SealedField(_("bank account"), kind="account")
    identified_on = models.DateField(_("identified on"), null=True, blank=True)
    left_on = models.DateField(_("left the household on"), null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ["household", "pk"]
        indexes = [
            # Equal names and the list in their order (names.InIndexOrder) are all it is asked for; comparing characters
            # instead of words of a language is less work. Some of a name's characters: person_name_characters.
            models.Index(fields=["name"], name="person_by_name", opclasses=["varchar_pattern_ops"]),
            # Not db_index: that makes a second one beside it, for beginnings, which digests are never asked by. On
            # PostgreSQL both are of the kind for equal values alone (migration 0016): a digest stands anywhere among
            # the others, and putting it in its place is the dearest part of storing a person.
            models.Index(fields=["id_index"], condition=~Q(id_index=""), name="person_by_identity"),
            models.Index(fields=["id_tail_index"], condition=~Q(id_index=""), name="person_by_identity_tail"),
            # By prefix, which the usual order of a language does not serve.
            models.Index(fields=["initials"], name="person_by_initials", opclasses=["varchar_pattern_ops"]),
            # The contradictions of households/quality, which are few among very many persons.
            models.Index(fields=["household"], condition=~Q(id_problem=""), name="persons_with_wrong_identity"),
            models.Index(
                fields=["household"],
                condition=Q(has_medical_insurance__isnull=True) | Q(has_major_illness_insurance__isnull=True),
                name="persons_of_unknown_insurance",
            ),
            models.Index(
                fields=["household"], condition=Q(identified_on__lt=F("born_on")), name="persons_identified_unborn"
            ),
            models.Index(
                fields=["born_on"],
                condition=Q(born_on__gte=BORN_SINCE, schooling__in=OUT_OF_SCHOOL),
                name="children_out_of_school",
            ),
        ]
        constraints = [
            # Not unique=True: that makes a second index beside it, for beginnings. This one finds equal numbers and
            # beginnings alike; only in their order it does not list them, which is never asked.
            models.UniqueConstraint(fields=["number"], name="person_number_once", opclasses=["varchar_pattern_ops"]),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation="head", left_on__isnull=True),
                name="one_head_per_household",
                violation_error_message=_("This household has a head already. Change that person's relation first."),
            ),
            models.CheckConstraint(
                condition=Q(months_of_work__isnull=True) | Q(months_of_work__lte=12),
                name="person_works_at_most_twelve_months",
                violation_error_message=_("A year has twelve months. Correct the months of work."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(born_on__isnull=True) | Q(left_on__gte=F("born_on")),
                name="person_left_after_birth",
                violation_error_message=_("The person cannot leave before being born. Correct one of the two dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def age_on(self, day: date) -> int | None:
        """Completed years on that day; None without a date of birth."""
        if self.born_on is None:
            return None
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))

    def is_minor(self, day: date) -> bool:
        """Whether the person is under eighteen: children's data are sensitive (PIPL, article 28)."""
        age = self.age_on(day)
        return age is not None and age < ADULT_AGE
