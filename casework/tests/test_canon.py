"""The digest that phone and server agree on: the example of docs/phone.md, and what must not change it."""

import pytest

from casework.canon import digest_of, tidied

EXAMPLE = {
    "id": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    "household": 17,
    "village": None,
    "visited_on": "2026-10-15",
    "contact": "home",
    "outcome": "met",
    "visitors": [12, 7],
    "note": '屋顶漏雨，"已报"。\n儿子在家',
    "problem": "",
    "confirmations": [{"measure": 5, "answer": "yes"}, {"link": 3, "answer": "no"}],
    "needs": "修屋顶",
    "position": {"latitude": "25.861234", "longitude": "115.012345", "accuracy": 35},
    "guarantees": {"water": "met", "housing": "not_met"},
    "filled_at": "2026-10-15T09:30:00+08:00",
}


def test_the_example_of_the_contract():
    assert digest_of(EXAMPLE) == "9ec3318270677505fca01761ca9240cd95f12669af46a1e54e7ccbd682bb9214"


def test_order_and_emptiness_do_not_change_it():
    other = dict(reversed(EXAMPLE.items())) | {
        "visitors": [7, 12],
        "ideas": None,
        "talk": "",
        "digest": "x",
        "filled_at": 1,
    }

    assert digest_of(other) == digest_of(EXAMPLE)


def test_zero_and_no_are_something():
    assert digest_of(EXAMPLE | {"head_count": 0}) != digest_of(EXAMPLE) != digest_of(EXAMPLE | {"is_x": False})


@pytest.mark.parametrize(
    "content", [{"a": "\0"}, {"\0": 1}, {"a": "\ud800"}, {"a": float("nan")}, {"a": [[[[[[[[1]]]]]]]]}]
)
def test_what_cannot_be_kept_is_an_error(content):
    with pytest.raises(ValueError):
        digest_of(content)


def test_texts_are_tidied_as_on_the_phone():
    assert tidied(" e\u0301\r\n\tb\rc\x07\ufeff　") == "é\n b\nc"
