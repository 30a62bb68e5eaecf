"""No identity number in an address: proxies, histories and logs keep addresses."""

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from households.numbers import IDENTITY_LENGTH, tidy
from households.search import IDENTITY

# Any run long enough, with what people put between the digits; taken apart and looked at properly below.
LONG_RUN = re.compile(r"[\dXx０-９][\dXx０-９\s\-–—.,·_]{16,40}")
BETWEEN = re.compile(r"[.,·_]")


class NoNumbersInAddresses:
    """Turns away a question that carries an identity number, before any page repeats it in its links."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The same page without the question, with a word about how to search; home when the page is the number."""
        is_the_page = _is_identity(request.path)
        if not is_the_page and not _has_identity(request.META.get("QUERY_STRING", "")):
            return self.get_response(request)
        messages.warning(
            request,
            _(
                "An identity number must not stand in an address, where it would be kept. "
                "Use the search on the home page, or the last four."
            ),
        )
        return HttpResponseRedirect("/" if is_the_page else request.path)


def _is_identity(path: str) -> bool:
    return any(len(part) >= IDENTITY_LENGTH and IDENTITY.fullmatch(tidy(part)) for part in path.split("/"))


def _has_identity(query: str) -> bool:
    runs = LONG_RUN.findall(unquote_plus(query)) if len(query) >= IDENTITY_LENGTH else []
    return any(IDENTITY.search(BETWEEN.sub("", tidy(run))) for run in runs)
