"""What is wrong with a person's identity number: kept beside the sealed number, which no database can compare."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from households.identity import read_identity
from households.numbers import tidy


class IdProblem(models.TextChoices):
    """The first thing found wrong."""

    NUMBER = "number", _("the number itself is mistyped")
    BIRTH = "born_on", _("it says another date of birth")
    SEX = "sex", _("it says another sex")


def problem_of(number: str, *, born_on: date | None, sex: str) -> str:
    """What is wrong with the number, alone or beside birth date and sex; empty when nothing is, or there is none."""
    if not tidy(number):
        return ""
    try:
        identity = read_identity(number, on=None)
    except ValidationError:
        return IdProblem.NUMBER
    return next(iter(identity.differs_in(born_on=born_on, sex=sex)), "")


class IdProblemField(models.CharField):
    """A verdict on the identity number, reached whenever the row is written; never assigned.

    Rows written without save() or bulk_create() ask verdict().
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fixed = {"max_length": 8, "blank": True, "default": "", "editable": False, "choices": IdProblem.choices}
        super().__init__(*args, **{**kwargs, **fixed})

    def deconstruct(self) -> Any:
        """What a migration needs."""
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "blank", "default", "editable", "choices"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs

    def verdict(self, number: str, born_on: date | None, sex: str) -> str:
        """What is wrong with that number beside that birth date and sex."""
        return str(problem_of(number, born_on=born_on, sex=sex))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Reached from the row's other columns."""
        person: Any = model_instance
        number = person.id_number.reveal() if person.id_number else ""
        problem = self.verdict(number, person.born_on, person.sex)
        setattr(model_instance, self.attname, problem)
        return problem
