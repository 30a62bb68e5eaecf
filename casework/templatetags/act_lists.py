"""What a line of a day plan says."""

from django import template

from casework.lists.base import ActList, Line, Words

register = template.Library()


@register.filter
def told(line: Line, act_list: ActList) -> list[tuple[Words, str]]:
    """Column and cell, where the cell says something."""
    pairs = zip(act_list.columns, line.cells, strict=True)
    return [(column, cell) for column, cell in pairs if cell and cell != "–"]
