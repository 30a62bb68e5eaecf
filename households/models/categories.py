"""The category sets of the national register, each word as the register writes it in Chinese.

Source: the export of the national monitoring system (全国防返贫监测信息系统). Rules change by year: VALID_FROM and
VALID_UNTIL say which words are newer or older than the others.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sex(models.TextChoices):
    """Sex (性别)."""

    MALE = "male", _("male")
    FEMALE = "female", _("female")


class Relation(models.TextChoices):
    """Relation to the head of the household (与户主关系)."""

    HEAD = "head", _("head")
    SPOUSE = "spouse", _("spouse")
    SON = "son", _("son")
    DAUGHTER = "daughter", _("daughter")
    SON_IN_LAW = "son_in_law", _("son-in-law")
    DAUGHTER_IN_LAW = "daughter_in_law", _("daughter-in-law")
    GRANDSON = "grandson", _("grandson")
    GRANDDAUGHTER = "granddaughter", _("granddaughter")
    MATERNAL_GRANDSON = "maternal_grandson", _("daughter's son")
    MATERNAL_GRANDDAUGHTER = "maternal_granddaughter", _("daughter's daughter")
    FATHER = "father", _("father")
    MOTHER = "mother", _("mother")
    FATHER_IN_LAW = "father_in_law", _("father-in-law")
    MOTHER_IN_LAW = "mother_in_law", _("mother-in-law")
    GRANDFATHER = "grandfather", _("grandfather")
    GRANDMOTHER = "grandmother", _("grandmother")
    BROTHER = "brother", _("brother")
    SISTER = "sister", _("sister")
    OTHER = "other", pgettext_lazy("relation", "other")


class Education(models.TextChoices):
    """Education (文化程度)."""

    ILLITERATE = "illiterate", _("illiterate or semi-literate")
    PRIMARY = "primary", pgettext_lazy("education", "primary school")
    JUNIOR = "junior", pgettext_lazy("education", "junior secondary school")
    SENIOR = "senior", pgettext_lazy("education", "senior secondary school")
    COLLEGE = "college", _("junior college")
    BACHELOR = "bachelor", _("bachelor or above")


class Schooling(models.TextChoices):
    """Whether and where a person is at school (在校生状况)."""

    NONE = "none", _("not at school")
    PRESCHOOL_AGE = "preschool_age", _("below school age")
    PRESCHOOL = "preschool", _("preschool")
    PRIMARY = "primary", pgettext_lazy("schooling", "primary school")
    GRADE_7 = "grade_7", _("grade 7")
    GRADE_8 = "grade_8", _("grade 8")
    GRADE_9 = "grade_9", _("grade 9")
    SENIOR_1 = "senior_1", _("senior secondary, year 1")
    SENIOR_2 = "senior_2", _("senior secondary, year 2")
    SENIOR_3 = "senior_3", _("senior secondary, year 3")
    VOCATIONAL_1 = "vocational_1", _("secondary vocational, year 1")
    VOCATIONAL_2 = "vocational_2", _("secondary vocational, year 2")
    VOCATIONAL_3 = "vocational_3", _("secondary vocational, year 3")
    COLLEGE = "college", _("vocational college")
    BACHELOR = "bachelor", _("undergraduate")
    GRADUATE = "graduate", _("postgraduate")


COMPULSORY_SCHOOLING = frozenset({Schooling.PRIMARY, Schooling.GRADE_7, Schooling.GRADE_8, Schooling.GRADE_9})

# What is no schooling for a child of school age.
OUT_OF_SCHOOL = ["", Schooling.NONE.value, Schooling.PRESCHOOL_AGE.value, Schooling.PRESCHOOL.value]


class Health(models.TextChoices):
    """State of health (健康状况); a person may have several."""

    HEALTHY = "healthy", _("healthy")
    CHRONIC = "chronic", _("long-term chronic illness")
    SERIOUS = "serious", _("serious illness")
    DISABLED = "disabled", _("disabled")


class LabourSkill(models.TextChoices):
    """Labour skill (劳动技能)."""

    SKILLED = "skilled", _("skilled labour")
    ORDINARY = "ordinary", _("ordinary labour")
    WEAK = "weak", _("weak or partial labour")
    LOST = "lost", _("lost the ability to work")
    NONE = "none", _("no labour")


LABOUR = frozenset({LabourSkill.SKILLED, LabourSkill.ORDINARY})


class Cause(models.TextChoices):
    """Cause of poverty (致贫原因): one main cause, up to two more."""

    ILLNESS = "illness", _("illness")
    DISABILITY = "disability", _("disability")
    SCHOOLING = "schooling", _("schooling costs")
    DISASTER = "disaster", _("disaster")
    LAND = "land", _("lack of land")
    WATER = "water", _("lack of water")
    TECHNIQUE = "technique", _("lack of technical skill")
    LABOUR = "labour", _("lack of labour")
    MONEY = "money", _("lack of money")
    TRAFFIC = "traffic", _("poor roads")
    DRIVE = "drive", _("lack of own drive")
    OTHER = "other", pgettext_lazy("cause", "other")


class Risk(models.TextChoices):
    """Risk of falling back into poverty (返贫致贫风险): up to five."""

    ILLNESS = "illness", _("illness")
    DISABILITY = "disability", _("disability")
    SCHOOLING = "schooling", _("schooling costs")
    DISASTER = "disaster", _("natural disaster")
    ACCIDENT = "accident", _("accident")
    PROJECT = "project", _("failed industry project")
    EMPLOYMENT = "employment", _("unstable employment")
    LABOUR = "labour", pgettext_lazy("risk", "lack of labour")
    OTHER = "other", pgettext_lazy("risk", "other")


MOST_RISKS, MOST_OTHER_CAUSES = 5, 2
# Years in which the register uses a word; a word not named here has always been used.
VALID_FROM: dict[models.TextChoices, int] = {Risk.EMPLOYMENT: 2021, Risk.PROJECT: 2021}
VALID_UNTIL: dict[models.TextChoices, int] = {}


def in_year(choices: type[models.TextChoices], year: int) -> list[tuple[str, str]]:
    """The words of a set that the register uses in that year, as choices of a form."""
    return [
        (choice.value, choice.label)
        for choice in choices
        if VALID_FROM.get(choice, year) <= year <= VALID_UNTIL.get(choice, year)
    ]


class Source(models.TextChoices):
    """Where a fact of the household file comes from; every block of the file names it."""

    REGISTER = "register", _("national register")
    DEPARTMENT = "department", _("department's data")
    VISIT = "visit", _("visit to the household")
    OFFICE = "office", _("entered by the office")
