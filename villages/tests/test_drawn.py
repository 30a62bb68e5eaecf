"""What a test looks past in a page, and what it still sees there."""

from uuid import UUID

import pytest

from villages.tests.drawn import without_drawn

VISIT = UUID("00131380-0014-4138-8013-138001300140")


@pytest.mark.parametrize(
    "shown",
    [
        f"<a href='/visits/{VISIT}/'>",
        f'<input name="csrfmiddlewaretoken" value="{"0138" * 16}">',
        '<a href="/households/1380/">',
        '<a href="/visits/new/?household=138&village=1">',
        '<option value="1138">',
        '<input name="received_measure_138" id="id_138">',
    ],
)
def test_keys_and_tokens_are_looked_past(shown: str) -> None:
    assert "138" not in without_drawn(shown)


@pytest.mark.parametrize(
    "shown", ["138****0014", '<a href="tel:13800000014">', '<td title="****0014">', '<input value="0014">', "尾号0014"]
)
def test_what_may_not_stand_there_is_seen(shown: str) -> None:
    assert "0014" in without_drawn(shown)
