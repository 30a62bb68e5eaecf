"""The phone's own pages: a shell that opens without network, its script, its service worker, its manifest."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from casework import shell
from casework.models import Contact, Outcome
from casework.phone_words import phone_words
from households.models import GuaranteeKind, GuaranteeState

GREEN, PAPER = "#0b5a45", "#f6f4ee"


@login_not_required
@require_safe
@gzip_page
@ensure_csrf_cookie
@cache_control(no_cache=True)
def phone(request: HttpRequest) -> HttpResponse:
    """The shell. Nobody's data stands in it: the phone fetches that after the login and keeps it sealed."""
    context = {
        "version": shell.version(),
        "words": phone_words(),
        "styles": shell.STYLES,
        "code_reader": shell.CODE_READER,
        "contacts": Contact.choices,
        "outcomes": Outcome.choices,
        "guarantee_kinds": GuaranteeKind.choices,
        "guarantee_states": GuaranteeState.choices,
    }
    return render(request, "phone/shell.html", context)


@login_not_required
@require_safe
@gzip_page
def phone_script(request: HttpRequest, version: str) -> HttpResponse:
    """The shell's script. Its address names its version, so that it never changes."""
    if version != shell.version():
        raise Http404
    response = HttpResponse(shell.script(), content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    return response


@login_not_required
@require_safe
@gzip_page
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a service worker reaches no further up than its own address."""
    app = reverse("phone_script", args=[shell.version()])
    return HttpResponse(shell.worker(reverse("phone"), app), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone shows when the app is put on its home screen."""
    sizes = {"casework/icon-192.png": "192x192", "casework/icon-512.png": "512x512"}
    icons = [{"src": static(name), "sizes": size, "type": "image/png"} for name, size in sizes.items()]
    content = {
        "id": reverse("phone"),
        "name": _("Ganxian District village casework"),
        "short_name": _("Visits"),
        "start_url": reverse("phone"),
        "scope": "/",
        "display": "standalone",
        "theme_color": GREEN,
        "background_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")
