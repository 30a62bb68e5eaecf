"""Personal numbers in free text are noticed however they are written, and other numbers are left alone."""

import pytest

from villages.personal_numbers import has_personal_number, without_personal_numbers

pytestmark = pytest.mark.core

IDENTITY = "360721196803021234"


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        f"证件{IDENTITY}号",
        f"{IDENTITY[:-1]}x",
        f"{IDENTITY}42",
        f"{IDENTITY}42B1",
        "360721680302123",
        "13879791234",
        "360721 1968 0302 1234",
        "360721-19680302-123X",
        "138 7979 1234",
        "３６０７２１１９６８０３０２１２３４",
        "13879791234，13879791235",
        "借了5,000元，电话 138 7979 1234",
        "13879791234元",
        "6222027777010031876",
        "卡号6217 0012 3456 7893",
        "卡号6217-0012-3456-7890-122",
    ],
)
def test_a_personal_number_is_noticed_and_starred(text: str) -> None:
    assert has_personal_number(text)
    assert not has_personal_number(without_personal_numbers(text))
    assert "*" in without_personal_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "刘福生",
        "36070410120000002",
        "导出 2026-10-15 1030.csv",
        "12800.50",
        "2019-06-01 2020-07-01",
        "0797-4431234",
        "务工1500，2000，300元",
        "补助 1,500.00 2,000.00 3,000.00",
        "总投资138,000,000元",
        "1380 1500 200元",
        "务工6200，2000，1500，3000，5000",
        "6217 0012 3456",
        "户编号6217001234567894",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not has_personal_number(text)
    assert without_personal_numbers(text) == text


def test_only_the_number_is_starred() -> None:
    assert without_personal_numbers(f"张三{IDENTITY}-2.xlsx") == f"张三{'*' * 18}-2.xlsx"
