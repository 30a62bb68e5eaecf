"""What a file says of a household is packed small, and read again, also as it was packed before."""

import zlib

from households.register_import.packing import USUAL, opened, packed, unpacked, written

VALUES = {
    "household": {"village": "360721100201", "members": 2, "phone": None},
    "fields": "name relation health",
    "persons": {"36072100001": ['王\\小"明"', "head", ["healthy"]], "36072100002": ["李红", "spouse", []]},
    "said": "",
    "told": "name",
    "refused": [],
}


def test_values_come_back_as_they_were_packed():
    assert opened(packed(VALUES)) == opened(memoryview(packed(VALUES))) == VALUES
    assert len(packed(VALUES)) < len(written(VALUES)) / 2


def test_names_of_fields_are_kept_once_and_come_back_with_each_person():
    found = unpacked(packed(VALUES))

    assert found["persons"]["36072100002"] == {"name": "李红", "relation": "spouse", "health": []}
    assert (found["told"], found["said"]) == (["name"], ["village", "members", "phone"])


def test_what_was_packed_by_zlib_is_read_as_before():
    with_words = zlib.compressobj(1, zlib.DEFLATED, 12, 5, zlib.Z_DEFAULT_STRATEGY, USUAL)

    for packing in (with_words, zlib.compressobj()):
        assert opened(packing.compress(written(VALUES)) + packing.flush()) == VALUES


def test_keys_of_rows_that_an_import_replaced_are_packed_as_texts():
    assert opened(packed({"persons": {7: {"name": "李红"}}})) == {"persons": {"7": {"name": "李红"}}}


def test_the_words_that_pieces_point_to_never_change():
    assert (len(USUAL), zlib.crc32(USUAL)) == (1_642, 1_317_208_394)
