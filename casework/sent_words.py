"""A visit as it was sent, or what was added to one, line by line in words."""

from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.confirmations import MEASURE
from casework.extras import LINES, NOTHING_MORE, Extras
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
        _line("visitors", _(", ").join(names.get(pk, f"? {pk}") for pk in sent.visitor_ids)),
        _line("note", sent.note),
        _line("problem", sent.problem),
        *lines_of_extras(sent.extras),
        Line(str(Confirmation._meta.verbose_name), "；".join(_answers(sent))),
        *(Line(name, str(sent.content[name])) for name in sent.unknown_fields),
    ]
    return [line for line in found if line.text]


def lines_of_extras(extras: Extras) -> list[Line]:
    """What was added beside the usual fields."""
    if extras == NOTHING_MORE:
        return []
    talk = Talk(extras.talk).label if extras.talk in Talk.values else extras.talk
    found = [
        _line("talk", talk),
        _line("head_count", "" if extras.head_count is None else extras.head_count),
        *(_line(name, getattr(extras, name)) for name in LINES),
        _line("guarantees", guarantees_in_words(extras.guarantees)),
        Line(_("Position, given freely"), position_in_words(extras)),
    ]
    return [line for line in found if line.text]


def position_in_words(extras: Extras) -> str:
    """Where it was, in degrees, and how accurate that is; a map is not asked, so that nobody else learns of it."""
    if extras.latitude is None or extras.longitude is None:
        return ""
    place = f"{extras.latitude:.6f}, {extras.longitude:.6f}"
    if extras.accuracy is None:
        return place
    return _("%(place)s (accurate to %(metres)s m)") % {"place": place, "metres": extras.accuracy}


def _line(name: str, text: object) -> Line:
    return Line(str(Visit._meta.get_field(name).verbose_name), str(text))  # type: ignore[union-attr]


def guarantees_in_words(said: tuple[tuple[str, str], ...]) -> str:
    """Each guarantee with its state."""
    kinds: dict[str, Any] = dict(GuaranteeKind.choices)
    states: dict[str, Any] = dict(GuaranteeState.choices)
    return "；".join(f"{kinds.get(kind, kind)}：{states.get(state, state)}" for kind, state in said)


def _answers(sent: Sent) -> list[str]:
    """Only yes and no: what the measures are, the household's page tells who may know."""
    kinds = {MEASURE: str(Measure._meta.verbose_name)}
    other = str(BenefitLink._meta.verbose_name)
    return [f"{kinds.get(said.sort, other)} {said.pk}：{Received(said.answer).label}" for said in sent.confirmations]
