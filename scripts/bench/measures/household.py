"""The page of a household with a full file, against an empty page in the same frame."""

from datetime import date, timedelta
from statistics import median

from django.utils import timezone

from bench.clients import Ask, ask
from bench.measures.run import Run, p95, sent, signed_in
from bench.table import Figure
from casework.models import Duty, Problem, Round, Visit, VisitVisitor
from households.models import (
    BenefitLink,
    BenefitYear,
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    HelperPairing,
    Household,
    Income,
    Measure,
    MonitoringCase,
    Person,
    PovertyLine,
)
from villages.models import Cadre

ROUNDS = 7
SLICE = 60
VISITS = 60
LONG_AGO, YEAR = date(2021, 1, 1), timedelta(days=365)
MEMBERS = ("head", "spouse", "son", "daughter_in_law", "grandson")
MEASURES = ("industry", "employment", "public_post", "health", "housing", "education")
NOTE = "查看了住房和饮水，一家人都在家，孩子在镇上读书，秋收已完，老人按时领药，没有别的困难。"


def measure(run: Run) -> list[Figure]:
    """Sixty requests of each page by turns."""
    home, helper = _made(run)
    cookie = signed_in([helper])[helper.pk].cookie
    pages = {run.ours: Ask(f"/households/{home.pk}/", cookie), run.reference: Ask("/reference/page/", cookie)}
    times: dict[int, list[float]] = {server.port: [] for server in pages}
    for server, page in pages.items():
        ask(server.port, [page] * 20, clients=1)
    for _round in range(ROUNDS):
        for server, page in pages.items():
            times[server.port].append(1000 * p95(ask(server.port, [page] * SLICE, clients=1).times))
    return [
        Figure(
            name="Household page, p95",
            note=f"{VISITS} visits, {len(MEMBERS)} members",
            unit="ms",
            ours=median(times[run.ours.port]),
            reference=median(times[run.reference.port]),
            bound=3,
        ),
        Figure(name="Household page, statements", unit="", ours=sent(pages[run.ours]).statements, bound=15),
    ]


def _made(run: Run) -> tuple[Household, Cadre]:
    """A new household with a full file beside another one, and its helper."""
    pairings = HelperPairing.objects.in_force(run.day).filter(is_primary=True).order_by("pk")
    beside = pairings.select_related("household", "cadre")[0]
    home = Household.objects.create(
        number=f"{beside.household.village_id}99999",
        village_id=beside.household.village_id,
        group_id=beside.household.group_id,
        head_name="谢丁生",
        members=len(MEMBERS),
        monitoring_type="unstable",
        main_cause="illness",
        risks=["illness"],
        phone="13807971234",
        register_as_of=run.day,
        registered_on=LONG_AGO,
    )
    _help(home, beside.cadre, run.day)
    _live(home, run.day)
    _support(home, run.day)
    _ask(home, run.day)
    _visit(home, beside.cadre, run.day)
    return home, beside.cadre


def _help(home: Household, helper: Cadre, day: date) -> None:
    others = Cadre.objects.exclude(pk=helper.pk).order_by("pk")[:2]
    HelperPairing.objects.create(household=home, cadre=others[0], starts_on=LONG_AGO, ends_on=day - YEAR)
    HelperPairing.objects.create(household=home, cadre=helper, starts_on=day - YEAR + timedelta(days=1))
    HelperPairing.objects.create(household=home, cadre=others[1], is_primary=False, starts_on=day - YEAR)


def _live(home: Household, day: date) -> None:
    Person.objects.bulk_create(
        Person(
            household=home,
            number=f"{home.number}{place:02}",
            name=f"谢丁{place}",
            relation=relation,
            sex="male",
            born_on=date(1960 + 12 * place, 5, 1),
            id_number=f"3607041960051{place}1234",
            phone="13807971234",
            health=["chronic"] if relation == "head" else [],
            labour_skill="ordinary",
            months_of_work=8,
            place_of_work="广东东莞",
            has_medical_insurance=True,
        )
        for place, relation in enumerate(MEMBERS)
    )
    for year in range(day.year - 3, day.year):
        PovertyLine.objects.get_or_create(year=year, defaults={"amount": 8000})
        Income.objects.create(
            household=home, year=year, wages=28_000, production=8_600, transfers=4_800, costs=2_150, as_of=day
        )
    Guarantee.objects.bulk_create(
        Guarantee(household=home, kind=kind, state=GuaranteeState.MET, checked_on=day) for kind in GuaranteeKind
    )


def _support(home: Household, day: date) -> None:
    Measure.objects.bulk_create(
        Measure(household=home, kind=kind, content="到户产业奖补", amount=3000, starts_on=day - YEAR, recorded_on=day)
        for kind in MEASURES
    )
    for form in ("dividend", "land_rent"):
        link = BenefitLink.objects.create(
            household=home, operator="村股份经济合作社", form=form, starts_on=LONG_AGO, recorded_on=day
        )
        BenefitYear.objects.bulk_create(
            BenefitYear(link=link, year=day.year - number, promised=600, received=600) for number in range(3)
        )
    MonitoringCase.objects.create(
        household=home,
        channel="cadre",
        monitoring_type="unstable",
        risks=["illness"],
        found_on=day - timedelta(days=3),
        decide_by=day + timedelta(days=12),
    )


def _ask(home: Household, day: date) -> None:
    """As if the household had been there when the running rounds opened."""
    Duty.objects.bulk_create(
        Duty(round=round, seat=seat, village_id=home.village_id, household=home)
        for round in Round.objects.running(day)
        if not round.is_for_villages
        for seat in round.seats()
    )


def _visit(home: Household, helper: Cadre, day: date) -> None:
    visits = [
        Visit(
            household=home,
            village_id=home.village_id,
            visited_on=day - timedelta(days=9 * number),
            note=NOTE,
            problem="屋顶漏雨" if number % 20 == 3 else "",
            entered_by=helper,
            received_at=timezone.now(),
        )
        for number in range(VISITS)
    ]
    Visit.objects.bulk_create(visits)
    VisitVisitor.objects.bulk_create(VisitVisitor(visit=visit, cadre=helper) for visit in visits)
    Problem.objects.bulk_create(
        Problem(
            id=visit.pk,
            visit=visit,
            household=home,
            village_id=home.village_id,
            source="visit",
            found_on=visit.visited_on,
            found_by=helper,
            recorded_at=visit.received_at,
            text=visit.problem,
        )
        for visit in visits
        if visit.problem
    )
