"""Made-up Chinese names: common surnames of the region and common given names, put together by chance."""

from random import Random

from casework.demo.words import SURNAMES

# How common they are: the first ten make up half of the villagers.
SURNAME_WEIGHTS = [60 - 5 * min(rank, 9) - min(rank, 14) // 2 if rank < 30 else 4 for rank in range(len(SURNAMES))]
GENERATIONS = list("运观水福有冬石昌传声远学昭显宗承祥云禄茂")
MALE = list("伟勇明辉亮林根生发财旺全和良才材华煌文")
MALE_FIRST = list("志永立晓小俊振光树宏子远")
FEMALE = list("英凤珍红玉香莲燕萍芳琴娟慧静婷妹秀云")
FEMALE_FIRST = list("秀桂玉美丽小雪冬菊月金水凤素")


def surname(rng: Random) -> str:
    """A surname, the common ones more often."""
    return rng.choices(SURNAMES, SURNAME_WEIGHTS)[0]


def cadre_name(rng: Random) -> str:
    """A full name; two in five are women's."""
    return surname(rng) + (_female(rng) if rng.random() < 0.4 else _male(rng))


def clan(rng: Random) -> tuple[str, list[str]]:
    """The families of one villager group: its surname and the generation characters in use."""
    return surname(rng), rng.sample(GENERATIONS, 3)


def head_of(rng: Random, family: tuple[str, list[str]]) -> str:
    """A head of household of that clan: most men of one generation share a character (字辈)."""
    family_name, generations = family
    if rng.random() < 0.12:
        return surname(rng) + (_female(rng) if rng.random() < 0.6 else _male(rng))
    if rng.random() < 0.1:
        return family_name + _female(rng)
    return family_name + rng.choice(generations) + rng.choice(MALE)


def surname_of(name: str) -> str:
    """The family's name in a full name; a few have two characters."""
    return name[:2] if name[:2] in SURNAMES else name[:1]


def is_womans(name: str) -> bool:
    """Whether a made-up name is a woman's: no last character is used for both."""
    return name[-1] in FEMALE


def given_name(rng: Random, *, is_woman: bool) -> str:
    """A given name."""
    return _female(rng) if is_woman else _male(rng)


def _male(rng: Random) -> str:
    return rng.choice(MALE_FIRST) + rng.choice(MALE)


def _female(rng: Random) -> str:
    return rng.choice(FEMALE_FIRST) + rng.choice(FEMALE)
