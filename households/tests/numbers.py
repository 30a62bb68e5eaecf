"""Made-up personal numbers that pass their checks."""

from datetime import date

from households.identity import check_digit
from households.models import Sex

BORN = date(1968, 3, 2)


def identity_number(born_on: date = BORN, sex: Sex = Sex.MALE, area: str = "360721", serial: int = 0) -> str:
    """A number of that area, day and sex; serial 0 to 499 makes different ones."""
    body = f"{area}{born_on:%Y%m%d}{2 * serial + (sex == Sex.MALE):03}"
    return body + check_digit(body)


def certificate_number(identity: str, kind: int = 4, grade: int = 2) -> str:
    """The disability certificate that belongs to an identity number."""
    return f"{identity}{kind}{grade}"
