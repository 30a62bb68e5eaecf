"""A measure and a benefit link as tests enter them, by the verb of each kind."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from casework.tests.world import TODAY
from households.entries import Kind
from households.links import LINKS, enter_links
from households.measures import MEASURES, enter_measures
from households.models import BenefitLink, Household, LinkForm, Measure, MeasureKind
from villages.models import Cadre

KINDS = [MEASURES, LINKS]
VERBS: dict[str, Any] = {"measure": enter_measures, "link": enter_links}
# Who of the cast enters for the households of world.village.
ENTERING = {
    *("town_secretary", "chief", "first_secretary", "village_secretary", "team_member"),
    *("supervisor", "town_supervisor", "clerk", "town_clerk"),
}
# A field of the form, and another value for it.
OTHER_WORDS = {"measure": ("content", "发放鸭苗"), "link": ("operator", "别的公司")}


def chickens(**changed: Any) -> Measure:
    """A measure that is not stored yet."""
    fields = {"kind": MeasureKind.INDUSTRY, "content": "发放鸡苗50羽", "amount": Decimal("200.00"), "starts_on": TODAY}
    return Measure(**(fields | changed))


def dividend(**changed: Any) -> BenefitLink:
    """A benefit link that is not stored yet."""
    fields = {"operator": "潭埠村脐橙合作社", "form": LinkForm.DIVIDEND, "starts_on": date(2026, 1, 1)}
    return BenefitLink(**(fields | changed))


def enter(kind: Kind, actor: Cadre, *households: Household, row: Any = None, **options: Any) -> list[Any]:
    """Enter one of that kind for each of the households, with one form."""
    made = row or {"measure": chickens, "link": dividend}[kind.name]()
    fields: Any = {"batch_id": uuid.uuid4(), "actor": actor, "on": TODAY} | options
    return VERBS[kind.name](made, household_ids=[household.pk for household in households], **fields)
