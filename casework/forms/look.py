"""How fields look, for the forms of casework: as everywhere."""

from villages.look import PlainForm, day_field

__all__ = ["PlainForm", "day_field"]
