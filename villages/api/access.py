"""How another program comes to the API: by its token, within its scopes, and not too often."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from villages.calendar import today
from villages.integrations import note_use
from villages.models import Cadre, Integration

if TYPE_CHECKING:  # the settings of the views name this module
    from rest_framework.views import APIView

KEYWORD = "Token"


class IntegrationAuthentication(TokenAuthentication):
    """`Authorization: Token …`. request.user is the integration's account, request.auth the integration."""

    def authenticate_header(self, request: Request) -> str:
        """Who sends no token at all is a person who has to sign in: 403, as everywhere; a wrong token is a 401."""
        return KEYWORD if "Authorization" in request.headers else ""

    def authenticate_credentials(self, token: bytes) -> tuple[Cadre, Integration]:
        """The integration behind the token. Raises AuthenticationFailed."""
        if not token.isascii():  # the library would stumble over it
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)

    def validate_user(self, auth_token: Any) -> tuple[Cadre, Integration]:
        """The integration decides; its account is closed on purpose, so that nobody signs in with it."""
        integration = Integration.objects.filter(account=auth_token.user_id).first()
        if integration is None or not integration.is_open(today()):
            raise AuthenticationFailed(_("This token is revoked, or its time is over."))
        note_use(integration, on=today())
        return auth_token.user, integration

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Nothing is deleted by looking; until when a token holds stands with the integration."""
        return False


class WithinScopes(BasePermission):
    """The one place that knows what a token may do: what the view names in `scopes` for the method, and no more."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """People are asked for nothing here: their posts decide."""
        if not isinstance(request.auth, Integration):
            return True
        method = "GET" if request.method == "HEAD" else request.method
        return getattr(view, "scopes", {}).get(method) in request.auth.scopes


class IntegrationThrottle(SimpleRateThrottle):
    """So many readings and so many writings a minute for each integration; people are not counted."""

    def __init__(self) -> None:
        # The rate depends on the request: see allow_request().
        pass

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this one may still come in."""
        is_reading = request.method in SAFE_METHODS
        self.scope = "reading" if is_reading else "writing"
        often = settings.INTEGRATION_READS_A_MINUTE if is_reading else settings.INTEGRATION_WRITES_A_MINUTE
        self.num_requests, self.duration = often, 60
        self.rate = f"{often}/min"
        return super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """One count an integration and kind."""
        if not isinstance(request.auth, Integration):
            return None
        return f"throttle-integration-{request.auth.pk}-{self.scope}"
