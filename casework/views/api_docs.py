"""The description of the API, to read: the schema shown by Swagger UI from our own server."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from casework.views.requests import CadreRequest


@require_safe
def api_docs(request: CadreRequest) -> HttpResponse:
    """The page; what it shows it reads from the schema's address."""
    return render(request, "api_docs.html", {"words": _labels()})


def _labels() -> dict[str, str]:
    """What Swagger UI says in English, and the names of the groups, in the language of the page."""
    return {
        "Parameters": pgettext("API", "Parameters"),
        "No parameters": pgettext("API", "No parameters"),
        "Name": pgettext("API", "Name"),
        "Request body": pgettext("API", "Request body"),
        "Responses": pgettext("API", "Responses"),
        "Code": pgettext("API", "Code"),
        "Description": pgettext("API", "Description"),
        "Links": pgettext("API", "Links"),
        "No links": pgettext("API", "No links"),
        "Media type": pgettext("API", "Media type"),
        "Examples:": pgettext("API", "Examples:"),
        "Example Value": _("Example"),
        "Example Description": pgettext("API", "About the example"),
        "Schema": pgettext("API", "Schema"),
        "bulletins": _("Bulletins"),
        "monitoring": _("Monitoring"),
        "phone": pgettext("API", "Cadres’ phones"),
        "problems": _("Problems"),
        "rounds": _("Rounds"),
        "visits": _("Visits"),
    }
