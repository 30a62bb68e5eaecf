"""Who may open which address: one policy for every URL name. A name that is missing here fails a test."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from django.urls import reverse

from casework import shell


class Who(Enum):
    """Who may open a page at all."""

    PUBLIC = "anybody, signed in or not"
    SIGNED_IN = "whoever is signed in"
    SUPERVISOR = "supervisors, at or below their own place"
    ENTERING = "whoever enters measures: the office, posts of the village and town, helpers for their households"
    OFFICE = "supervisors and clerks, at or below their own place"
    AT_THE_DOOR = "the office, and who works with the family: its helpers and the posts of its village"
    ACTING = "helpers of the household, posts of its village, offices of its town and district"
    CHECKER = "helpers of the household and posts of its village"
    DISTRICT = "the district's office"
    PROVINCE = "whoever holds posts over several whole districts"
    REVIEWING = "the office, leaders and chiefs, at or below their own place"
    VILLAGE_POST = "posts of the household's village"
    THIS_MACHINE = "whoever asks from the machine itself, or brings the token of the metrics"
    VISITOR = "who went on the visit"
    IN_REACH = "whoever sees the row behind the page; for all others it does not exist"


class Shows(Enum):
    """Which row a page shows, and so whose visible_to() decides; hidden rows answer 404."""

    NOTHING = "no row of a place"
    HOUSEHOLD = "a household, its visits or its duties"
    VILLAGE = "a village"
    ROUND = "a round"
    REMINDER = "somebody's own reminder"
    FLAG = "a question about a visit: for who went, and the supervisors of the place"
    DESK = "what only the office of the place sees, and whose it is"


class Sample(NamedTuple):
    """Keys of rows that belong together at one place, to build addresses from."""

    household: int
    village: str
    round: int
    visit: uuid.UUID
    reminder: int
    person: int
    measure: int
    measure_batch: uuid.UUID
    link: int
    link_batch: uuid.UUID
    case: int
    held: uuid.UUID
    flag: int
    phone: int
    label: str
    photo: uuid.UUID
    problem: uuid.UUID
    bulletin: int
    draft: int
    recheck: int
    note: int
    posting: int
    pairing: int
    year: int = 2026


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may, which row is shown, how the address is built, and what it answers.

    `answers` is the status for those who may, `refuses` for those who see the row but may not,
    `hides` for those who do not see it, `strangers` for whoever is not signed in.
    """

    who: Who
    address: Callable[[Sample], str]
    shows: Shows = Shows.NOTHING
    method: str = "GET"
    data: Callable[[Sample], dict[str, Any]] | None = None
    answers: int = 200
    refuses: int = 403
    hides: int = 404
    strangers: int = 302


def page(name: str, *keys: str, query: str = "") -> Callable[[Sample], str]:
    """The address of a page: its name, the keys of the sample it takes, and a query made of keys."""

    def address(sample: Sample) -> str:
        found = reverse(name, args=[getattr(sample, key) for key in keys])
        return f"{found}?{query.format(**sample._asdict())}" if query else found

    return address


def _visit_report(sample: Sample) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "household": sample.household, "visited_on": "2026-10-15"}


def _hello(sample: Sample) -> dict[str, Any]:
    return {"phone": PHONE, "app_version": "1"}


def _batch(sample: Sample) -> dict[str, Any]:
    """A visit that cannot be read is answered all the same."""
    return {"phone": PHONE, "app_version": "1", "visits": [{"id": str(uuid.uuid4())}]}


def _explained(sample: Sample) -> dict[str, Any]:
    return {"reason": "written_later"}


def _quality_list(sample: Sample) -> str:
    return f"{reverse('quality_list', args=['income_missing'])}?place={sample.village}"


def _act_page(name: str) -> Callable[[Sample], str]:
    """A page of a list to act on, at the sample's village."""
    return lambda sample: f"{reverse(name, args=['unseen'])}?place={sample.village}"


def _quality_export(sample: Sample) -> str:
    return f"{reverse('quality_export', args=['income_missing'])}?place={sample.village}"


