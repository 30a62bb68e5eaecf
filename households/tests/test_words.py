"""Words of fields and values, by language."""

import pytest
from django.utils.translation import override

from households.models import Measure, Person, Risk
from households.words import in_words, word_of, words_of

pytestmark = pytest.mark.core


def test_a_value_is_called_as_django_would_call_it() -> None:
    person = Person(relation="spouse", sex="female")

    for language in ("zh-hans", "en"):
        with override(language):
            assert in_words(person, "relation") == person.get_relation_display()  # type: ignore[attr-defined]
            assert in_words(person, "sex") == person.get_sex_display()  # type: ignore[attr-defined]


def test_a_value_the_set_no_longer_knows_is_shown_as_it_is_stored() -> None:
    assert in_words(Measure(kind="barter"), "kind") == "barter"


def test_a_field_is_called_by_its_name_in_the_language_of_the_reader() -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            assert words_of(Person).label("phone") == str(Person._meta.get_field("phone").verbose_name)  # type: ignore[union-attr]


def test_a_value_of_a_set_is_called_by_its_label_and_an_unknown_one_as_it_is_stored() -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            assert word_of(Risk, "illness") == str(Risk.ILLNESS.label)
            assert word_of(Risk, "weather") == "weather"
