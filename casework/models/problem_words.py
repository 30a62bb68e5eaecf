"""What can be said of a problem: where it came from, its class, its difficulty, its states and the moves."""

from django.db import models
from django.utils.translation import pgettext_lazy


class ProblemSource(models.TextChoices):
    """How a problem came to light."""

    VISIT = "visit", pgettext_lazy("source of a problem", "visit")
    TALK = "talk", pgettext_lazy("source of a problem", "evening talk")
    INSPECTION = "inspection", pgettext_lazy("source of a problem", "inspection")
    HOTLINE = "hotline", pgettext_lazy("source of a problem", "hotline")
    NATIONAL = "national", pgettext_lazy("source of a problem", "national finding")


class ProblemKind(models.TextChoices):
    """What a problem is about: the two assurances and three guarantees, work and income, the village, the rest."""

    HOUSING = "housing", pgettext_lazy("class of a problem", "safe housing")
    WATER = "water", pgettext_lazy("class of a problem", "drinking water")
    SCHOOLING = "schooling", pgettext_lazy("class of a problem", "schooling")
    HEALTH = "health", pgettext_lazy("class of a problem", "medical care")
    SECURITY = "security", pgettext_lazy("class of a problem", "social security")
    EMPLOYMENT = "employment", pgettext_lazy("class of a problem", "employment")
    INDUSTRY = "industry", pgettext_lazy("class of a problem", "industry")
    ROADS = "roads", pgettext_lazy("class of a problem", "roads and infrastructure")
    SURROUNDINGS = "surroundings", pgettext_lazy("class of a problem", "living conditions")
    DISPUTE = "dispute", pgettext_lazy("class of a problem", "disputes")
    POLICY = "policy", pgettext_lazy("class of a problem", "policy not carried out")
    OTHER = "other", pgettext_lazy("class of a problem", "other")


class Difficulty(models.TextChoices):
    """Who can solve a problem at all."""

    SPOT = "spot", pgettext_lazy("difficulty", "on the spot")
    VILLAGE = "village", pgettext_lazy("difficulty", "by the village")
    TOWN = "town", pgettext_lazy("difficulty", "by the town")
    DISTRICT = "district", pgettext_lazy("difficulty", "by the district")


class Level(models.TextChoices):
    """The level at which a problem stands."""

    VILLAGE = "village", pgettext_lazy("level", "village")
    TOWN = "town", pgettext_lazy("level", "town")
    DISTRICT = "district", pgettext_lazy("level", "district")


class ProblemState(models.TextChoices):
    """How far a problem has come."""

    FOUND = "found", pgettext_lazy("state of a problem", "found")
    ASSIGNED = "assigned", pgettext_lazy("state of a problem", "assigned")
    IN_PROGRESS = "in_progress", pgettext_lazy("state of a problem", "in progress")
    DONE = "done", pgettext_lazy("state of a problem", "done, to be verified")
    VERIFIED = "verified", pgettext_lazy("state of a problem", "verified")
    RETURNED = "returned", pgettext_lazy("state of a problem", "returned")
    CLOSED = "closed", pgettext_lazy("state of a problem", "closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a problem", "withdrawn")


class Move(models.TextChoices):
    """What can be done with a problem."""

    ASSIGN = "assign", pgettext_lazy("problem", "assign")
    PROGRESS = "progress", pgettext_lazy("problem", "report progress")
    SOLVE = "solve", pgettext_lazy("problem", "report as done")
    VERIFY = "verify", pgettext_lazy("problem", "verify")
    CLOSE = "close", pgettext_lazy("problem", "close")
    RETURN = "return", pgettext_lazy("problem", "return")
    EXTEND = "extend", pgettext_lazy("problem", "extend the deadline")
    ESCALATE = "escalate", pgettext_lazy("problem", "take one level up")
    WITHDRAW = "withdraw", pgettext_lazy("problem", "withdraw")
    FIND_AGAIN = "find_again", pgettext_lazy("problem", "named by the visit again")
    REWORD = "reword", pgettext_lazy("problem", "reworded by a correction of the visit")
    UNNAME = "unname", pgettext_lazy("problem", "no longer named by the visit")


class View(models.TextChoices):
    """What the household, or the village, says of the solution."""

    SATISFIED = "satisfied", pgettext_lazy("view", "satisfied")
    PARTLY = "partly", pgettext_lazy("view", "partly satisfied")
    UNSATISFIED = "unsatisfied", pgettext_lazy("view", "not satisfied")
    NOT_ASKED = "not_asked", pgettext_lazy("view", "not asked")
