"""What is done for the made-up exited and monitored households, and who shares earnings with them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple
from uuid import UUID

from casework.demo.chance import day_between
from casework.demo.district import Demo
from casework.demo.persons import Family
from casework.demo.rows import pour_all
from casework.demo.staff import Staff
from casework.demo.words import FARMING, OPERATORS, PUBLIC_POSTS
from households.models import BenefitLink, BenefitYear, LinkForm, Measure, MeasureKind, Person, Source
from villages.models import Post

LINK_YEARS = 2


class What(NamedTuple):
    """A measure before it has a place in the table."""

    kind: str
    content: str
    provider: str
    amount: int | None
    starts_on: date
    ends_on: date | None
    person: str = ""
    result: str = ""


class MeasureRow(NamedTuple):
    """A row of the measures' table."""

    household_id: int
    person_id: int | None
    kind: str
    content: str
    provider: str
    project: str
    amount: Decimal | None
    starts_on: date
    ends_on: date | None
    result: str
    source: str
    batch: UUID
    recorded_by_id: int | None
    recorded_on: date


class LinkRow(NamedTuple):
    """A row of the benefit links' table."""

    household_id: int
    operator: str
    form: str
    starts_on: date
    ends_on: date | None
    source: str
    batch: UUID
    recorded_by_id: int | None
    recorded_on: date


class LinkYearRow(NamedTuple):
    """A row of the table of what links promised and brought."""

    link_id: int
    year: int
    promised: Decimal
    received: Decimal


def make_measures(demo: Demo, staff: Staff, families: list[Family]) -> None:
    """Pour the measures, those for one person with that person."""
    named = {number for family in families for number in family.workers[:1] + family.pupils[:1]}
    persons = Person.objects.exclude(household__base_type="ordinary", household__monitoring_type="")
    pks = {number: pk for number, pk in persons.values_list("number", "pk").iterator() if number in named}
    pour_all(Measure, MeasureRow._fields, _measures(demo, staff, families, pks))


def _measures(demo: Demo, staff: Staff, families: list[Family], pks: dict[str, int]) -> Iterator[MeasureRow]:
    rng = demo.draws("measures")
    for family in families:
        clerk = staff.holder(Post.CLERK, [family.home.village_id[:9]], demo.on)
        for what in _for(rng, family, demo.on):
            entered_on = min(what.starts_on + timedelta(days=rng.randint(1, 20)), demo.on)
            yield MeasureRow(
                household_id=family.home.pk,
                person_id=pks.get(what.person),
                kind=what.kind,
                content=what.content,
                provider=what.provider,
                project="",
                amount=None if what.amount is None else Decimal(what.amount),
                starts_on=what.starts_on,
                ends_on=what.ends_on,
                result=what.result,
                source=Source.OFFICE,
                batch=UUID(int=rng.getrandbits(128), version=4),
                recorded_by_id=clerk,
                recorded_on=entered_on,
            )


def _for(rng: Random, family: Family, on: date) -> Iterator[What]:
    """The measures of one household: whoever can work gets one that lets them earn."""
    yield from _to_earn(rng, family, on)
    last_year = on.year - 1
    if family.is_exited and rng.random() < 0.25:
        built_on = day_between(rng, date(2016, 3, 1), date(2019, 10, 31))
        house = What(MeasureKind.HOUSING, "危房改造（新建）", "区住房和城乡建设局", 22_000, built_on, built_on)
        yield house._replace(ends_on=built_on + timedelta(days=150), result="已竣工验收并入住")
    if family.is_exited and rng.random() < 0.6:
        yield _of_year(MeasureKind.HEALTH, "城乡居民医疗保险参保资助", "区医疗保障局", 380, on.year)
    if family.pupils and rng.random() < 0.8:
        pupil = family.pupils[0]
        grant = _of_year(MeasureKind.EDUCATION, "家庭经济困难学生生活补助", "区教育科技体育局", 1_250, last_year)
        yield grant._replace(person=pupil, result="已按学期发放")
    if family.has_allowance:
        yield _of_year(MeasureKind.SOCIAL_SECURITY, "农村最低生活保障", "区民政局", None, on.year)


def _to_earn(rng: Random, family: Family, on: date) -> Iterator[What]:
    if family.workers:
        worker = family.workers[0]
        if rng.random() < 0.75:
            travel = _of_year(MeasureKind.EMPLOYMENT, "外出务工一次性交通补贴", "区人力资源和社会保障局", 500, on.year)
            yield travel._replace(person=worker)
        else:
            job = _of_year(MeasureKind.PUBLIC_POST, rng.choice(PUBLIC_POSTS), "乡镇人民政府", 9_600, on.year)
            yield job._replace(person=worker)
    if (family.has_labour and not family.workers) or rng.random() < 0.3:
        content = f"{rng.choice(FARMING)}产业奖补"
        yield _of_year(MeasureKind.INDUSTRY, content, "区农业农村局", rng.randrange(8, 50) * 100, on.year)
    if family.has_labour and rng.random() < 0.12:
        begun_on = day_between(rng, date(on.year - 2, 1, 10), on - timedelta(days=30))
        loan = What(MeasureKind.FINANCE, "脱贫人口小额信贷", "区农村商业银行", 50_000, begun_on, None)
        yield loan._replace(ends_on=begun_on + timedelta(days=3 * 365))


def _of_year(kind: str, content: str, provider: str, amount: int | None, year: int) -> What:
    """A measure that has run since the year before and runs to the end of the year."""
    return What(kind, content, provider, amount, date(year - 1, 7, 1), date(year, 12, 31))


def make_links(demo: Demo, staff: Staff, families: list[Family]) -> None:
    """Pour the benefit links of nearly every second exited household, and their last years."""
    rng = demo.draws("links")
    linked = [family for family in families if family.is_exited and rng.random() < 0.45]
    rows = [_link(rng, staff, family, demo.on) for family in linked]
    pour_all(BenefitLink, LinkRow._fields, rows)
    pks = BenefitLink.objects.order_by("household").values_list("pk", "form")
    pour_all(BenefitYear, LinkYearRow._fields, _years(rng, list(pks), demo.on.year))


def _link(rng: Random, staff: Staff, family: Family, on: date) -> LinkRow:
    form = rng.choices(list(LinkForm), (25, 40, 15, 15, 5))[0]
    starts_on = date(rng.randint(2018, on.year - LINK_YEARS - 1), rng.randint(1, 12), 1)
    return LinkRow(
        household_id=family.home.pk,
        operator=rng.choice(OPERATORS),
        form=form,
        starts_on=starts_on,
        ends_on=None,
        source=Source.OFFICE,
        batch=UUID(int=rng.getrandbits(128), version=4),
        recorded_by_id=staff.holder(Post.CLERK, [family.home.village_id[:9]], starts_on),
        recorded_on=starts_on + timedelta(days=14),
    )


def _years(rng: Random, links: list[tuple[int, str]], year: int) -> Iterator[LinkYearRow]:
    for pk, form in links:
        promised = rng.randrange(3, 12) * 100 * (8 if form == LinkForm.WAGES else 1)
        for past in range(year - LINK_YEARS, year):
            received = promised if rng.random() < 0.85 else promised * rng.randrange(5, 10) // 10
            yield LinkYearRow(pk, past, Decimal(promised), Decimal(received))
