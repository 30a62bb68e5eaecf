"""How fields look: the same in every app."""

from villages.look import PlainForm, day_field

__all__ = ["PlainForm", "day_field"]