def _taken_step(sample: Sample) -> dict[str, Any]:
    """A step that the sample's case has behind it."""
    return {"step": "check", "done_on": "2026-10-15", "people": "—", "note": "—", "is_authorised": True}


def _taking_back(sample: Sample) -> dict[str, Any]:
    """Of a case that has not come so far."""
    return {"step": "revoke", "reason": "—"}


def _correct_check(sample: Sample) -> str:
    return reverse("case_step_correct", args=[sample.case, "check"])


PHONE = "0b6c4d0e-5d0e-4a55-9f5e-7a3a5f6b1c2d"
HOUSEHOLD, VILLAGE, ROUND, REMINDER, DESK = Shows.HOUSEHOLD, Shows.VILLAGE, Shows.ROUND, Shows.REMINDER, Shows.DESK
ONE_HOUSEHOLD, ONE_VILLAGE = "household={household}", "place={village}"

POLICIES: dict[str, Policy] = {
    # One entry for the whole panel: its own has_*_permission methods ask the posts, row by row.
    "admin:": Policy(Who.OFFICE, page("admin:index"), refuses=404),
    "login": Policy(Who.PUBLIC, page("login")),
    "healthz": Policy(Who.PUBLIC, page("healthz")),
    "readyz": Policy(Who.PUBLIC, page("readyz")),
    # The tests ask from the same machine, so that everybody may; casework/tests/test_metrics.py asks from elsewhere.
    "metrics": Policy(Who.THIS_MACHINE, page("metrics"), strangers=200),
    # The phone's shell holds nobody's data: it must open, and be kept, before and after the login.
    "phone": Policy(Who.PUBLIC, page("phone")),
    "phone_script": Policy(Who.PUBLIC, lambda _sample: reverse("phone_script", args=[shell.version()])),
    "service_worker": Policy(Who.PUBLIC, page("service_worker")),
    "manifest": Policy(Who.PUBLIC, page("manifest")),
    "set_language": Policy(Who.PUBLIC, page("set_language"), method="POST", answers=302),
    "logout": Policy(Who.SIGNED_IN, page("logout"), method="POST", answers=302),
    "home": Policy(Who.SIGNED_IN, page("home")),
    "search": Policy(Who.SIGNED_IN, page("search")),
    "household": Policy(Who.IN_REACH, page("household", "household"), HOUSEHOLD),
    "household_reveal": Policy(Who.AT_THE_DOOR, page("household_reveal", "household"), HOUSEHOLD),
    "person_reveal": Policy(Who.AT_THE_DOOR, page("person_reveal", "person"), HOUSEHOLD),
    "household_visits": Policy(Who.IN_REACH, page("household_visits", "household"), HOUSEHOLD),
    "household_file": Policy(Who.IN_REACH, page("household_file", "household"), HOUSEHOLD),
    "household_handbook": Policy(Who.IN_REACH, page("household_handbook", "household"), HOUSEHOLD),
    "village": Policy(Who.IN_REACH, page("village", "village"), VILLAGE),
    "visit_new": Policy(Who.IN_REACH, page("visit_new", query=ONE_HOUSEHOLD), HOUSEHOLD),
    "counts_for": Policy(Who.IN_REACH, page("counts_for", query=ONE_HOUSEHOLD), HOUSEHOLD, method="POST"),
    "visit_receipt": Policy(Who.IN_REACH, page("visit_receipt", "visit"), HOUSEHOLD),
    "visit_history": Policy(Who.IN_REACH, page("visit_history", "visit"), HOUSEHOLD),
    # Besides the office: whoever went, or typed the visit in. The matrix test asks as somebody else.
    "visit_correct": Policy(Who.OFFICE, page("visit_correct", "visit"), HOUSEHOLD),
    # Like a correction; an empty form leads back to the receipt.
    "photo_new": Policy(Who.IN_REACH, page("photo_new", "visit"), HOUSEHOLD, "POST", answers=302),
    "photo": Policy(Who.IN_REACH, page("photo", "photo"), HOUSEHOLD),
    "problems": Policy(Who.SIGNED_IN, page("problems")),
    "problem": Policy(Who.IN_REACH, page("problem", "problem"), HOUSEHOLD),
    "problem_new": Policy(Who.IN_REACH, page("problem_new", query=ONE_HOUSEHOLD), HOUSEHOLD),
    "rounds": Policy(Who.SIGNED_IN, page("rounds")),
    "round": Policy(Who.IN_REACH, page("round", "round"), ROUND),
    "round_open": Policy(Who.SUPERVISOR, page("round_open")),
    "round_preview": Policy(Who.SUPERVISOR, page("round_preview"), method="POST"),
    "round_close": Policy(Who.SUPERVISOR, page("round_close", "round"), ROUND),
    "coverage_home": Policy(Who.SIGNED_IN, page("coverage_home")),
    "coverage_unseen": Policy(Who.IN_REACH, page("coverage_unseen", query=ONE_VILLAGE), HOUSEHOLD),
    "coverage_unseen_list": Policy(Who.IN_REACH, page("coverage_unseen_list", query=ONE_VILLAGE), HOUSEHOLD),
    "coverage_vacant": Policy(Who.IN_REACH, page("coverage_vacant", query=ONE_VILLAGE), HOUSEHOLD),
    # The sample's round is open: its figures are those of the coverage page.
    "coverage_closing": Policy(
        Who.IN_REACH, page("coverage_closing", "round", query=ONE_VILLAGE), HOUSEHOLD, answers=302
    ),
    "coverage": Policy(Who.IN_REACH, page("coverage", "round", query=ONE_VILLAGE), HOUSEHOLD),
    "coverage_wall": Policy(Who.IN_REACH, page("coverage_wall", "round", query=ONE_VILLAGE), HOUSEHOLD),
    "coverage_trend": Policy(Who.IN_REACH, page("coverage_trend", "round", query=ONE_VILLAGE), HOUSEHOLD),
    "visit_trend": Policy(Who.IN_REACH, page("visit_trend", query=ONE_VILLAGE), HOUSEHOLD),
    "visit_list": Policy(Who.IN_REACH, page("visit_list", query=ONE_VILLAGE), HOUSEHOLD),
    "coverage_list": Policy(Who.IN_REACH, page("coverage_list", "round", query=ONE_VILLAGE), HOUSEHOLD),
    "province": Policy(Who.PROVINCE, page("province")),
    # The bulletin of a sample is released, the draft is not: it is there for its office alone.
    "bulletins": Policy(Who.SIGNED_IN, page("bulletins")),
    "bulletin_new": Policy(Who.OFFICE, page("bulletin_new")),
    "bulletin_preview": Policy(Who.OFFICE, page("bulletin_preview"), method="POST"),
    "bulletin": Policy(Who.IN_REACH, page("bulletin", "bulletin"), ROUND),
    "bulletin_sheet": Policy(Who.IN_REACH, page("bulletin_sheet", "bulletin"), ROUND),
    "bulletin_workbook": Policy(Who.IN_REACH, page("bulletin_workbook", "bulletin"), ROUND),
    "bulletin_edit": Policy(Who.IN_REACH, page("bulletin_edit", "draft"), DESK),
    "bulletin_release": Policy(Who.IN_REACH, page("bulletin_release", "draft"), DESK),
    "bulletin_recount": Policy(Who.IN_REACH, page("bulletin_recount", "draft"), DESK, "POST", answers=302),
    "bulletin_withdraw": Policy(Who.OFFICE, page("bulletin_withdraw", "bulletin"), ROUND),
    "bulletin_correct": Policy(Who.OFFICE, page("bulletin_correct", "bulletin"), ROUND, "POST", answers=302),
    "quality": Policy(Who.IN_REACH, page("quality", query=ONE_VILLAGE), HOUSEHOLD),
    "quality_list": Policy(Who.IN_REACH, _quality_list, HOUSEHOLD),
    "quality_export": Policy(Who.OFFICE, _quality_export, HOUSEHOLD),
    "act_lists": Policy(Who.SIGNED_IN, page("act_lists")),
    "act_list": Policy(Who.IN_REACH, _act_page("act_list"), HOUSEHOLD),
    "act_plan": Policy(Who.IN_REACH, _act_page("act_plan"), HOUSEHOLD),
    "act_export": Policy(Who.OFFICE, _act_page("act_export"), HOUSEHOLD),
    # Besides the office: whom it names, and whoever went once it is answered. The matrix test asks as somebody else.
    "recheck": Policy(Who.IN_REACH, page("recheck", "recheck"), DESK),
    "note": Policy(Who.IN_REACH, page("note", "note"), VILLAGE),
    "note_new": Policy(Who.REVIEWING, page("note_new", query=ONE_VILLAGE), VILLAGE),
    # Besides the office: the two holders. The matrix test asks as somebody else.
    "handover_post": Policy(Who.IN_REACH, page("handover_post", "posting"), DESK),
    "handover_helper": Policy(Who.IN_REACH, page("handover_helper", "pairing"), DESK),
    "inbox": Policy(Who.SIGNED_IN, page("inbox")),
    "reminder": Policy(Who.IN_REACH, page("reminder", "reminder"), REMINDER),
    "reminder_read": Policy(Who.IN_REACH, page("reminder_read", "reminder"), REMINDER, method="POST", answers=302),
    "inbox_settings": Policy(Who.SIGNED_IN, page("inbox_settings")),
    # The sample's reminder has no lines: the page leads back to it.
    "reminder_not_mine": Policy(Who.IN_REACH, page("reminder_not_mine", "reminder"), REMINDER, answers=302),
    "reminder_run": Policy(Who.OFFICE, page("reminder_run")),
    "reminder_log": Policy(Who.OFFICE, page("reminder_log")),
    "reminder_effects": Policy(Who.OFFICE, page("reminder_effects")),
    "reminder_reports": Policy(Who.SIGNED_IN, page("reminder_reports")),
    "flags": Policy(Who.SIGNED_IN, page("flags")),
    "matters": Policy(Who.SIGNED_IN, page("matters")),
    "flag_explain": Policy(Who.VISITOR, page("flag_explain", "flag"), Shows.FLAG),
    "held": Policy(Who.SIGNED_IN, page("held")),
    "held_visit": Policy(Who.IN_REACH, page("held_visit", "held"), DESK),
    "held_import": Policy(Who.OFFICE, page("held_import")),
    "phones": Policy(Who.SIGNED_IN, page("phones")),
    "phone_cut_off": Policy(Who.IN_REACH, page("phone_cut_off", "phone"), DESK),
    "labels": Policy(Who.ENTERING, page("labels", "village"), VILLAGE),
    "label": Policy(Who.IN_REACH, page("label", "label"), HOUSEHOLD, answers=302),
    "measure_list": Policy(Who.IN_REACH, page("measure_list", query=ONE_VILLAGE), VILLAGE),
    "measure_choose": Policy(Who.ENTERING, page("measure_choose", query=ONE_VILLAGE), VILLAGE),
    "measure_new": Policy(Who.ENTERING, page("measure_new", query=ONE_HOUSEHOLD), HOUSEHOLD),
    "measure_end": Policy(Who.ENTERING, page("measure_end", query=ONE_VILLAGE), VILLAGE),
    "measure_batch": Policy(Who.IN_REACH, page("measure_batch", "measure_batch"), HOUSEHOLD),
    "measure": Policy(Who.IN_REACH, page("measure", "measure"), HOUSEHOLD),
    "link_list": Policy(Who.IN_REACH, page("link_list", query=ONE_VILLAGE), VILLAGE),
    "link_choose": Policy(Who.ENTERING, page("link_choose", query=ONE_VILLAGE), VILLAGE),
    "link_new": Policy(Who.ENTERING, page("link_new", query=ONE_HOUSEHOLD), HOUSEHOLD),
    "link_end": Policy(Who.ENTERING, page("link_end", query=ONE_VILLAGE), VILLAGE),
    "link_batch": Policy(Who.IN_REACH, page("link_batch", "link_batch"), HOUSEHOLD),
    "link": Policy(Who.IN_REACH, page("link", "link"), HOUSEHOLD),
    "link_years": Policy(Who.ENTERING, page("link_years", "link", "year"), HOUSEHOLD),
    # The case of a sample has been appraised: the village's turn.
    "cases": Policy(Who.SIGNED_IN, page("cases")),
    "case": Policy(Who.IN_REACH, page("case", "case"), HOUSEHOLD),
    "case_open": Policy(Who.ACTING, page("case_open", "household"), HOUSEHOLD),
    "case_correct": Policy(Who.ACTING, page("case_correct", "case"), HOUSEHOLD),
    "case_step_correct": Policy(Who.CHECKER, _correct_check, HOUSEHOLD),
    "case_reject": Policy(Who.VILLAGE_POST, page("case_reject", "case"), HOUSEHOLD),
    "case_take_back": Policy(Who.DISTRICT, page("case_take_back", "case"), HOUSEHOLD, answers=302),
    "case_notice": Policy(Who.IN_REACH, page("case_notice", "case"), HOUSEHOLD),
    # The API answers in JSON: 403 for strangers, not a way to the login page.
    "api_visits": Policy(
        Who.IN_REACH, page("api_visits"), HOUSEHOLD, "POST", _visit_report, answers=201, hides=400, strangers=403
    ),
    "api_counts_for": Policy(
        Who.IN_REACH, page("api_counts_for"), HOUSEHOLD, "POST", _visit_report, hides=400, strangers=403
    ),
    "api_schema": Policy(Who.SIGNED_IN, page("api_schema"), strangers=403),
    "api_docs": Policy(Who.SIGNED_IN, page("api_docs")),
    "api_problems": Policy(Who.SIGNED_IN, page("api_problems"), strangers=403),
    "api_rounds": Policy(Who.SIGNED_IN, page("api_rounds"), strangers=403),
    "api_coverage": Policy(Who.IN_REACH, page("api_coverage", "round"), ROUND, strangers=403),
    "api_bulletins": Policy(Who.SIGNED_IN, page("api_bulletins"), strangers=403),
    "api_bulletin": Policy(Who.IN_REACH, page("api_bulletin", "bulletin"), ROUND, strangers=403),
    "api_progress": Policy(Who.IN_REACH, page("api_progress", "round"), ROUND, strangers=403),
    # A phone: whose visits they are, and whether they can be stored, is answered visit by visit.
    "api_phone_session": Policy(Who.SIGNED_IN, page("api_phone_session"), strangers=403),
    "api_phone_hello": Policy(Who.SIGNED_IN, page("api_phone_hello"), method="POST", data=_hello, strangers=403),
    "api_phone_caseload": Policy(
        Who.IN_REACH, page("api_phone_caseload", query="scope=village:{village}"), VILLAGE, strangers=403
    ),
    "api_phone_visits": Policy(Who.SIGNED_IN, page("api_phone_visits"), method="POST", data=_batch, strangers=403),
    "api_phone_photos": Policy(
        Who.SIGNED_IN, page("api_phone_photos"), method="POST", data=_hello, answers=415, strangers=403
    ),
    "api_phone_flag": Policy(
        Who.VISITOR, page("api_phone_flag", "flag"), Shows.FLAG, "POST", _explained, refuses=404, strangers=403
    ),
    "api_cases": Policy(Who.SIGNED_IN, page("api_cases"), strangers=403),
    "api_case": Policy(Who.IN_REACH, page("api_case", "case"), HOUSEHOLD, strangers=403),
    "api_case_steps": Policy(
        Who.CHECKER, page("api_case_steps", "case"), HOUSEHOLD, "POST", _taken_step, answers=409, strangers=403
    ),
    "api_case_take_back": Policy(
        Who.DISTRICT, page("api_case_take_back", "case"), HOUSEHOLD, "POST", _taking_back, answers=409, strangers=403
    ),
}
