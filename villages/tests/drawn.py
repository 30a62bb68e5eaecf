"""What is drawn by lot in a page, or grows from test to test, and may hold any few characters by chance."""

import re

# Keys of visits, problems and sendings, the token of a form, and rows' numbers in addresses, names and values.
DRAWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<=name=\"csrfmiddlewaretoken\" value=\")[A-Za-z0-9]{64}"
    r"|(?<=[/=:_\"-])[1-9][0-9]{0,6}(?=[/?&:\"#])"
)


def without_drawn(page: str) -> str:
    """The page without these, for whoever looks for a few digits that must not stand in it."""
    return DRAWN.sub("", page)
