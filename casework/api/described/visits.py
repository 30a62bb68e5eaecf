"""The schema of visits: report one, ask what it would count for, list those in reach."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.described.examples import (
    HOUSEHOLD,
    NOT_READ,
    NUMBER,
    TOWN,
    VILLAGE,
    VISIT,
    VISITORS,
    in_query,
    request,
)
from casework.api.visits import CountsForView, VisitSerializer, VisitsView
from casework.models import Contact, Outcome

TAGS = ["visits"]
REPORT = {
    "id": VISIT,
    "household": HOUSEHOLD,
    "visited_on": "2026-10-15",
    "contact": "home",
    "outcome": "met",
    "visitors": list(VISITORS),
    "note": "屋顶漏雨，已报修。",
}


class VisitorSerializer(serializers.Serializer):
    """Somebody who went."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ListedVisitSerializer(serializers.Serializer):
    """The latest version of a visit, without free text."""

    id = serializers.UUIDField()
    replaces = serializers.UUIDField(allow_null=True, help_text=_("The version that this one corrects."))
    household = serializers.IntegerField(allow_null=True)
    household_number = serializers.CharField(allow_null=True, help_text=_("Number in the national register."))
    village = serializers.CharField()
    visited_on = serializers.DateField()
    contact = serializers.ChoiceField(choices=Contact.choices)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    visitors = VisitorSerializer(many=True)
    is_late = serializers.BooleanField()
    is_withdrawn = serializers.BooleanField(help_text=_("It did not take place."))
    received_at = serializers.DateTimeField()


class VisitPageSerializer(serializers.Serializer):
    """A page of visits and the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ListedVisitSerializer(many=True)


class VisitReceiptSerializer(serializers.Serializer):
    """What to keep: it proves that the visit is stored."""

    id = serializers.UUIDField()
    digest = serializers.CharField(help_text=_("SHA-256 of what was stored."))
    received_at = serializers.DateTimeField()
    is_late = serializers.BooleanField(help_text=_("Entered more days after the visit than the district allows."))


class KnownVisitSerializer(serializers.Serializer):
    """The stored visit of this id, which says something else."""

    detail = serializers.CharField()
    stored = VisitReceiptSerializer()


class CountingSerializer(serializers.Serializer):
    """Whether the visit counts for a duty, and if not, why."""

    round = serializers.CharField()
    seat = serializers.CharField()
    counts = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    done_on = serializers.DateField(allow_null=True, help_text=_("It was done already on this day."))


extend_schema_view(
    get=extend_schema(
        operation_id="visits_list",
        tags=TAGS,
        summary=_("List visits"),
        description=_(
            "The latest versions of the visits in reach, by day, 200 a page. A corrected visit comes with a new id, "
            "which names the one it replaces. Scope: read_visits."
        ),
        parameters=[
            in_query("first_day", "2026-10-01", _("First day; by default a month ago."), OpenApiTypes.DATE),
            in_query("last_day", "2026-10-15", _("Last day; by default today."), OpenApiTypes.DATE),
            in_query("place", TOWN, _("Code of a district, town or village.")),
        ],
        responses={200: VisitPageSerializer, 400: OpenApiResponse(OpenApiTypes.OBJECT, NOT_READ)},
    ),
    post=extend_schema(
        operation_id="visits_report",
        tags=TAGS,
        summary=_("Report a visit"),
        description=_(
            "Stores it once, however often it is sent, and credits the duties it satisfies. A program must name the "
            "visitors. Scope: write_visits."
        ),
        request=VisitSerializer,
        responses={
            201: OpenApiResponse(VisitReceiptSerializer, _("Stored.")),
            200: OpenApiResponse(VisitReceiptSerializer, _("It was stored already; the same receipt.")),
            400: OpenApiResponse(OpenApiTypes.OBJECT, NOT_READ),
            409: OpenApiResponse(KnownVisitSerializer, _("A visit with this id is stored with other content.")),
        },
        examples=[
            request("household", REPORT),
            request(
                "by_number",
                {
                    "id": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c50",
                    "household_number": NUMBER,
                    "visited_on": "2026-10-13",
                    "visitor_accounts": ["example12"],
                },
            ),
            request(
                "village",
                {
                    "id": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4e",
                    "village": VILLAGE,
                    "visited_on": "2026-10-14",
                    "visitors": [VISITORS[1]],
                },
            ),
        ],
    ),
)(VisitsView)

extend_schema_view(
    post=extend_schema(
        operation_id="visits_counts_for",
        tags=TAGS,
        summary=_("What a visit would count for"),
        description=_("Stores nothing. Scope: write_visits."),
        request=VisitSerializer,
        responses={200: CountingSerializer(many=True), 400: OpenApiResponse(OpenApiTypes.OBJECT, NOT_READ)},
        examples=[request("household", REPORT)],
    ),
)(CountsForView)
