"""The cells of a list's row, each with what it says."""

from django import template

from casework.lists.base import ActList, Line, Words

register = template.Library()


@register.filter
def labelled(line: Line, act_list: ActList) -> list[tuple[Words, str]]:
    """Every cell with the words of its column: on a phone a line is a card."""
    return list(zip(act_list.columns, line.cells, strict=True))


@register.filter
def told(line: Line, act_list: ActList) -> list[tuple[Words, str]]:
    """Column and cell, where the cell says something."""
    pairs = zip(act_list.columns, line.cells, strict=True)
    return [(column, cell) for column, cell in pairs if cell and cell != "–"]
