"""A visit as it was sent, line by line in words, for whoever decides about it."""

from typing import NamedTuple

from django.utils.formats import date_format

from casework.confirmations import MEASURE
from casework.extras import LINES
from casework.models import Confirmation, Visit
from casework.models.confirmations import Received
from casework.models.visits import Contact, Outcome, Talk
from casework.sent import Sent
from households.models import BenefitLink, GuaranteeKind, GuaranteeState, Measure
from villages.models import Cadre


class Line(NamedTuple):
    """What it is, and what was said."""

    label: str
    text: str


def lines_of(sent: Sent) -> list[Line]:
    """Everything in it that is not empty; what only a later version understands stands last, as it came."""
    names = dict(Cadre.objects.filter(pk__in=sent.visitor_ids).values_list("pk", "name"))
    found = [
        _line("visited_on", date_format(sent.visited_on)),
        _line("contact", f"{Contact(sent.contact).label} · {Outcome(sent.outcome).label}"),
        _line("visitors", "、".join(names.get(pk, f"? {pk}") for pk in sent.visitor_ids)),
        _line("talk", Talk(sent.extras.talk).label if sent.extras.talk in Talk.values else sent.extras.talk),
        _line("note", sent.note),
        _line("problem", sent.problem),
        *(_line(name, getattr(sent.extras, name)) for name in LINES),
        _line("guarantees", "；".join(_guarantee(*said) for said in sent.extras.guarantees)),
        Line(str(Confirmation._meta.verbose_name), "；".join(_answers(sent))),
        *(Line(name, str(sent.content[name])) for name in sent.unknown_fields),
    ]
    return [line for line in found if line.text]


def _line(name: str, text: object) -> Line:
    return Line(str(Visit._meta.get_field(name).verbose_name), str(text))  # type: ignore[union-attr]


def _guarantee(kind: str, state: str) -> str:
    kinds, states = dict(GuaranteeKind.choices), dict(GuaranteeState.choices)
    return f"{kinds.get(kind, kind)}：{states.get(state, state)}"


def _answers(sent: Sent) -> list[str]:
    """Only yes and no: what the measures are, the household's page tells who may know."""
    kinds = {MEASURE: str(Measure._meta.verbose_name)}
    other = str(BenefitLink._meta.verbose_name)
    return [f"{kinds.get(said.sort, other)} {said.pk}：{Received(said.answer).label}" for said in sent.confirmations]
