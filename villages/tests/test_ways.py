"""An address made from its pattern is the one reverse() gives."""

from uuid import UUID

import pytest
from django.urls import reverse, set_script_prefix

from villages.ways import way_to

pytestmark = pytest.mark.core

VISIT = UUID("0198c3a2-7a1b-7c11-8a55-3f6f5b1d2e4f")


@pytest.mark.parametrize(
    ("name", "key"), [("measure", 7), ("person_reveal", 470_001), ("visit_receipt", VISIT), ("visit_history", VISIT)]
)
def test_it_is_the_address_reverse_gives(name: str, key: int | UUID) -> None:
    assert way_to(name, key) == reverse(name, args=[key])


def test_a_site_below_a_prefix_has_addresses_below_it() -> None:
    plain = way_to("measure", 7)
    try:
        set_script_prefix("/village/")
        assert way_to("measure", 7) == f"/village{plain}"
    finally:
        set_script_prefix("/")
