"""Give every request an id: taken from the proxy, told in the answer, written in each line of the log."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from villages.tracing import HEADER, KEY, belonging_to, request_id

BAD_REQUEST = 400
logger = logging.getLogger("casework.requests")


class RequestIdMiddleware:
    """The outermost: what the others write carries the id, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the id. One line says which page it was, not whose, of whom, or who asked."""
        found = request_id(request.headers.get(HEADER))
        with belonging_to(**{KEY: found}):
            began = time.monotonic()
            response = self.get_response(request)
            response.headers[HEADER] = found
            if response.status_code >= BAD_REQUEST:  # Django says so when the id is over already, unless it is said
                log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
            if logger.isEnabledFor(logging.INFO):
                page = request.resolver_match.view_name if request.resolver_match else "—"
                milliseconds = round((time.monotonic() - began) * 1000)
                logger.info("%s %s %s %d ms", request.method, page, response.status_code, milliseconds)
            return response
