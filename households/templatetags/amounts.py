"""How an amount of money is said: in yuan, two decimals, a comma every three digits."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def yuan(amount: Decimal | None) -> str:
    """2,400.00; a dash when nobody knows it."""
    return "–" if amount is None else f"{amount:,.2f}"
