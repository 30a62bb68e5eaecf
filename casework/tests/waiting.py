"""Wait in a browser test for what a script does a moment after the page shows."""

from playwright.sync_api import Page

STEP_MS, STEPS = 100, 100


def wait_until(page: Page, condition: str) -> None:
    """Until the condition holds, ten seconds at most; asked from here, because the page's policy forbids eval."""
    for _step in range(STEPS):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(STEP_MS)
    raise AssertionError(f"still not: {condition}")
