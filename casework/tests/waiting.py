"""Wait in a browser test for the next page, and for what a script does a moment after the page shows."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, Page

STEP_MS, STEPS = 100, 450  # 45 seconds


@contextmanager
def next_page(page: Page) -> Iterator[None]:
    """Around the tap, click or key that leads to another page: left when that page is there, whole."""
    with page.expect_event("load"):
        yield


def wait_until(page: Page, condition: str) -> None:
    """Until the condition holds, 45 seconds at most; asked from here, because the page's policy forbids eval."""
    for _step in range(STEPS):
        if holds(page, condition):
            return
        page.wait_for_timeout(STEP_MS)
    raise AssertionError(f"still not: {condition}")


def holds(page: Page, condition: str) -> bool:
    """Whether the condition holds now. A page that is just being left for the next one, or itself anew, says no."""
    try:
        return bool(page.evaluate(condition))
    except Error as error:
        if "navigation" not in error.message:
            raise
        return False
