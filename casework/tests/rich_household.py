"""One household with everything a file can hold, made up, for the tests and pictures of its page."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from casework.tests.world import TODAY, World, at
from households.models import (
    BenefitLink,
    BenefitYear,
    CaseStep,
    Channel,
    ExitRecord,
    Guarantee,
    Income,
    Measure,
    MonitoringCase,
    MonitoringType,
    Person,
    PovertyLine,
    Sex,
)
from households.persons import save_person
from households.tests.numbers import identity_number
from villages.models import Cadre, Post

REGISTER_DAY = date(2026, 6, 30)
OPERATORS = ("潭埠村股份经济合作社", "绿源甜叶菊专业合作社", "王母渡镇果业公司")
FORMS = ("dividend", "land_rent", "orders")
PHONE, SONS_PHONE, ACCOUNT = "13807971234", "13607975678", "6226100020003456"
AWAY = {"labour_skill": "ordinary", "months_of_work": 10, "place_of_work": "广东东莞"}


class RichHousehold:
    """Five members, three years of income, six guarantees, six measures, two links, three helpers, many visits."""

    def __init__(self, world: World, *, rows: int = 3, visits: int = 5) -> None:
        """`rows` is how many of each kind of row there are."""
        self.world, self.rows = world, rows
        self.household = world.household(
            "谢丁生",
            members=5,
            house="樟树下老屋",
            monitoring_type=MonitoringType.UNSTABLE,
            main_cause="illness",
            other_causes=["labour", "schooling"],
            risks=["illness", "employment"],
            risk_identified_on=date(2025, 11, 3),
            is_risk_cleared=False,
            identified_on=date(2014, 3, 1),
            has_safe_water=False,
            has_dangerous_house=False,
            phone=PHONE,
            natural_village="樟树下",
            register_as_of=REGISTER_DAY,
        )
        self.persons = self._persons()
        self._living()
        self._measures()
        self._monitoring()
        self.helper = self._helpers()
        self.chief = world.post("谢村长", Post.VILLAGE_CHIEF, world.village)
        self._visits(visits)

    def _persons(self) -> list[Person]:
        told: list[tuple[str, str, Sex, date, dict[str, Any]]] = [
            (
                "谢丁生",
                "head",
                Sex.MALE,
                date(1959, 3, 12),
                {"health": ["chronic"], "bank_account": ACCOUNT, "labour_skill": "weak"},
            ),
            ("曾桂香", "spouse", Sex.FEMALE, date(1962, 7, 20), {"health": ["healthy"]}),
            ("谢志强", "son", Sex.MALE, date(1988, 11, 3), {"phone": SONS_PHONE, **AWAY}),
            ("谢雨欣", "granddaughter", Sex.FEMALE, date(2018, 5, 12), {"schooling": "primary"}),
            ("谢浩然", "grandson", Sex.MALE, date(2021, 9, 15), {"schooling": "preschool"}),
        ]
        return [
            save_person(
                Person(
                    household=self.household,
                    number=f"{self.household.number}{place:02}",
                    name=name,
                    relation=relation,
                    sex=sex,
                    born_on=born_on,
                    id_number=identity_number(born_on, sex),
                    ethnicity="汉族",
                    education="primary" if born_on.year < 2000 else "",
                    has_medical_insurance=True,
                    has_pension=born_on.year < 2000,
                    **more,
                ),
                actor=None,
                on=TODAY,
            )
            for place, (name, relation, sex, born_on, more) in enumerate(told, start=1)
        ]

    def _living(self) -> None:
        for place in range(self.rows):
            year = 2025 - place
            PovertyLine.objects.get_or_create(year=year, defaults={"amount": Decimal(8500 - 300 * place)})
            Income.objects.create(
                household=self.household,
                year=year,
                wages=Decimal(28_000 - 2_000 * place),
                production=Decimal("8600.50"),
                property_income=Decimal(600),
                transfers=Decimal(4_800),
                costs=Decimal(2_150),
                per_head=Decimal("7970.10") - 500 * place,
                source="register",
                as_of=date(year, 12, 31),
            )
        checks = [
            ("food", "met", "", "visit", date(2026, 9, 3)),
            ("clothing", "met", "", "visit", date(2026, 9, 3)),
            ("education", "met", "", "department", date(2026, 9, 1)),
            ("medical", "met", "", "register", REGISTER_DAY),
            ("housing", "met", "B", "department", date(2025, 4, 18)),
        ]
        for kind, state, grade, source, day in checks:
            Guarantee.objects.create(
                household=self.household, kind=kind, state=state, housing_grade=grade, source=source, checked_on=day
            )

    def _measures(self) -> None:
        told = [
            ("industry", "甜叶菊种植奖补 3 亩", None, 3000, date(2026, 3, 1), date(2026, 11, 30)),
            ("public_post", "村保洁公益性岗位", 1, 4800, date(2026, 1, 1), date(2026, 12, 31)),
            ("health", "慢性病签约服务和送药", 0, None, date(2025, 5, 1), None),
            ("compulsory_education", "义务教育生活补助", 3, 1250, date(2026, 9, 1), date(2027, 7, 10)),
            ("employment", "务工交通补贴", 2, 500, date(2025, 2, 1), date(2025, 12, 31)),
            ("housing", "危房改造", None, 23_000, date(2017, 4, 1), date(2018, 1, 20)),
        ]
        for kind, content, person, amount, starts_on, ends_on in told[: 2 * self.rows]:
            Measure.objects.create(
                household=self.household,
                person=None if person is None else self.persons[person],
                kind=kind,
                content=content,
                amount=amount,
                provider="镇乡村振兴办",
                project="到户产业奖补" if kind == "industry" else "",
                starts_on=starts_on,
                ends_on=ends_on,
                result="已验收，住上新房" if kind == "housing" else "",
                recorded_on=starts_on,
            )
        for place in range(self.rows):
            link = BenefitLink.objects.create(
                household=self.household,
                operator=OPERATORS[place],
                form=FORMS[place],
                starts_on=date(2021 + place, 1, 1),
                recorded_on=date(2026, 2, 10),
            )
            for year in range(2026, 2026 - self.rows, -1):
                received = None if year == 2026 else Decimal(600)
                BenefitYear.objects.create(link=link, year=year, promised=Decimal(600), received=received)

    def _monitoring(self) -> None:
        ExitRecord.objects.create(
            household=self.household, village=self.household.village, approved_on=date(2018, 11, 20)
        )
        case = MonitoringCase.objects.create(
            household=self.household,
            channel=Channel.CADRE,
            monitoring_type=MonitoringType.UNSTABLE,
            risks=["illness"],
            found_on=date(2026, 10, 8),
            state="noticed",
            decide_by=date(2026, 10, 23),
            notice_from=date(2026, 10, 11),
            notice_until=date(2026, 10, 16),
        )
        for place, step in enumerate(["check", "appraise", "notice"][: self.rows]):
            CaseStep.objects.create(
                case=case, step=step, done_on=date(2026, 10, 9 + place), people="谢村长、钟水生", recorded_at=at(TODAY)
            )

    def _helpers(self) -> Cadre:
        household, world = self.household, self.world
        world.help("刘运发", household, date(2021, 3, 1), date(2024, 2, 29))
        helper = world.help("钟水生", household, date(2024, 3, 1))
        for _second in range(self.rows - 2):
            world.help("赖小兰", household, date(2025, 6, 1), is_primary=False)
        return helper

    def _visits(self, number: int) -> None:
        for place in range(number):
            day = date(2026, 10, 12) - timedelta(days=9 * place)
            self.world.visit(
                self.household,
                day,
                self.helper,
                *([self.chief] if place % 2 else []),
                note="老人按时服药，玉米已收，孙女开学顺利。" if place % 3 else "问了药费报销，材料已带回镇里。",
                problem="厨房屋顶漏雨，雨天不能生火" if place == 1 else "",
                contact="phone" if place % 4 == 2 else "home",
            )
