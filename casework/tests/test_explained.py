"""Tests of the sentences that say how a figure is counted: they follow the round's own rule."""

from datetime import date

import pytest
from django.utils.translation import override

from casework.explained import how_counted, how_unseen
from casework.models import Round, TargetKind
from villages.models import Post


def a_round(**rule: object) -> Round:
    dates = {"starts_on": date(2026, 10, 1), "due_on": date(2026, 10, 31), "last_credit_on": date(2026, 10, 31)}
    return Round(
        posts=[Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY], target_kind=TargetKind.RURAL_HOUSEHOLD, **dates, **rule
    )


@pytest.mark.parametrize(
    ("rule", "said", "not_said"),
    [
        ({"is_any_post": True}, "any one of big village chief, First Secretary", "each of"),
        ({"is_any_post": False}, "each of big village chief, First Secretary", "any one of"),
        ({"counts_away_by_phone": True}, "also by phone", "missing"),
        ({"counts_away_by_phone": False}, "every rural household", "also by phone"),
        ({"contacts": ["phone", "home"]}, "home visit or phone", "elsewhere"),
        ({"outcomes": ["met", "refused"]}, "met or refused", "nobody home"),
        ({"grace_days": 3}, "they still count", "missing"),
        ({"grace_days": 0}, "all required but the excused", "they still count"),
    ],
)
def test_the_sentence_follows_the_rounds_rule(rule: dict[str, object], said: str, not_said: str) -> None:
    with override("en"):
        sentence = how_counted(a_round(**rule))

    assert said in sentence
    assert not_said not in sentence


def test_the_sentence_is_whole_in_chinese() -> None:
    with override("zh-hans"):
        assert how_counted(a_round()).startswith(
            "应访：大村长、第一书记各自自2026年10月1日至2026年10月31日走访每户农户"
        )
        assert "90天内" in how_unseen(90)
