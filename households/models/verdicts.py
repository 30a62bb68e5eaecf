"""What is wrong with a person's identity number: kept beside the sealed number, which no database can compare."""

import re
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

# GB 11643-1999: six digits of the area, eight of the birth date, three in sequence (odd for men), ISO 7064 MOD 11-2.
# A disability certificate begins with the identity number.
SHAPE = re.compile(r"\d{17}[\dX](\d{2}(B\d)?)?", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


class IdProblem(models.TextChoices):
    """The first thing found wrong."""

    NUMBER = "number", _("the number itself is mistyped")
    BIRTH = "born_on", _("it says another date of birth")
    SEX = "sex", _("it says another sex")


def problem_of(number: str, *, born_on: date | None, sex: str) -> str:
    """What is wrong with the number, alone or beside birth date and sex; empty when nothing is, or there is none."""
    text = "".join(number.split()).upper()
    if not text:
        return ""
    if not SHAPE.fullmatch(text):
        return IdProblem.NUMBER
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text[:17], strict=True))
    if CHECK_DIGITS[total % 11] != text[17]:
        return IdProblem.NUMBER
    try:
        says_born_on = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return IdProblem.NUMBER
    if born_on and born_on != says_born_on:
        return IdProblem.BIRTH
    if sex and sex != ("male" if int(text[16]) % 2 else "female"):
        return IdProblem.SEX
    return ""


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
