"""What a mask shows, and what it must never show."""

import pytest

from households.masking import masked_account, masked_id, masked_id_beside_birth, masked_phone

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("mask", "number", "shown"),
    [
        (masked_id, "360721195001011234", "360721********1234"),
        (masked_id, "12345", "*****"),
        (masked_id_beside_birth, "360721195001011234", "360721************"),
        (masked_id_beside_birth, "12345", "*****"),
        (masked_phone, "13812345678", "138****5678"),
        (masked_phone, "07974441", "079*4441"),
        (masked_phone, "4441234", "*******"),
        (masked_account, "6222020000001234567", "**** 4567"),
        (masked_account, "1234", "****"),
    ],
)
def test_a_mask_shows_head_and_tail_of_long_numbers_only(mask: object, number: str, shown: str) -> None:
    assert callable(mask)
    assert mask(number) == shown
